import type { Tx } from "./types.ts";

/** Task of the worker → its payload. Payloads name rows; what is to be done stands in the rows. */
export interface Jobs {
  preflight: { requestId: string; version: number };
  run: { runId: string };
  "sync-account": { accountId: string };
  /** `after`: it follows something of ours, and nobody has asked for it. */
  "check-drift": { grantId: string; after?: "run" };
  "check-history": Record<string, never>;
}

/**
 * Queues work in the transaction that makes it necessary: it exists if, and only if, that commits.
 *
 * @param options.key jobs with the same key are one: a second replaces the first while it waits
 * @param options.inMs it is for later
 */
export async function addJob<N extends keyof Jobs>(
  tx: Pick<Tx, "$executeRaw">,
  name: N,
  payload: Jobs[N],
  { key, inMs = 0 }: { key: string; inMs?: number },
): Promise<void> {
  const json = JSON.stringify(payload);
  await tx.$executeRaw`
    SELECT graphile_worker.add_job(${name}::text, ${json}::json, job_key => ${key}::text,
      run_at => now() + make_interval(secs => ${inMs}::float8 / 1000))`;
}
