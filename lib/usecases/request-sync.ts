import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function requestSync(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ accountId: string }>> {
  throw new Error("request-sync is being written");
}
