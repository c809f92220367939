import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { Pool } from "pg";
import { createSessions } from "#lib/aws/sessions.ts";
import { createDatabase } from "#lib/db/client.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { envOrExit, workerEnv } from "#lib/env.ts";
import { createAnchors } from "./anchors.ts";
import { onCall } from "./clients.ts";
import { realTiming, type WorkerDeps } from "./deps.ts";
import { createLocks } from "./locks.ts";
import { createLogger } from "./logger.ts";
import { createRates } from "./rates.ts";
import { stepsAtATime } from "./run.ts";
import { startWorker } from "./worker.ts";

/** The worker process: it alone holds AWS credentials, and it listens on no port. */

/** Milliseconds: what is on its way may take so long; with the rest of the way out it stays below 10 s. */
const graceMs = 7_000;
/** A call to AWS is given up well before its run's lease ends. */
const callTimeoutMs = (leaseSeconds: number) => Math.min(15_000, leaseSeconds * 750);

const env = envOrExit(() => workerEnv());
const worker = `${hostname()}-${process.pid}-${randomBytes(2).toString("hex")}`;
const log = createLogger(env.LOG_LEVEL, worker);

const connections = env.WORKER_CONCURRENCY * 3 + 4;
const database = createDatabase(env.DATABASE_URL, { maxConnections: connections });
// One for each step that may be on its way, and a few for reading accounts.
const lockPool = new Pool({
  connectionString: env.DATABASE_URL,
  max: env.WORKER_CONCURRENCY * stepsAtATime + 2,
  connectionTimeoutMillis: 10_000,
});
lockPool.on("error", () => {});

const stopping = new AbortController();
const deps: WorkerDeps = {
  prisma: database.prisma,
  locks: createLocks(lockPool),
  sessions: createSessions({
    ...(env.AWS_ENDPOINT ? { endpoint: env.AWS_ENDPOINT } : {}),
    region: env.AWS_REGION,
    installation: env.INSTALLATION_ID,
    onCall,
    callTimeoutMs: callTimeoutMs(env.LEASE_SECONDS),
  }),
  rates: createRates(realTiming),
  installation: env.INSTALLATION_ID,
  compile: (grants, estate) => desiredResources(grants, estate),
  classificationTag: env.CLASSIFICATION_TAG,
  accessAnalyzer: env.DRAWBRIDGE_AWS === "aws",
  log,
  worker,
  leaseSeconds: env.LEASE_SECONDS,
  timing: realTiming,
  stopping: stopping.signal,
};

const running = await startWorker(
  deps,
  {
    concurrency: env.WORKER_CONCURRENCY,
    pool: database.pool,
    driftCheckMinutes: env.DRIFT_CHECK_MINUTES,
    anchors: createAnchors({ log, ...(env.AUDIT_ANCHOR_FILE ? { file: env.AUDIT_ANCHOR_FILE } : {}) }),
  },
  stopping,
);
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);

running.failed.catch((error: unknown) => {
  if (stopping.signal.aborted) return;
  log.fatal({ err: error }, "the queue broke down");
  process.exit(1);
});

let ending = false;
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.on(signal, async () => {
    if (ending) return;
    ending = true;
    log.info({ signal }, "signal received");
    await running
      .stop(graceMs)
      .catch((error: unknown) => log.error({ err: error }, "could not stop in order"));
    const closed = Promise.allSettled([database.close(), lockPool.end()]);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    process.exit(0);
  });
