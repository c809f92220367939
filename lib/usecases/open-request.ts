import { lockRequest } from "#lib/db/locks.ts";
import { type LoadedRequest, loadRequest } from "#lib/db/queries/loaded-request.ts";
import type { Mutation } from "./mutation.ts";

/**
 * Reads a request for a decision: it is locked first, so that what was read still holds when the decision is
 * written. Null when there is none or the actor does not see it.
 */
export async function openRequest(
  { tx, scope, at }: Mutation,
  number: number,
): Promise<LoadedRequest | null> {
  const found = await loadRequest(tx, scope, { number }, at);
  if (!found) return null;
  await lockRequest(tx, found.row.id);
  return loadRequest(tx, scope, { id: found.row.id }, at);
}
