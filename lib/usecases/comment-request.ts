import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function commentRequest(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ id: string }>> {
  throw new Error("comment-request is being written");
}
