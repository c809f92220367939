import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { ClusterRef } from "#lib/model/workload.ts";
import type { Deps } from "./deps.ts";

export async function registerCluster(
  _deps: Deps,
  _actor: Actor,
  _input: unknown,
): Promise<Outcome<ClusterRef>> {
  throw new Error("register-cluster is being written");
}
