import { audit } from "#lib/db/audit.ts";
import { readChain, sealHistory, verifyHistory } from "#lib/db/audit-chain.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import type { Tx } from "#lib/db/types.ts";
import type { Anchor, ChainLink } from "#lib/model/audit-chain.ts";
import { type ChainFault, describeFault } from "#lib/model/audit-fault.ts";
import { entryFor } from "./history-entries.ts";
import { seeded } from "./random.ts";
import { isShared, type Options, type Outcome, type Scenario } from "./scenario.ts";
import { type Change, type Place, tamperings } from "./tampering.ts";

/** Rows of history tampered with, one at a time, by somebody whom no trigger stops: each must be found. */

const rowsOf = { everyday: 50, full: 1_000 };
const longestHistory = 1_000;
/** Events between two heads that are written down. */
const anchoredEvery = 90;
/** Milliseconds between two events; the first was days ago, so that one without a seal is late. */
const apartMs = 4 * 60_000;
const beganMs = 4 * 24 * 3_600_000;

interface History {
  database: TestDatabase;
  links: ChainLink[];
  anchors: Anchor[];
}

/** Real events, sealed as the worker does it, with heads written down on the way. */
async function makeHistory(seed: number, length: number): Promise<History> {
  const database = await createTestDatabase();
  const { prisma } = database;
  const random = seeded(seed);
  const anchors: Anchor[] = [];
  const began = Date.now() - beganMs;
  for (let index = 0; index < length; index += 1) {
    const { entry, context } = entryFor(random);
    const at = new Date(began + index * apartMs);
    await audit(prisma, entry, { ...context, at });
    if ((index + 1) % anchoredEvery !== 0 && index + 1 < length) continue;
    const { head } = await sealHistory(prisma, { batch: 1 + random.below(50) });
    // As if days had gone by: the head was written down a minute after the last event.
    anchors.push({ ...head, at: new Date(at.getTime() + 60_000).toISOString() });
  }
  const links: ChainLink[] = [];
  for await (const some of readChain(prisma)(0)) links.push(...some);
  return { database, links, anchors };
}

/** What a superuser can do, whom `ENABLE ALWAYS` does not stop either. */
async function withoutTriggers({ prisma }: TestDatabase): Promise<void> {
  for (const table of ["AuditEvent", "AuditSeal"])
    await prisma.$executeRawUnsafe(`ALTER TABLE "${table}" DISABLE TRIGGER ALL`);
}

async function apply(tx: Tx, { remove, put, seals }: Change): Promise<void> {
  const gone = [...remove, ...put.map(({ id }) => id)];
  if (gone.length > 0) await tx.$executeRaw`DELETE FROM "AuditEvent" WHERE "id" = ANY (${gone}::bigint[])`;
  if (put.length > 0)
    await tx.$executeRaw`
      INSERT INTO "AuditEvent"
      SELECT * FROM jsonb_populate_recordset(NULL::"AuditEvent", ${JSON.stringify(put)}::jsonb)`;
  if (!seals) return;
  await tx.$executeRaw`DELETE FROM "AuditSeal" WHERE "position" >= ${seals.from}`;
  await tx.$executeRaw`
    INSERT INTO "AuditSeal"
    SELECT * FROM jsonb_populate_recordset(NULL::"AuditSeal", ${JSON.stringify(seals.rows)}::jsonb)`;
}

class Undone extends Error {
  override readonly name = "Undone";
  readonly fault: ChainFault | null;

  constructor(fault: ChainFault | null) {
    super("undone");
    this.fault = fault;
  }
}

/** What a check says of the change, which is taken back. */
async function faultAfter({ database }: History, change: Change, anchors: readonly Anchor[]) {
  try {
    await database.prisma.$transaction(
      async (tx) => {
        await apply(tx, change);
        throw new Undone((await verifyHistory(tx, anchors)).fault);
      },
      { maxWait: 30_000, timeout: 60_000 },
    );
  } catch (error) {
    if (error instanceof Undone) return error.fault;
    throw error;
  }
  throw new Error("a transaction that was to be undone was not");
}

/** All that can be done at one place. @returns what went unnoticed, or was taken for something else */
async function tamperAt(history: History, index: number, turn: number): Promise<string[]> {
  const place: Place = { history: history.links, index, turn };
  const wrong: string[] = [];
  for (const { what, plain, rewritten } of tamperings) {
    const { expected, ...change } = plain(place);
    // The chain itself shows all but a missing end.
    const anchors = expected.kind === "truncated" ? history.anchors : [];
    const fault = await faultAfter(history, change, anchors);
    if (Object.entries(expected).some(([key, value]) => fault?.[key as "kind"] !== value))
      wrong.push(`${what} at ${index + 1}: ${told(fault)}, and not ${JSON.stringify(expected)}`);
    const later = await faultAfter(history, rewritten(place), history.anchors);
    if (later?.kind !== "rewritten" && later?.kind !== "truncated")
      wrong.push(`${what} at ${index + 1}, every later seal made anew: ${told(later)}`);
  }
  return wrong;
}

function told(fault: ChainFault | null): string {
  return fault ? `${fault.kind}: ${describeFault(fault)}` : "went unnoticed";
}

async function play(options: Options): Promise<Outcome> {
  const rows = options.count ?? (options.full ? rowsOf.full : rowsOf.everyday);
  const length = Math.min(longestHistory, Math.max(20, rows * 20));
  const history = await makeHistory(options.seed, length);
  try {
    const { database, links, anchors } = history;
    const violations: string[] = [];
    const intact = async (when: string) => {
      const { fault } = await verifyHistory(database.prisma, anchors);
      if (fault) violations.push(`${when} nobody had touched it, and a check said ${told(fault)}`);
    };
    await intact("At first");
    await withoutTriggers(database);
    const all = Array.from({ length: links.length }, (_, index) => index);
    const chosen = seeded(options.seed).sample(all, Math.min(rows, links.length));
    // The first and the last are where an off-by-one would show.
    const places = [...new Set([0, links.length - 1, ...chosen])].slice(0, rows);
    let count = 0;
    for (const [turn, index] of places.entries()) {
      if (!isShared(options, turn)) continue;
      violations.push(...(await tamperAt(history, index, turn)));
      count += 2 * tamperings.length;
      if (count % 500 === 0) options.say(`${count} tamperings`);
    }
    await intact("In the end");
    return { count, violations, notes: [] };
  } finally {
    await history.database.drop();
  }
}

export const auditTampering: Scenario = {
  name: "audit",
  title: "Rows of history edited, deleted, swapped, forged and cut off, also with every later seal made anew",
  run: play,
};
