"use server";

import { revalidatePath } from "next/cache";
import { requireActor } from "#lib/auth/actor.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { ClusterRef } from "#lib/model/workload.ts";
import { registerCluster } from "#lib/usecases/register-cluster.ts";
import { setNamespaceOwner } from "#lib/usecases/set-namespace-owner.ts";
import { unregisterCluster } from "#lib/usecases/unregister-cluster.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

export async function registerClusterAction(input: unknown): Promise<Outcome<ClusterRef>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor("/admin/clusters");
  const outcome = await registerCluster(webDeps(), actor, input);
  if (outcome.ok) revalidatePath("/admin", "layout");
  return outcome;
}

export async function unregisterClusterAction(cluster: ClusterRef): Promise<Outcome<ClusterRef>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor("/admin/clusters");
  const outcome = await unregisterCluster(webDeps(), actor, cluster);
  if (outcome.ok) revalidatePath("/admin", "layout");
  return outcome;
}

/** `group: null` takes the owner off the namespace. */
export async function setNamespaceOwnerAction(
  cluster: ClusterRef,
  namespace: string,
  group: string | null,
): Promise<Outcome<{ namespace: string; group: string | null }>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor("/admin/clusters");
  const outcome = await setNamespaceOwner(webDeps(), actor, { cluster, namespace, group });
  if (outcome.ok) revalidatePath("/admin", "layout");
  return outcome;
}
