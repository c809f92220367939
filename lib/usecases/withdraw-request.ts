import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function withdrawRequest(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ number: number }>> {
  throw new Error("withdraw-request is being written");
}
