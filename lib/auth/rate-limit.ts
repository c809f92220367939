import { headers } from "next/headers";
import type { Pool } from "pg";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { database } from "#lib/db/client.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";

/** What is limited: so many times in so many seconds, for each person and for each address. */
export const limits = {
  "sign-in": { points: 20, duration: 60 },
  submit: { points: 30, duration: 60 },
  preview: { points: 240, duration: 60 },
  search: { points: 240, duration: 60 },
  policy: { points: 400, duration: 60 },
  decide: { points: 60, duration: 60 },
  drift: { points: 20, duration: 60 },
  // Each reads all of history.
  history: { points: 5, duration: 60 },
  manifest: { points: 60, duration: 60 },
  report: { points: 60, duration: 60 },
} as const;

export type Limit = keyof typeof limits;

export type Limiter = (limit: Limit, keys: readonly string[]) => Promise<Outcome<null>>;

const tableName = "rate_limit";

/**
 * A limiter whose counts are shared by all replicas through Postgres, in a table that the migrations make; while the
 * database is away, each process counts for itself.
 */
export function createLimiter(pool: Pool): Limiter {
  const limiters = new Map<Limit, RateLimiterPostgres>();
  return async (limit, keys) => {
    const limiter = limiters.get(limit) ?? open(pool, limit);
    limiters.set(limit, limiter);
    try {
      await Promise.all(keys.map((key) => limiter.consume(key)));
      return accepted(null);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      return refused(
        refusal("rate-limit", "", "That was too often in a short time.", `Try again in ${seconds} s.`),
      );
    }
  };
}

function open(pool: Pool, limit: Limit): RateLimiterPostgres {
  const options = { keyPrefix: limit, ...limits[limit] };
  return new RateLimiterPostgres({
    ...{ ...options, storeClient: pool, storeType: "pool", tableName, tableCreated: true },
    insuranceLimiter: new RateLimiterMemory(options),
  });
}

const shared = globalThis as typeof globalThis & { drawbridgeLimiter?: Limiter };

/** Counts this request against the person, if there is one, and the address that it comes from. */
export async function limitRequest(limit: Limit, personId?: string): Promise<Outcome<null>> {
  shared.drawbridgeLimiter ??= createLimiter(database().pool);
  const address = clientAddress((await headers()).get("x-forwarded-for"));
  return shared.drawbridgeLimiter(limit, [...(personId ? [`person:${personId}`] : []), `address:${address}`]);
}

/** The last entry is the one that the nearest proxy wrote; those before it are the client's own claims. */
export function clientAddress(forwardedFor: string | null): string {
  return forwardedFor?.split(",").at(-1)?.trim().slice(0, 45) || "unknown";
}
