import { lockRunsOf } from "#lib/db/locks.ts";
import { type LoadedRun, loadRun } from "#lib/db/queries/loaded-run.ts";
import type { Mutation } from "./mutation.ts";

/**
 * Reads a run to decide on it, locked with all that share a grant with it, so that nobody else decides or takes one up
 * meanwhile. Null: there is none, or the actor does not see it.
 */
export async function openRun({ tx, scope }: Mutation, id: string): Promise<LoadedRun | null> {
  const seen = await loadRun(tx, scope, id);
  if (!seen) return null;
  await lockRunsOf(tx, seen.row.grantIds);
  return loadRun(tx, scope, id);
}
