import { notify } from "#lib/db/notify.ts";
import type { Tx } from "#lib/db/types.ts";
import { type RunAuthorisation, type RunKind, runAuthorisationSchema } from "#lib/model/run.ts";
import { patience, type WorkerDeps } from "./deps.ts";

/** The run is no longer ours: another worker may be on it, so nothing more may be called or written. */
export class LostLease extends Error {
  override readonly name = "LostLease";
}

/** A run as its lease was taken. */
export interface LeasedRun {
  id: string;
  kind: RunKind;
  requestId: string | null;
  grantIds: string[];
  authorisation: RunAuthorisation;
  /** Grows with each lease taken. */
  fence: number;
  startedAt: Date;
  /** Who held it when it was left behind; null: it was queued or released. */
  takenOverFrom: string | null;
}

export interface Lease {
  run: LeasedRun;
  /** Aborted with a `LostLease` when the lease is lost. */
  signal: AbortSignal;
  /** Until it ends, unless it is renewed. */
  remainingMs(): number;
  /** Throws `LostLease` unless the lease certainly still stands. Costs nothing: asked before each call to AWS. */
  check(): void;
  /** A transaction that commits only while the run is still ours. `now` is its beginning by the database's clock. */
  fenced<T>(work: (tx: Tx, now: Date) => Promise<T>): Promise<T>;
  /** Gives the run back unfinished; it may be taken again after `delaySeconds`. */
  release(delaySeconds?: number): Promise<void>;
  /** Ends the renewing. The run's state says the rest. */
  stop(): void;
}

interface TakenRow {
  id: string;
  kind: RunKind;
  requestId: string | null;
  grantIds: string[];
  authorisation: unknown;
  fence: number;
  startedAt: Date;
  takenOverFrom: string | null;
}

/**
 * Takes the run if it is queued, or running with nobody who renews its lease. The database's clock decides. Two runs
 * that share a grant never run at the same time: a revocation would find "gone already" what the other is about to
 * make. What was given up since is no longer the run's: it would keep the others from their end.
 */
export async function takeLease(deps: WorkerDeps, runId: string): Promise<Lease | undefined> {
  const asked = momentOf(deps);
  const row = await deps.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('drawbridge:take', 0))`;
    const [taken] = await tx.$queryRaw<TakenRow[]>`
      WITH candidate AS (
        SELECT r."id", r."state", r."leaseOwner" FROM "Run" r
        WHERE r."id" = ${runId}::uuid
          AND (r."state" = 'queued'
            OR (r."state" = 'running' AND (r."leaseUntil" IS NULL OR r."leaseUntil" < clock_timestamp())))
          AND NOT EXISTS (
            SELECT 1 FROM "Run" o
            WHERE o."id" <> r."id" AND o."state" = 'running' AND o."grantIds" && r."grantIds")
        FOR UPDATE OF r SKIP LOCKED
      )
      UPDATE "Run" r SET
        "state" = 'running',
        "leaseOwner" = ${deps.worker},
        "leaseUntil" = clock_timestamp() + make_interval(secs => ${deps.leaseSeconds}),
        "fence" = r."fence" + 1,
        "startedAt" = CASE WHEN c."state" = 'queued' THEN clock_timestamp() ELSE coalesce(r."startedAt", clock_timestamp()) END,
        "finishedAt" = NULL,
        "error" = NULL
      FROM candidate c WHERE r."id" = c."id"
      RETURNING r."id", r."kind", r."requestId", r."authorisation", r."fence", r."startedAt",
        ARRAY(
          SELECT i FROM unnest(r."grantIds") WITH ORDINALITY AS one(i, nth)
          WHERE NOT EXISTS (SELECT FROM "Grant" g WHERE g."id" = i AND g."state" = 'given_up') ORDER BY nth
        ) AS "grantIds",
        CASE WHEN c."state" = 'running' THEN c."leaseOwner" END AS "takenOverFrom"`;
    if (taken) await notify(tx, { topic: "run", id: taken.id });
    return taken;
  }, patience);
  if (!row) return undefined;
  const run = { ...row, authorisation: runAuthorisationSchema.parse(row.authorisation) };
  return holdLease(deps, run, asked);
}

/** By two clocks: one that nobody sets, and one that goes on while the machine is suspended. */
interface Moment {
  monotonic: number;
  date: number;
}

function momentOf({ timing }: Pick<WorkerDeps, "timing">): Moment {
  return { monotonic: timing.now(), date: Date.now() };
}

function holdLease(deps: WorkerDeps, run: LeasedRun, asked: Moment): Lease {
  const { prisma, worker, leaseSeconds } = deps;
  const leaseMs = leaseSeconds * 1000;
  const lost = new AbortController();
  // Counted from before the question was sent, so that it ends here before it ends in the database.
  let since = asked;

  const lose = (why: string): LostLease => {
    const error = new LostLease(`The lease on run ${run.id} is lost: ${why}.`);
    if (!lost.signal.aborted) lost.abort(error);
    return error;
  };
  const remainingMs = () => {
    const now = momentOf(deps);
    return leaseMs - Math.max(now.monotonic - since.monotonic, now.date - since.date);
  };
  const check = () => {
    if (lost.signal.aborted) throw lost.signal.reason;
    if (remainingMs() <= 0) throw lose("it was not renewed in time");
  };
  const renew = async () => {
    const sent = momentOf(deps);
    try {
      const renewed = await prisma.$executeRaw`
        UPDATE "Run" SET "leaseUntil" = clock_timestamp() + make_interval(secs => ${leaseSeconds})
        WHERE "id" = ${run.id}::uuid AND "fence" = ${run.fence} AND "leaseOwner" = ${worker} AND "state" = 'running'`;
      if (renewed > 0) since = sent;
      else lose("another worker has it");
    } catch (error) {
      deps.log.warn({ err: error, runId: run.id }, "could not renew the lease");
      if (remainingMs() <= 0) lose("it could not be renewed");
    }
  };
  const timer = setInterval(() => void renew(), leaseMs / 3);
  const stop = () => clearInterval(timer);
  lost.signal.addEventListener("abort", stop);

  return {
    run,
    signal: lost.signal,
    remainingMs,
    check,
    stop,
    async fenced(work) {
      check();
      return prisma.$transaction(async (tx) => {
        const [held] = await tx.$queryRaw<{ now: Date }[]>`
          SELECT clock_timestamp() AS "now" FROM "Run"
          WHERE "id" = ${run.id}::uuid AND "fence" = ${run.fence} AND "leaseOwner" = ${worker} AND "state" = 'running'
          FOR SHARE`;
        if (!held) throw lose("another worker has it");
        return work(tx, held.now);
      }, patience);
    },
    async release(delaySeconds = 0) {
      stop();
      await prisma.$executeRaw`
        UPDATE "Run" SET "leaseOwner" = NULL,
          "leaseUntil" = clock_timestamp() + make_interval(secs => ${delaySeconds})
        WHERE "id" = ${run.id}::uuid AND "fence" = ${run.fence} AND "leaseOwner" = ${worker} AND "state" = 'running'`;
    },
  };
}

/** A run that waits for a worker. */
export interface WaitingRun {
  id: string;
  /** A revocation that failed before: it may fail for as long as an account can't be entered. */
  again: boolean;
}

/**
 * Runs that may be taken, oldest first; revocations that failed before come after all others. Of these the one comes first
 * that has waited longest since it was tried: by their age, a few that fail for minutes each time would be due again before
 * the last of them has had a turn.
 */
export async function runsToTake(deps: Pick<WorkerDeps, "prisma">, limit: number): Promise<WaitingRun[]> {
  return deps.prisma.$queryRaw<WaitingRun[]>`
    SELECT r."id", r."state" = 'queued' AND r."kind" = 'revoke' AND r."finishedAt" IS NOT NULL AS "again" FROM "Run" r
    WHERE (r."state" = 'queued'
        OR (r."state" = 'running' AND (r."leaseUntil" IS NULL OR r."leaseUntil" < clock_timestamp())))
      AND NOT EXISTS (
        SELECT 1 FROM "Run" o
        WHERE o."id" <> r."id" AND o."state" = 'running' AND o."grantIds" && r."grantIds")
    ORDER BY CASE WHEN r."state" = 'queued' THEN r."finishedAt" END NULLS FIRST, r."createdAt" LIMIT ${limit}`;
}

/** How many workers have a run at present, this one counted: they share what an account takes. */
export async function workersWithRuns({
  prisma,
  worker,
}: Pick<WorkerDeps, "prisma" | "worker">): Promise<number> {
  const [row] = await prisma.$queryRaw<{ count: number }[]>`
    SELECT count(DISTINCT "leaseOwner")::int AS "count" FROM "Run"
    WHERE "state" = 'running' AND "leaseUntil" > clock_timestamp() AND "leaseOwner" <> ${worker}`;
  return (row?.count ?? 0) + 1;
}
