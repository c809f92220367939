import type { IAMClientConfig } from "@aws-sdk/client-iam";
import { classify } from "./errors.ts";

/** The SDK's own types of a retry strategy, without depending on its inner packages. */
export type SdkRetryStrategy = NonNullable<IAMClientConfig["retryStrategy"]>;

interface Token {
  getRetryCount(): number;
  getRetryDelay(): number;
}

/** Milliseconds: first delays and the cap of the exponential backoff. Throttling waits longer from the start. */
const transientBase = 100;
const throttlingBase = 500;
const maxDelay = 20_000;

function token(retryCount: number, delay: number): Token {
  return { getRetryCount: () => retryCount, getRetryDelay: () => delay };
}

/** Full jitter: spreads callers that were throttled together. */
function backoff(retryCount: number, base: number, random: () => number): number {
  return Math.floor(random() * Math.min(maxDelay, base * 2 ** (retryCount + 1)));
}

/**
 * The SDK has learned from the answer by how much this machine's clock is off, and signs with AWS's time from now on. The
 * answer itself reads like a missing permission (`SignatureDoesNotMatch`, `InvalidSignatureException`).
 */
function isClockCorrected(error: unknown): boolean {
  const { $metadata } = (error ?? {}) as { $metadata?: { clockSkewCorrected?: boolean } };
  return $metadata?.clockSkewCorrected === true;
}

/**
 * Retries throttling and transient failures with jittered exponential backoff, up to `maxAttempts` calls in all, and what
 * was signed with a wrong time.
 *
 * Why not the SDK's: it decides by name, and `LimitExceededException` is on its list of throttling codes
 * (@smithy/core service-error-classification/constants), though IAM means a quota by it, which no waiting mends.
 */
export function createRetryStrategy(
  maxAttempts: number,
  random: () => number = Math.random,
): SdkRetryStrategy {
  return {
    acquireInitialRetryToken: async () => token(0, 0),
    refreshRetryTokenForRetry: async (previous, info) => {
      const kind = info.error === undefined ? "unknown" : classify(info.error).kind;
      const count = previous.getRetryCount() + 1;
      const retries = kind === "throttled" || kind === "transient" || isClockCorrected(info.error);
      if (!retries || count >= maxAttempts) throw new Error("No retry: not transient, or out of attempts");
      const hint = info.retryAfterHint ? Math.min(info.retryAfterHint.getTime() - Date.now(), maxDelay) : 0;
      const base = kind === "throttled" ? throttlingBase : transientBase;
      return token(count, Math.max(hint, backoff(previous.getRetryCount(), base, random)));
    },
    recordSuccess: () => {},
  };
}
