import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { audit } from "#lib/db/audit.ts";
import { addJob } from "#lib/db/jobs.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { createAnchors, readAnchors } from "./anchors.ts";
import { checkHistory, checkHistoryIfDue } from "./check-history.ts";
import { realTiming } from "./deps.ts";
import { createLocks } from "./locks.ts";
import { sealer } from "./seal.ts";
import { createWorld } from "./testing.ts";
import { startWorker } from "./worker.ts";

let database: TestDatabase;
let pool: Pool;
let folder: string;
let file: string;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 4 });
  folder = await mkdtemp(join(tmpdir(), "drawbridge-anchors-"));
  file = join(folder, "anchors.jsonl");
});
afterEach(async () => {
  await pool.end();
  await database.drop();
  await rm(folder, { recursive: true });
});

async function write(count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1)
    await audit(
      database.prisma,
      { type: "request.commented", data: { number } },
      { actor: null, accountIds: [], correlationId: "c", at: new Date() },
    );
}

/** A worker's part of it, with the lines that it logs. */
function worker() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const deps = {
    ...{ prisma: database.prisma, locks: createLocks(pool), log, timing: realTiming },
    stopping: new AbortController().signal,
  };
  const anchors = createAnchors({ log, file, everyMs: 0 });
  return { deps, anchors, lines, seal: sealer(deps, anchors) };
}

const checks = () => database.prisma.auditCheck.findMany({ orderBy: { id: "asc" } });
const broken = () => database.prisma.auditEvent.findMany({ where: { type: "history.broken" } });

async function pastTheTriggers(sql: string): Promise<void> {
  for (const table of ["AuditEvent", "AuditSeal"])
    await pool.query(`ALTER TABLE "${table}" DISABLE TRIGGER ALL`);
  await pool.query(sql);
  for (const table of ["AuditEvent", "AuditSeal"])
    await pool.query(`ALTER TABLE "${table}" ENABLE ALWAYS TRIGGER "${table}_append_only"`);
}

describe("the head of the chain", () => {
  it("is written to the file and the log when it has moved, by every worker for itself", async () => {
    const [one, two] = [worker(), worker()];
    await one.seal();
    expect(await readAnchors(file)).toEqual([]);
    await write(3);
    await one.seal();
    await one.seal();
    await two.seal();
    const [first, second] = await readAnchors(file);
    expect(first).toEqual({
      position: 3,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      at: expect.any(String),
    });
    expect(second).toMatchObject({ position: 3, hash: first?.hash });
    expect(one.lines).toMatchObject([{ msg: "history sealed", anchor: first }]);
    expect(await readAnchors(file)).toHaveLength(2);
  });

  it("is not written anew for each event while history grows fast", async () => {
    const { deps } = worker();
    const seal = sealer(deps, createAnchors({ log: deps.log, file }));
    for (let look = 0; look < 3; look += 1) {
      await write(1);
      await seal();
    }
    expect(await readAnchors(file)).toHaveLength(1);
  });

  it("is read back although a crash cut a line short", async () => {
    const { seal } = worker();
    await write(1);
    await seal();
    const whole = await readFile(file, "utf8");
    await appendFile(file, whole.slice(0, 20));
    expect(await readAnchors(file)).toHaveLength(1);
    await writeFile(file, `not JSON\n{"position":0}\n${whole}`);
    expect(await readAnchors(file)).toHaveLength(1);
  });
});

describe("a check of history", () => {
  it("seals what is left and says that all of it is intact", async () => {
    const { deps, anchors, seal, lines } = worker();
    await write(2);
    await seal();
    await write(1);
    await checkHistory(deps, anchors);
    expect(await checks()).toMatchObject([
      { position: 3n, anchors: 1, unsealed: 0, unsealedSince: null, fault: null },
    ]);
    expect(lines.at(-1)).toMatchObject({ msg: "history is intact", head: { position: 3 }, anchors: 1 });
  });

  it("is made once a day, by one of any number of workers", async () => {
    await write(1);
    const { deps, anchors } = worker();
    await Promise.all([checkHistoryIfDue(deps, anchors), checkHistoryIfDue(deps, anchors)]);
    await checkHistoryIfDue(deps, anchors);
    const made = (await checks()).length;
    expect(made).toBe(1);
    await pool.query(`
      INSERT INTO "AuditCheck" ("at", "position", "hash", "anchors", "unsealed", "durationMs")
      VALUES (now() - interval '25 hours', 1, 'x', 0, 0, 0)`);
    await checkHistoryIfDue(deps, anchors);
    expect(await checks()).toHaveLength(made + 2);
  });

  it("is not made again by a worker that saw it due before another had made it", async () => {
    await write(1);
    const { deps, anchors } = worker();
    const ifFree: typeof deps.locks.ifFree = async (resource, work) => {
      await checkHistoryIfDue(deps, anchors);
      return deps.locks.ifFree(resource, work);
    };
    await checkHistoryIfDue({ ...deps, locks: { ...deps.locks, ifFree } }, anchors);
    expect(await checks()).toHaveLength(1);
  });

  it("puts what it finds into the log, the database and history, the last once", async () => {
    const { deps, anchors, seal, lines } = worker();
    await write(3);
    await seal();
    await pastTheTriggers(`UPDATE "AuditEvent" SET "actorName" = 'Mallory' WHERE "id" = 2`);
    await checkHistory(deps, anchors);
    await checkHistory(deps, anchors);
    const fault = { kind: "event-changed", position: 2, eventId: "2" };
    expect(await checks()).toMatchObject([{ position: 1n, fault }, { fault }]);
    expect(lines.at(-1)).toMatchObject({
      level: 50,
      msg: "Event 2 was changed after it had been sealed at position 2.",
      nextStep: expect.any(String),
    });
    expect(await broken()).toHaveLength(1);
  });

  it("notices by the file that the end was cut off, also when the chain has gone on since", async () => {
    const { deps, anchors, seal } = worker();
    await write(5);
    await seal();
    const cut = `DELETE FROM "AuditEvent" WHERE "id" > 3; DELETE FROM "AuditSeal" WHERE "position" > 3`;
    await pastTheTriggers(cut);
    await checkHistory(deps, anchors);
    await write(6);
    await checkHistory(deps, anchors);
    // The first check wrote to history that it is broken, so that the chain went on at once.
    expect((await checks()).map(({ fault }) => fault)).toMatchObject([
      { kind: "truncated", position: 3, anchored: 5 },
      { kind: "rewritten", after: 0, position: 5 },
    ]);
  });

  it("is made by a worker when it starts, and again when somebody asks", async () => {
    // None of its accounts answers, which is nothing to history.
    const world = await createWorld({ url: "http://127.0.0.1:9" });
    const abort = new AbortController();
    const deps = { ...world.worker("w"), stopping: abort.signal };
    const anchors = createAnchors({ log: deps.log, file });
    await audit(
      world.prisma,
      { type: "person.signed-out", data: {} },
      { actor: null, accountIds: [], correlationId: "c", at: new Date() },
    );
    const { pool: own } = world.db;
    const options = { concurrency: 1, pool: own, driftCheckMinutes: 60, anchors, everyMs: { seal: 50 } };
    const running = await startWorker(deps, options, abort);
    try {
      await expect.poll(() => world.prisma.auditCheck.count()).toBe(1);
      await world.prisma.$transaction((tx) => addJob(tx, "check-history", {}, { key: "check-history" }));
      await expect.poll(() => world.prisma.auditCheck.count()).toBe(2);
      await expect.poll(() => readAnchors(file)).toHaveLength(1);
    } finally {
      await running.stop(5_000);
      await world.close();
    }
  });
});
