import type { Tx } from "./types.ts";

/** Task of the worker → its payload. Payloads name rows; what is to be done stands in the rows. */
export interface Jobs {
  preflight: { requestId: string; version: number };
  run: { runId: string };
  "sync-account": { accountId: string };
  "check-drift": { grantId: string };
  "check-history": Record<string, never>;
}

/**
 * Queues work in the transaction that makes it necessary: it exists if, and only if, that commits.
 *
 * @param options.key jobs with the same key are one: a second replaces the first while it waits
 */
export async function addJob<N extends keyof Jobs>(
  tx: Pick<Tx, "$executeRaw">,
  name: N,
  payload: Jobs[N],
  options: { key: string },
): Promise<void> {
  const json = JSON.stringify(payload);
  await tx.$executeRaw`SELECT graphile_worker.add_job(${name}::text, ${json}::json, job_key => ${options.key}::text)`;
}
