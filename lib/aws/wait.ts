import { type ClassifiedError, classify, type ErrorKind, NotVisibleError } from "./errors.ts";

export interface WaitOptions {
  /** Ends the waiting at once, e.g. because the lease was lost. */
  signal?: AbortSignal;
  /** Milliseconds on a clock that only goes forward. */
  now?: () => number;
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** How long something that is not yet visible is given, in milliseconds. Terraform's providers give 2 minutes. */
  deadlineMs?: number;
}

/**
 * Repeats an attempt while AWS answers that something we just made is not there yet. Polls, never sleeps blindly:
 * the first attempt is made at once, and the answer is taken as soon as it comes.
 */
export interface Wait {
  /**
   * Throws `NotVisibleError` after the deadline; an error of a kind other than those of `notYet` (by default
   * `not-yet-visible`) passes through at once.
   */
  untilVisible<T>(attempt: () => Promise<T>, notYet?: readonly ErrorKind[]): Promise<T>;
  /** A short pause between two rounds against something that others change. */
  pause(round: number): Promise<void>;
}

const firstDelayMs = 250;
const maxDelayMs = 5_000;

/** 0.25, 0.5, 1, 2, 4, 5, 5 … seconds: reports of IAM's delay reach from under a second to about 40. */
function delayOf(round: number): number {
  return Math.min(maxDelayMs, firstDelayMs * 2 ** round);
}

function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export function createWait(options: WaitOptions = {}): Wait {
  const now = options.now ?? (() => performance.now());
  const sleep = options.sleep ?? sleepFor;
  const deadlineMs = options.deadlineMs ?? 120_000;

  const pause = async (round: number, atMost = maxDelayMs) => {
    options.signal?.throwIfAborted();
    await sleep(Math.min(delayOf(round), atMost), options.signal);
  };

  return {
    pause,
    async untilVisible(attempt, notYet = ["not-yet-visible"]) {
      const started = now();
      for (let round = 0; ; round += 1) {
        options.signal?.throwIfAborted();
        let last: ClassifiedError;
        try {
          return await attempt();
        } catch (error) {
          last = classify(error);
          if (!notYet.includes(last.kind)) throw error;
        }
        const left = deadlineMs - (now() - started);
        if (left <= 0) {
          throw new NotVisibleError(
            `${last.code}: ${last.message} (still so after ${Math.round(deadlineMs / 1000)} s)`,
            deadlineMs,
          );
        }
        await pause(round, left);
      }
    },
  };
}
