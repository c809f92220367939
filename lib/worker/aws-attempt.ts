import { type ClassifiedError, classify, retryable } from "#lib/aws/errors.ts";
import { explain, type Subject } from "#lib/aws/explain.ts";
import type { Failure } from "#lib/model/run.ts";
import { type RecordedCall, recording } from "./clients.ts";
import { Stopped, type WorkerDeps } from "./deps.ts";
import { RunRefused } from "./picture.ts";
import { StandingChanged } from "./standing.ts";

/** AWS, or a controller on its behalf, said no. Everything else that is thrown is ours or the database's. */
export class AwsFailure extends Error {
  override readonly name = "AwsFailure";
  readonly failure: ClassifiedError;
  /** What was asked about, where those who catch it can't know. */
  readonly about: Subject | undefined;

  constructor(cause: unknown, about?: Subject) {
    super(classify(cause).message, { cause });
    this.failure = classify(cause);
    this.about = about;
  }
}

/** Thrown by our own guards around a call, and not by AWS. */
const ours = [Stopped, RunRefused, StandingChanged];

/**
 * Calls AWS. What it throws is an `AwsFailure`, unless the lease, the lock, the process or the right to make the call
 * ended meanwhile: then it is the reason for that.
 *
 * @param about for the explanation, where the failure may end the run and not a step
 */
export async function inAws<T>(
  signal: AbortSignal,
  calls: RecordedCall[],
  work: () => Promise<T>,
  about?: Subject,
): Promise<T> {
  signal.throwIfAborted();
  try {
    return await recording(calls, work);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (ours.some((kind) => error instanceof kind)) throw error;
    throw new AwsFailure(error, about);
  }
}

/** The failure in plain words, with AWS's own beside them. */
export function failureOf({ failure }: AwsFailure, subject: Subject): Failure {
  return { ...explain(failure, subject), code: failure.code, message: failure.message };
}

/** Milliseconds: the first pause at most, and every pause at most. */
const firstPauseMs = 1_000;
const maxPauseMs = 20_000;
const minPauseMs = 100;

/** Full jitter: spreads those that were refused together. */
function pauseOf(round: number, random: () => number): number {
  return Math.max(minPauseMs, Math.floor(random() * Math.min(maxPauseMs, firstPauseMs * 2 ** round)));
}

/** All attempts together say more of what is not yet visible than the last one. */
function waited(error: AwsFailure, waitedMs: number): AwsFailure {
  if (error.failure.kind === "not-yet-visible") error.failure.waitedMs = waitedMs;
  return error;
}

/**
 * Tries again while AWS says that waiting may help, with growing, jittered pauses, until the deadline.
 *
 * @param between told of each failure that is tried again, with the pause in milliseconds
 * @throws AwsFailure the last one
 */
export async function retrying<T>(
  { timing, stopping }: Pick<WorkerDeps, "timing" | "stopping">,
  limits: { signal: AbortSignal; withinMs: number },
  attempt: () => Promise<T>,
  between: (failure: AwsFailure, pauseMs: number) => Promise<void> = async () => {},
): Promise<T> {
  const started = timing.now();
  for (let round = 0; ; round += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AwsFailure) || !retryable(error.failure.kind)) throw error;
      const pauseMs = pauseOf(round, timing.random);
      const waitedMs = timing.now() - started;
      if (waitedMs + pauseMs > limits.withinMs) throw waited(error, waitedMs);
      await between(error, pauseMs);
      if (stopping.aborted) throw new Stopped("The worker is stopping.");
      await timing.sleep(pauseMs, AbortSignal.any([limits.signal, stopping]));
    }
  }
}
