import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { RequestState } from "#lib/model/states.ts";
import type { Deps } from "./deps.ts";

export async function reviewRequest(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ state: RequestState; runId: string | null }>> {
  throw new Error("review-request is being written");
}
