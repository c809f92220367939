import { Logger, type Runner, run as runQueue } from "graphile-worker";
import type { Pool } from "pg";
import { z } from "zod";
import { mapLimited } from "#lib/aws/limiter.ts";
import type { Jobs } from "#lib/db/jobs.ts";
import type { Anchors } from "./anchors.ts";
import { checkHistory, checkHistoryIfDue } from "./check-history.ts";
import { Stopped, type WorkerDeps } from "./deps.ts";
import { checkDrift, checkDriftOf, driftDue } from "./drift.ts";
import { expireGrants, retryRevocations } from "./expire.ts";
import { runsToTake, workersWithRuns } from "./lease.ts";
import { runPreflight } from "./preflight.ts";
import { executeRun } from "./run.ts";
import { sealer } from "./seal.ts";
import { accountsToSync, sync } from "./sync.ts";

export interface WorkerOptions {
  /** Runs at a time. */
  concurrency: number;
  /** For the queue. */
  pool: Pool;
  /** How often a live grant is compared with what is in AWS. */
  driftCheckMinutes: number;
  /** Where the head of history's chain is written down, outside the database. */
  anchors: Anchors;
  /**
   * Milliseconds between two looks for runs, for expired grants, for accounts to read, for grants to compare, for
   * events to seal and for whether history is due to be checked.
   */
  everyMs?: Partial<typeof intervals>;
}

export interface RunningWorker {
  /** Rejects when the queue breaks down: the process is of no more use then. */
  failed: Promise<void>;
  /** Resolves when no run is left here. Steps that began are finished, unless that takes longer than `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Milliseconds. */
const intervals = {
  ...{ runs: 2_000, expiry: 60_000, inventory: 15_000, drift: 15_000 },
  ...{ seal: 2_000, history: 600_000 },
};

/** Read side by side: rate limits are per account, so more only costs connections. */
const accountsAtATime = 2;
/** Each reads with a few calls at a time already. */
const workloadsAtATime = 2;

/** Seconds after which a preflight that nobody has done is done by whoever sees it. */
const preflightForgottenAfter = 20;

/**
 * Starts the worker. Jobs of the queue only wake it up, within milliseconds; what is to be done is decided by rows
 * and leases. So a job that is lost (the queue keeps a crashed worker's jobs locked for four hours) delays a run by
 * one look at the table.
 */
export async function startWorker(
  deps: WorkerDeps,
  options: WorkerOptions,
  abort: AbortController,
): Promise<RunningWorker> {
  const { log } = deps;
  const running = new Map<string, { work: Promise<void>; again: boolean }>();
  const every = { ...intervals, ...options.everyMs };

  const wake = (runId: string, again = false) => {
    if (deps.stopping.aborted || running.has(runId) || running.size >= options.concurrency) return;
    const work = executeRun(deps, runId)
      .then((end) => {
        // Whatever waited for a free place, or for a run with the same grants, need not wait for the next look.
        if (end === "ended") setImmediate(() => void lookForRuns());
      })
      .catch((error: unknown) => log.error({ err: error, runId }, "run could not be carried out"))
      .finally(() => running.delete(runId));
    running.set(runId, { work, again });
  };
  const placesAgain = () =>
    Math.max(1, Math.floor(options.concurrency / 2)) -
    [...running.values()].filter(({ again }) => again).length;

  const lookForRuns = once(deps, "look for runs", async () => {
    if (running.size < options.concurrency)
      // What may fail for ever takes its time each time: no more than half of the places are for that.
      for (const { id, again } of await runsToTake(deps, options.concurrency))
        if (!again || placesAgain() > 0) wake(id, again);
    deps.rates.sharedBy(await workersWithRuns(deps));
  });
  // Each by itself: what ends access waits for nothing that takes its time, or fails.
  const expire = once(deps, "expire grants", async () => {
    await expireGrants(deps);
    log.debug({ runs: running.size }, "alive");
  });
  const takeUpRevocations = once(deps, "take failed revocations up again", async () => {
    await retryRevocations(deps);
  });
  const takeUpPreflights = once(deps, "take forgotten preflights up", () => preflightForgotten(deps));
  const readInventory = once(deps, "read accounts", async () => {
    await mapLimited(await accountsToSync(deps), accountsAtATime, async (accountId) => {
      if (deps.stopping.aborted) return;
      // One account's trouble is not the others'.
      await sync(deps, accountId).catch((error: unknown) =>
        log.error({ err: error, accountId }, "could not read the account"),
      );
    });
  });

  const lookForDrift = once(deps, "look for drift", async () => {
    await mapLimited(await driftDue(deps, options.driftCheckMinutes), workloadsAtATime, async (workload) => {
      if (deps.stopping.aborted) return;
      await checkDrift(deps, workload).catch((error: unknown) => {
        if (!(error instanceof Stopped))
          log.error({ err: error, workload }, "could not compare the workload's access with AWS");
      });
    });
  });

  const seal = once(deps, "seal history", sealer(deps, options.anchors));
  const lookAtHistory = once(deps, "check history", () => checkHistoryIfDue(deps, options.anchors));

  const queue = await startQueue(deps, options, wake);
  const looks: [look: () => Promise<void>, everyMs: number][] = [
    [lookForRuns, every.runs],
    [expire, every.expiry],
    [takeUpRevocations, every.expiry],
    [takeUpPreflights, every.expiry],
    [readInventory, every.inventory],
    [lookForDrift, every.drift],
    [seal, every.seal],
    [lookAtHistory, every.history],
  ];
  const timers = looks.map(([look, everyMs]) => setInterval(look, everyMs));
  for (const [look] of looks) void look();

  return {
    failed: queue.promise,
    async stop(graceMs) {
      for (const timer of timers) clearInterval(timer);
      abort.abort(new Stopped("The worker is stopping."));
      log.info({ runs: running.size }, "stopping");
      // What is still on its way after that ends with the process; its lease runs out and another worker takes over.
      await within(
        graceMs,
        Promise.allSettled([queue.stop(), ...[...running.values()].map(({ work }) => work)]),
      );
    },
  };
}

/** A look that takes longer than the interval is not begun twice; what goes wrong in it is logged. */
function once(deps: WorkerDeps, what: string, work: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined;
  return () => {
    if (deps.stopping.aborted) return Promise.resolve();
    current ??= work()
      .catch((error: unknown) => {
        deps.log.error({ err: error }, `could not ${what}`);
      })
      .finally(() => {
        current = undefined;
      });
    return current;
  };
}

const payloads: { [N in keyof Jobs]: z.ZodType<Jobs[N]> } = {
  run: z.object({ runId: z.uuid() }),
  preflight: z.object({ requestId: z.uuid(), version: z.number().int() }),
  "sync-account": z.object({ accountId: z.string() }),
  "check-drift": z.object({ grantId: z.string(), after: z.literal("run").exactOptional() }),
  "check-history": z.strictObject({}),
};

function startQueue(
  deps: WorkerDeps,
  options: WorkerOptions,
  wake: (runId: string) => void,
): Promise<Runner> {
  return runQueue({
    pgPool: options.pool,
    concurrency: options.concurrency,
    noHandleSignals: true,
    pollInterval: 2_000,
    parsedCronItems: [],
    logger: quietLogger(deps),
    taskList: {
      run: async (payload) => wake(payloads.run.parse(payload).runId),
      preflight: async (payload) => {
        const { requestId, version } = payloads.preflight.parse(payload);
        await runPreflight(deps, requestId, version);
      },
      "sync-account": async (payload) => {
        await sync(deps, payloads["sync-account"].parse(payload).accountId);
      },
      "check-drift": async (payload) => {
        const { grantId, after } = payloads["check-drift"].parse(payload);
        await checkDriftOf(deps, grantId, after === undefined);
      },
      "check-history": async () => checkHistory(deps, options.anchors),
    },
  });
}

/** The queue's own lines, at a level below: what matters is said by the tasks. */
function quietLogger({ log }: WorkerDeps): Logger {
  const levels = { error: "error", warning: "warn", info: "debug", debug: "trace" } as const;
  return new Logger((scope) => (level, message, meta) => {
    const { error } = (meta ?? {}) as { error?: unknown };
    log[levels[level]]({ queue: scope.taskIdentifier, ...(error ? { err: error } : {}) }, message);
  });
}

/** Versions whose job was lost with its worker. */
async function preflightForgotten(deps: WorkerDeps): Promise<void> {
  const rows = await deps.prisma.$queryRaw<{ requestId: string; number: number }[]>`
    SELECT v."requestId", v."number" FROM "RequestVersion" v JOIN "Request" r ON r."id" = v."requestId"
    WHERE v."preflightState" = 'queued' AND v."number" = r."currentVersion" AND r."state" = 'in_review'
      AND v."createdAt" < clock_timestamp() - make_interval(secs => ${preflightForgottenAfter})
    LIMIT 20`;
  for (const { requestId, number } of rows)
    await runPreflight(deps, requestId, number).catch((error: unknown) => {
      // One that can't be done holds up no other.
      deps.log.error({ err: error, requestId, version: number }, "could not do a forgotten preflight");
    });
}

function within(ms: number, work: Promise<unknown>): Promise<unknown> {
  return Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms).unref())]);
}
