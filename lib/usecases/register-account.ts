import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function registerAccount(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ id: string; externalId: string }>> {
  throw new Error("register-account is being written");
}
