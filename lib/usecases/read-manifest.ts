import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { SigningDeps } from "./deps.ts";

/** All that the Kubernetes YAML of a grant is rendered from. */
export interface Manifest {
  grant: Grant;
  access: WorkloadAccess;
  /** For the verification Job's callback; null for a reader who may not report. */
  reportToken: string | null;
}

/** Without an actor: the signed token says which grant. For `kubectl apply -f <url>`. */
export async function readManifest(_deps: SigningDeps, _token: string): Promise<Outcome<Manifest>> {
  throw new Error("being written");
}

/** For the page, which shows the same YAML. */
export async function showManifest(
  _deps: SigningDeps,
  _actor: Actor,
  _grantId: string,
): Promise<Outcome<Manifest>> {
  throw new Error("being written");
}
