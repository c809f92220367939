import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function submitRequest(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ id: string; number: number; version: number; digest: string }>> {
  throw new Error("submit-request is being written");
}
