import { randomUUID } from "node:crypto";
import { audit } from "#lib/db/audit.ts";
import { type HistoryReport, sealHistory, verifyHistory } from "#lib/db/audit-chain.ts";
import { json } from "#lib/db/json.ts";
import { notify } from "#lib/db/notify.ts";
import { type ChainFault, describeFault, faultNextStep } from "#lib/model/audit-fault.ts";
import type { Anchors } from "./anchors.ts";
import { databaseNow, type WorkerDeps } from "./deps.ts";

type CheckDeps = Pick<WorkerDeps, "prisma" | "locks" | "log" | "timing">;

/** Milliseconds after which history is checked again by itself. */
const usualAgeMs = 24 * 3_600_000;

/** Checks history once a day, whichever worker sees it first. */
export async function checkHistoryIfDue(deps: CheckDeps, anchors: Anchors): Promise<void> {
  if (!(await isDue(deps))) return;
  await alone(deps, async () => {
    // Another worker may have made the check between the look and the lock.
    if (await isDue(deps)) await check(deps, anchors);
  });
}

/**
 * Checks the whole of history and writes down what was found: in the log, where nobody changes it afterwards, and in
 * the database, for the page. One worker at a time, since it reads everything.
 */
export async function checkHistory(deps: CheckDeps, anchors: Anchors): Promise<void> {
  await alone(deps, () => check(deps, anchors));
}

async function alone({ locks }: CheckDeps, work: () => Promise<void>): Promise<void> {
  await locks.ifFree("check history", work);
}

async function isDue({ prisma }: CheckDeps): Promise<boolean> {
  const last = await prisma.auditCheck.findFirst({ orderBy: { id: "desc" }, select: { at: true } });
  const now = await databaseNow(prisma);
  return !last || now.getTime() - last.at.getTime() >= usualAgeMs;
}

async function check(deps: CheckDeps, anchors: Anchors): Promise<void> {
  const started = deps.timing.now();
  // What is left over is sealed first, wherever it lies; what then has no seal has just been written.
  await sealHistory(deps.prisma, { everything: true });
  // Read before the chain: a head that is noted meanwhile may lie beyond what was read of it.
  const known = await anchors.read();
  const report = await verifyHistory(deps.prisma, known);
  await store(deps, report, Math.round(deps.timing.now() - started));
}

async function store({ prisma, log }: CheckDeps, report: HistoryReport, durationMs: number): Promise<void> {
  const { head, fault, anchors, unsealed, unsealedSince } = report;
  const said = fault && describeFault(fault);
  if (said) log.error({ fault, head, nextStep: faultNextStep }, said);
  else log.info({ head, anchors, durationMs }, "history is intact");
  await prisma.$transaction(async (tx) => {
    const last = await tx.auditCheck.findFirst({ orderBy: { id: "desc" } });
    await tx.auditCheck.create({
      data: {
        ...head,
        ...{ anchors, unsealed, unsealedSince, durationMs },
        ...(fault ? { fault: json(fault) } : {}),
      },
    });
    if (said && !same(last?.fault, fault))
      await audit(
        tx,
        { type: "history.broken", data: { fault: said } },
        { actor: null, accountIds: [], correlationId: randomUUID(), at: await databaseNow(tx) },
      );
    await notify(tx, { topic: "history", id: "chain" });
  });
}

/** A fault that was there the last time is not news. */
function same(stored: unknown, { kind }: ChainFault | { kind: null }): boolean {
  return (stored as { kind?: unknown } | null)?.kind === kind;
}
