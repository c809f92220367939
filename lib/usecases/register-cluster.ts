import { addJob } from "#lib/db/jobs.ts";
import { lockAccount } from "#lib/db/locks.ts";
import { notify } from "#lib/db/notify.ts";
import { adminsOnly } from "#lib/db/refusals.ts";
import { type Actor, isAdmin } from "#lib/model/person.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";
import { type ClusterRef, clusterKey, clusterRefSchema } from "#lib/model/workload.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";

/** Only where the cluster is: its issuer comes from EKS itself, at the next sync (a given one could be spoofed). */
export const registerClusterSchema = clusterRefSchema;

export function registerCluster(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<ClusterRef>> {
  return mutate(deps, actor, { schema: registerClusterSchema, input }, async (mutation, cluster) => {
    const { tx, me, at, record } = mutation;
    if (!isAdmin(me)) return refused(adminsOnly);
    const { accountId, region, name } = cluster;
    await lockAccount(tx, accountId);
    const account = await tx.account.findUnique({ where: { id: accountId } });
    if (!account)
      return refused(
        refusal(
          "cluster.account-not-registered",
          "accountId",
          `Account ${accountId} is not registered.`,
          "Register the account first.",
        ),
      );
    if (!account.regions.includes(region))
      return refused(
        refusal(
          "cluster.other-region",
          "region",
          `Drawbridge does not look into ${region} in ${account.name}.`,
          `Add ${region} to the account's Regions first.`,
        ),
      );
    if (await tx.cluster.findUnique({ where: { accountId_region_name: cluster } }))
      return refused(
        refusal(
          "cluster.registered",
          "name",
          `Cluster ${name} is registered already.`,
          "Open it in the list.",
        ),
      );
    await tx.cluster.create({ data: { accountId, region, name, registeredAt: at } });
    await tx.account.update({ where: { id: accountId }, data: { syncRequestedAt: at } });
    const key = clusterKey(cluster);
    await record({ type: "cluster.registered", data: { cluster: key } }, { accountIds: [accountId] });
    await addJob(tx, "sync-account", { accountId }, { key: `sync-account:${accountId}` });
    await notify(tx, { topic: "cluster", id: key });
    return accepted(cluster);
  });
}
