import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function reviseRequest(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ number: number; version: number; digest: string }>> {
  throw new Error("revise-request is being written");
}
