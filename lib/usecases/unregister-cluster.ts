import { workloadColumns } from "#lib/db/estate.ts";
import { lockAccount, lockCluster } from "#lib/db/locks.ts";
import { notify } from "#lib/db/notify.ts";
import { adminsOnly, notFound } from "#lib/db/refusals.ts";
import type { Tx } from "#lib/db/types.ts";
import { type Actor, isAdmin } from "#lib/model/person.ts";
import { accepted, type Outcome, type Refusal, refusal, refused } from "#lib/model/refusal.ts";
import { overStates } from "#lib/model/states.ts";
import { type ClusterRef, clusterKey, clusterRefSchema } from "#lib/model/workload.ts";
import type { Deps } from "./deps.ts";
import { usesInWords, waysOutOfUse } from "./in-use.ts";
import { mutate } from "./mutation.ts";

export const unregisterClusterSchema = clusterRefSchema;

/**
 * An admin takes a cluster off the list, with the owners of its namespaces: one that was deleted in AWS, say. Without it
 * nothing of its access can be compiled any more, so there must be none that is not over.
 */
export function unregisterCluster(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<ClusterRef>> {
  return mutate(deps, actor, { schema: unregisterClusterSchema, input }, async (mutation, cluster) => {
    const { tx, me, record } = mutation;
    if (!isAdmin(me)) return refused(adminsOnly);
    await lockAccount(tx, cluster.accountId);
    // Nobody approves anything on it meanwhile.
    await lockCluster(tx, cluster);
    const where = { accountId_region_name: cluster };
    if (!(await tx.cluster.findUnique({ where }))) return refused(notFound("cluster"));
    const inUse = await refusalOfUse(tx, cluster);
    if (inUse) return refused(inUse);
    await tx.cluster.delete({ where });
    const key = clusterKey(cluster);
    await record(
      { type: "cluster.unregistered", data: { cluster: key } },
      { accountIds: [cluster.accountId] },
    );
    await notify(tx, { topic: "cluster", id: key });
    return accepted(cluster);
  });
}

async function refusalOfUse(tx: Tx, cluster: ClusterRef): Promise<Refusal | null> {
  const { clusterAccountId, clusterRegion, clusterName } = workloadColumns({
    cluster,
    namespace: "",
    serviceAccount: "",
  });
  const on = { clusterAccountId, clusterRegion, clusterName };
  // Requests before grants: one that is approved meanwhile is met as the one or as the other.
  const requests = await tx.request.count({
    where: { ...on, state: { in: ["in_review", "changes_requested"] } },
  });
  const accesses = await tx.grant.count({ where: { ...on, state: { notIn: [...overStates] } } });
  const uses = { accesses, requests };
  const things = usesInWords(uses);
  if (things.length === 0) return null;
  return refusal(
    "cluster.in-use",
    "",
    `${cluster.name} has ${things.join(" and ")}.`,
    waysOutOfUse(uses).join(" "),
  );
}
