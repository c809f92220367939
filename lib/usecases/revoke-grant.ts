import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";

export async function revokeGrant(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ grantId: string; runId: string }>> {
  throw new Error("revoke-grant is being written");
}
