import { DesiredStateError } from "#lib/desired/context.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { leftByEarlierCluster } from "#lib/desired/earlier-cluster.ts";
import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import { findAccount, findCluster } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { united } from "#lib/plan/closure.ts";
import { boundGrants, clusterEstate } from "../estate.ts";
import type { Db } from "../types.ts";
import { planFromSnapshot } from "./proposal.ts";
import type { IfRevokedView } from "./views/grant.ts";

/**
 * What taking an access back would remove and what it would leave, as the accounts were last read. Like the run, it
 * looks at all grants of the cluster, since workloads share providers. Null: it can't be said as things are now.
 */
export async function ifRevoked(db: Db, installation: string, grant: Grant): Promise<IfRevokedView | null> {
  const { cluster } = grant.workload;
  const [estate, wanted] = await Promise.all([
    clusterEstate(db, installation, cluster, [grant]),
    boundGrants(db, cluster),
  ]);
  const others = wanted.grants.filter(({ id }) => id !== grant.id);
  const desired = compiled([...others, grant], others);
  if (!desired) return null;
  const { plan } = await planFromSnapshot(db, { ...desired, closure: [], grants: [grant] });
  const issuer = findCluster(estate, cluster)?.issuer ?? null;
  const nameOf = (accountId: string) => findAccount(estate, accountId)?.name ?? accountId;
  const stays = plan.steps.filter(({ verb, observed }) => verb !== "delete" && observed?.state === "present");
  const gone = plan.steps.filter(({ verb }) => verb === "delete").map(({ resource }) => resource);
  const roles = gone.flatMap((one) => (one.kind === "role" ? [one.body.name] : []));
  // With a role its policies go without saying.
  const told = gone.filter((one) => one.kind !== "role-policy" || !roles.includes(one.body.roleName));
  const shared = gone.flatMap((one) =>
    one.kind === "resource-policy-statements" ? [nameOfTarget(one.body.resourceArn)] : [],
  );
  return {
    goes: [...new Set(told.map(({ accountId }) => accountId))].sort().map((accountId) => ({
      accountName: nameOf(accountId),
      what: told.filter((one) => one.accountId === accountId).map((one) => short(one, issuer)),
    })),
    stays: [
      ...stays.map(({ resource, verb, reason }) => ({
        what: short(resource, issuer),
        why: verb === "update" ? "It changes: other access is in it too." : (reason ?? ""),
      })),
      ...shared.map((name) => ({ what: `what others wrote in the policy of ${name}`, why: "" })),
    ],
  };

  function compiled(all: readonly Grant[], rest: readonly Grant[]) {
    try {
      const staying = { ...wanted, grants: rest };
      const going = [{ grants: [grant], issuer: wanted.issuers.get(grant.id) ?? null }];
      const left = leftByEarlierCluster(cluster, estate, { going, staying });
      return { before: united([desiredResources(all, estate), left]), after: desiredResources(rest, estate) };
    } catch (error) {
      if (error instanceof DesiredStateError) return null;
      throw error;
    }
  }
}

/** By the issuer that the cluster has today. */
const shortly: { [K in ResourceKind]: (resource: CloudResource<K>, issuer: string | null) => string } = {
  "oidc-provider": ({ body }, issuer) =>
    body.issuer === issuer
      ? "the cluster's OIDC provider"
      : "the OIDC provider of the cluster as it was before it was made anew",
  role: ({ body }) => `the role ${body.name} with its policies`,
  "role-policy": ({ body }) => `the policy ${body.policyName} of the role ${body.roleName}`,
  "resource-policy-statements": ({ body }) => {
    const count = body.statements.length;
    return `${count === 1 ? "1 statement" : `${count} statements`} in the policy of ${nameOfTarget(body.resourceArn)}`;
  },
  "pod-identity-association": () => "the Pod Identity association",
};

function nameOfTarget(arn: string): string {
  return arn.split(":").at(-1) ?? arn;
}

/** In a sentence about one access, where no more is needed. */
function short(resource: CloudResource, issuer: string | null): string {
  const of = shortly[resource.kind] as (resource: CloudResource, issuer: string | null) => string;
  return of(resource, issuer);
}
