import { z } from "zod";
import { notify } from "#lib/db/notify.ts";
import { adminsOnly, notFound } from "#lib/db/refusals.ts";
import { type Actor, isAdmin } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import { textSchema } from "#lib/model/submission.ts";
import { clusterKey, clusterRefSchema, namespaceSchema } from "#lib/model/workload.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";

/** `group: null` leaves the namespace without an owner: nobody beside the accounts' owners is asked then. */
export const setNamespaceOwnerSchema = z.strictObject({
  cluster: clusterRefSchema,
  namespace: namespaceSchema,
  group: textSchema("A group's name", 200).min(1, "Name the group.").nullable(),
});

export function setNamespaceOwner(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ namespace: string; group: string | null }>> {
  return mutate(deps, actor, { schema: setNamespaceOwnerSchema, input }, async (mutation, given) => {
    const { tx, me, record } = mutation;
    if (!isAdmin(me)) return refused(adminsOnly);
    const { cluster, namespace, group } = given;
    if (!(await tx.cluster.findUnique({ where: { accountId_region_name: cluster } })))
      return refused(notFound("cluster"));
    const key = {
      accountId: cluster.accountId,
      region: cluster.region,
      clusterName: cluster.name,
      namespace,
    };
    if (group === null) {
      await tx.namespaceOwner.deleteMany({ where: key });
    } else {
      await tx.group.upsert({ where: { name: group }, create: { name: group }, update: {} });
      await tx.namespaceOwner.upsert({
        where: { accountId_region_clusterName_namespace: key },
        create: { ...key, groupName: group },
        update: { groupName: group },
      });
    }
    await record(
      { type: "cluster.namespace-owner-set", data: { cluster: clusterKey(cluster), namespace, group } },
      { accountIds: [cluster.accountId] },
    );
    await notify(tx, { topic: "cluster", id: clusterKey(cluster) });
    return accepted({ namespace, group });
  });
}
