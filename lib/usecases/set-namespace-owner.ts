import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function setNamespaceOwner(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ namespace: string; group: string | null }>> {
  throw new Error("set-namespace-owner is being written");
}
