import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function retryRun(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ runId: string }>> {
  throw new Error("retry-run is being written");
}
