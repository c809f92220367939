import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { SigningDeps } from "./deps.ts";

export async function issueManifestUrl(
  _deps: SigningDeps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<{ token: string; expiresAt: string }>> {
  throw new Error("issue-manifest-url is being written");
}
