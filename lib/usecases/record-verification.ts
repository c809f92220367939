import type { Outcome } from "#lib/model/refusal.ts";
import type { SigningDeps } from "./deps.ts";

/** No actor: the token of the manifest names the grant. */
export async function recordVerification(
  _deps: SigningDeps,
  _token: string,
  _input: unknown,
): Promise<Outcome<{ id: string; ok: boolean }>> {
  throw new Error("being written");
}
