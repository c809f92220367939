import { randomUUID } from "node:crypto";
import { workloadColumns, workloadOf } from "#lib/db/estate.ts";
import { addJob } from "#lib/db/jobs.ts";
import { notify } from "#lib/db/notify.ts";
import type { Prisma, Tx } from "#lib/db/types.ts";
import type { GrantId } from "#lib/model/grant.ts";
import { type Workload, workloadKey } from "#lib/model/workload.ts";
import { databaseNow, patience, type WorkerDeps } from "./deps.ts";
import { lookForDrift } from "./drift-look.ts";
import { type FoundDrift, lookAgain, recordDrift } from "./drift-record.ts";
import type { RunHistory } from "./history.ts";
import { putSnapshots } from "./snapshot.ts";
import { changedLately } from "./written-lately.ts";

/** Milliseconds until who asks while another look is on its way gets one of their own. */
const askAgainMs = 1_000;

/** Workloads that one look at the clock takes on. */
const workloadsAtOnce = 20;

/**
 * Workloads whose live grants are to be compared with AWS now, the longest unseen first. They fall due between four
 * fifths of the interval and the whole of it, each at a point of its own, so that those made together drift apart.
 */
export async function driftDue(deps: Pick<WorkerDeps, "prisma">, everyMinutes: number): Promise<Workload[]> {
  const rows = await deps.prisma.$queryRaw<ReturnType<typeof workloadColumns>[]>`
    SELECT "clusterAccountId", "clusterRegion", "clusterName", "namespace", "serviceAccount"
    FROM "Grant" g
    WHERE "state" = 'active' AND "wanted" AND NOT EXISTS (
      SELECT 1 FROM "Run" c WHERE c."id" = g."changeRunId" AND c."state" IN ('queued', 'running'))
    GROUP BY 1, 2, 3, 4, 5
    HAVING bool_or("driftCheckedAt" IS NULL)
      OR min("driftCheckedAt") < clock_timestamp() - make_interval(mins => ${everyMinutes}) * (0.8 + 0.2 *
        (hashtext("clusterName" || '/' || "namespace" || '/' || "serviceAccount") & 1023) / 1024.0)
    ORDER BY min("driftCheckedAt") NULLS FIRST
    LIMIT ${workloadsAtOnce}`;
  return rows.map(workloadOf);
}

/**
 * The grant's workload, wherever it stands in the schedule. Another look that is on its way, which began before somebody
 * asked and tells nobody, is no answer: who asks gets a look of their own after it.
 *
 * @param asked somebody waits for the answer
 */
export async function checkDriftOf(deps: WorkerDeps, grantId: GrantId, asked = true): Promise<void> {
  const grant = await deps.prisma.grant.findUnique({ where: { id: grantId } });
  if (!grant) return;
  const end = await checkDrift(deps, workloadOf(grant), asked ? { tell: grantId } : {});
  if (asked && end === "elsewhere")
    await addJob(
      deps.prisma,
      "check-drift",
      { grantId },
      { key: `check-drift:${grantId}`, inMs: askAgainMs },
    );
}

/**
 * What a drift check is about: live grants that no run is leading to another form. One whose change has failed has no
 * such run until somebody retries it or rolls it back, which may be never.
 */
const settled = {
  state: "active",
  wanted: true,
  NOT: { changeRun: { state: { in: ["queued", "running"] } } },
} satisfies Prisma.GrantWhereInput;

/**
 * Compares the workload's live grants with what is in AWS, and stores what is found. Reads only. One worker at a time;
 * a second one leaves at once. While a run is at work on the workload nothing can be said, so nothing is.
 *
 * @param options.tell whoever has asked on this grant's page is told, also when nothing has changed
 */
export async function checkDrift(
  deps: WorkerDeps,
  workload: Workload,
  options: { tell?: GrantId } = {},
): Promise<"checked" | "busy" | "elsewhere"> {
  let end: "checked" | "busy" = "checked";
  const free = await deps.locks.ifFree(`drawbridge:drift:${workloadKey(workload)}`, async () => {
    const began = await databaseNow(deps.prisma);
    const where = { ...workloadColumns(workload), ...settled };
    const rows = await deps.prisma.grant.findMany({ where, orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
    if (rows.length === 0) return;
    if (await isBusy(deps.prisma, workload, began)) {
      end = "busy";
      return;
    }
    const found = await lookForDrift(deps, workload, rows);
    for (const row of rows) {
      const stored = await store(deps, row, found.get(row.id), began, options.tell === row.id);
      if (!stored) end = "busy";
    }
    const drifted = rows.filter(({ id }) => (found.get(id)?.findings.length ?? 0) > 0).map(({ id }) => id);
    deps.log.info({ workload: workloadKey(workload), grants: rows.length, drifted, end }, "drift checked");
  });
  return free ? end : "elsewhere";
}

/**
 * A run changes what is there, from when it is queued; what was read before it ended says nothing any more. A revocation
 * that failed and is tried again has begun long ago: it may wait for its turn for hours, and be looked past as when it rests.
 */
async function isBusy(db: Pick<Tx, "$queryRaw">, workload: Workload, since: Date): Promise<boolean> {
  const own = workloadColumns(workload);
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM "Run" r
    WHERE (r."state" = 'running' OR r."finishedAt" >= ${since}
        OR (r."state" = 'queued' AND (r."kind" <> 'revoke' OR r."finishedAt" IS NULL)))
      AND r."grantIds" && ARRAY(
        SELECT g."id" FROM "Grant" g
        WHERE g."clusterAccountId" = ${own.clusterAccountId} AND g."clusterRegion" = ${own.clusterRegion}
          AND g."clusterName" = ${own.clusterName} AND g."namespace" = ${own.namespace}
          AND g."serviceAccount" = ${own.serviceAccount})
    LIMIT 1`;
  return rows.length > 0;
}

type GrantRow = Prisma.GrantGetPayload<object>;

/**
 * With the row held, so that a revocation, a repair or a change comes either before or after: a change that is approved
 * or rolled back puts the grant on another request, and one that is retried is a run at work.
 */
async function store(
  deps: WorkerDeps,
  row: GrantRow,
  found: FoundDrift | undefined,
  began: Date,
  tell: boolean,
): Promise<boolean> {
  if (!found) return false;
  return deps.prisma.$transaction(async (tx) => {
    const [held] = await tx.$queryRaw<{ drift: unknown }[]>`
      SELECT "drift" FROM "Grant"
      WHERE "id" = ${row.id} AND "state" = 'active' AND "wanted" AND "requestId" = ${row.requestId}::uuid
      FOR UPDATE`;
    if (!held || (await isBusy(tx, workloadOf(row), began))) return false;
    // Who asks wants to know what is seen now.
    if (!tell && (await mayBeLate(tx, deps, row, found))) return false;
    const history: RunHistory = {
      runId: null,
      requestId: row.requestId,
      accountIds: [row.clusterAccountId, row.targetAccountId],
      correlationId: `drift-${randomUUID()}`,
    };
    // Pages show what was read last, and say when.
    await putSnapshots(tx, found.seen ?? [], began);
    const context = { tx, history, at: began, repaired: false };
    const changed = await recordDrift(context, { ...row, drift: held.drift }, found);
    if (tell && !changed) await notify(tx, { topic: "grant", id: row.id });
    return true;
  }, patience);
}

/**
 * AWS shows a change late (decision 0024). What differs of something that a step of ours has changed a moment ago may be
 * what was there before it: nothing is said of it, and it is looked at again when that can't be any more.
 */
async function mayBeLate(
  tx: Tx,
  deps: Pick<WorkerDeps, "timing">,
  { id }: Pick<GrantRow, "id">,
  { steps }: Pick<FoundDrift, "steps">,
): Promise<boolean> {
  const keys = steps.map(({ key }) => key);
  if (keys.length === 0 || !(await changedLately(tx, deps, keys))) return false;
  await lookAgain(tx, id, deps.timing.settledAfterMs);
  return true;
}
