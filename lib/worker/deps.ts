import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { AwsSessions } from "#lib/aws/sessions.ts";
import type { PrismaClient } from "#lib/db/types.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Locks } from "./locks.ts";
import type { Rates } from "./rates.ts";

/** Grants to all that must exist in AWS for them: the worker knows access patterns through this alone. */
export type Compile = (grants: readonly Grant[], estate: Estate) => CloudResource[];

/** Waiting and giving up. Tests pass their own. */
export interface Timing {
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  /** Rejects with the signal's reason when that comes first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to 1: the jitter of retries. */
  random(): number;
  /** How long a step is tried again before it counts as failed, in milliseconds. */
  stepDeadlineMs: number;
  /** How long one attempt waits for what was made a moment ago to be seen, in milliseconds. */
  visibleWithinMs: number;
  /**
   * After a write of ours a policy may be shown as it was before for so long, or a role by its id, in milliseconds. A
   * step waits it out, so it is well within `stepDeadlineMs`.
   */
  settledAfterMs: number;
  /** How long the read-back at the end waits for AWS to show what was written, in milliseconds. */
  verifyWithinMs: number;
}

export const realTiming: Timing = {
  now: () => performance.now(),
  random: Math.random,
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
  stepDeadlineMs: 5 * 60_000,
  visibleWithinMs: 30_000,
  settledAfterMs: 2 * 60_000,
  // Reports of IAM's delay reach from under a second to about 40; Terraform's provider waits 2 minutes.
  verifyWithinMs: 150_000,
};

/** What the worker works with. */
export interface WorkerDeps {
  prisma: PrismaClient;
  locks: Locks;
  sessions: AwsSessions;
  /** When AWS may be called, in this process. */
  rates: Rates;
  /** This installation's id. */
  installation: string;
  compile: Compile;
  /** The key of the tag by which the organisation marks what data a resource holds. */
  classificationTag: string;
  /** Whether there is an Access Analyzer to ask: the sandbox has none. */
  accessAnalyzer: boolean;
  log: Logger;
  /** This process's name: the owner of its leases. */
  worker: string;
  leaseSeconds: number;
  timing: Timing;
  /** Aborted when the process is to end: no step begins any more. */
  stopping: AbortSignal;
}

/** The process ends: what is left of the run is for another worker. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Several at a time are waiting for a connection, so more than Prisma's 2 and 5 seconds. */
export const patience = { maxWait: 10_000, timeout: 15_000 };

/** Postgres's clock: the machines of several workers need not agree. */
export async function databaseNow(db: Pick<PrismaClient, "$queryRaw">): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
  return row?.now ?? new Date();
}
