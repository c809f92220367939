import type { Timing } from "./deps.ts";

/** What the workers that have runs allow themselves in one account. */
export interface Limit {
  /** Calls a second, in the long run. */
  perSecond: number;
  /** Calls at once, after a quiet time; of each worker for itself. */
  burst: number;
}

/**
 * The SDK's service id → limit. AWS publishes no request rates for IAM and EKS; both keep a token bucket an account,
 * which the account's other tools draw on too. So these are ours: a run's few dozen calls pass without waiting, and a
 * flood of runs leaves room for others. STS allows 600 calls a second in an account and Region, charged to the caller;
 * S3 and SQS answer policy calls slower than data calls. KMS allows 2,000 DescribeKey and 1,000 GetKeyPolicy calls a
 * second in an account and Region. Access Analyzer's rates are not published either.
 *
 * Sources: IAM User Guide, "IAM and AWS STS quotas" (STS request quotas); Service Quotas has none for IAM's rates;
 * KMS Developer Guide, "Request quotas".
 */
export const awsLimits: Record<string, Limit> = {
  IAM: { perSecond: 20, burst: 100 },
  EKS: { perSecond: 10, burst: 50 },
  STS: { perSecond: 100, burst: 200 },
  S3: { perSecond: 50, burst: 200 },
  SQS: { perSecond: 50, burst: 200 },
  KMS: { perSecond: 50, burst: 200 },
  AccessAnalyzer: { perSecond: 5, burst: 20 },
};

/** For a service without a row. */
const otherwise: Limit = { perSecond: 10, burst: 50 };

/** Throttled, a bucket goes on at half its rate, and at this share of the full rate at least. */
const slowest = 1 / 32;
/** Refusals within so many milliseconds are one: they answer calls that were on their way together. */
const oneThrottlingMs = 1_000;
/** Share of the full rate that comes back each second. */
const recovery = 1 / 20;

/** Who may call AWS when. */
export interface Rates {
  /** Resolves when the call may be made. Those who wait for the same bucket take turns, whoever asks how often. */
  take(accountId: string, service: string, sharer: string): Promise<void>;
  /** AWS refused a call because there are too many. */
  throttled(accountId: string, service: string): void;
  /** So many workers have runs at present, this one counted: in the long run each takes its part of the limits. */
  sharedBy(workers: number): void;
}

/** One token bucket an account and service, of this process's part. */
export function createRates(
  timing: Pick<Timing, "now" | "sleep">,
  table: Readonly<Record<string, Limit>> = awsLimits,
): Rates {
  const buckets = new Map<string, Bucket>();
  let workers = 1;
  const bucketOf = (accountId: string, service: string): Bucket => {
    const key = `${accountId} ${service}`;
    const bucket = buckets.get(key) ?? new Bucket(timing, table[service] ?? otherwise, () => workers);
    buckets.set(key, bucket);
    return bucket;
  };
  return {
    take: (accountId, service, sharer) => bucketOf(accountId, service).take(sharer),
    throttled: (accountId, service) => bucketOf(accountId, service).slowDown(),
    sharedBy: (count) => {
      workers = Math.max(1, count);
    },
  };
}

class Bucket {
  readonly #timing: Pick<Timing, "now" | "sleep">;
  readonly #limit: Limit;
  readonly #workers: () => number;
  #tokens: number;
  #filledAt: number;
  /** Of the full rate. */
  #share = 1;
  #slowedAt = Number.NEGATIVE_INFINITY;
  /** By sharer, whose turn is next first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #pumping = false;

  constructor(timing: Pick<Timing, "now" | "sleep">, limit: Limit, workers: () => number) {
    this.#timing = timing;
    this.#limit = limit;
    this.#workers = workers;
    this.#tokens = limit.burst;
    this.#filledAt = timing.now();
  }

  take(sharer: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(sharer, [...(this.#waiting.get(sharer) ?? []), resolve]);
      void this.#pump();
    });
  }

  slowDown(): void {
    this.#fill();
    const now = this.#timing.now();
    if (now - this.#slowedAt < oneThrottlingMs) return;
    this.#slowedAt = now;
    this.#share = Math.max(slowest, this.#share / 2);
    this.#tokens = 0;
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#waiting.size > 0) {
      this.#fill();
      if (this.#tokens >= 1) {
        this.#tokens -= 1;
        this.#next()?.();
      } else {
        const seconds = (1 - this.#tokens) / this.#perSecond();
        await this.#timing.sleep(Math.max(1, seconds * 1_000));
      }
    }
    this.#pumping = false;
  }

  /** One sharer's turn is over, and the next one's comes. */
  #next(): (() => void) | undefined {
    const [turn] = this.#waiting;
    if (!turn) return undefined;
    const [sharer, [first, ...rest]] = turn;
    this.#waiting.delete(sharer);
    if (rest.length > 0) this.#waiting.set(sharer, rest);
    return first;
  }

  #fill(): void {
    const now = this.#timing.now();
    const seconds = (now - this.#filledAt) / 1_000;
    this.#filledAt = now;
    this.#share = Math.min(1, this.#share + seconds * recovery);
    const most = Math.max(1, this.#limit.burst * this.#share);
    this.#tokens = Math.min(most, this.#tokens + seconds * this.#perSecond());
  }

  #perSecond(): number {
    return (this.#limit.perSecond * this.#share) / this.#workers();
  }
}
