import { DesiredStateError } from "#lib/desired/context.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import { findAccount } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { clusterEstate, liveGrants } from "../estate.ts";
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
    liveGrants(db, cluster),
  ]);
  const others = wanted.filter(({ id }) => id !== grant.id);
  const desired = compiled([...others, grant], others);
  if (!desired) return null;
  const { plan } = await planFromSnapshot(db, { ...desired, closure: [], grants: [grant] });
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
      what: told.filter((one) => one.accountId === accountId).map(short),
    })),
    stays: [
      ...stays.map(({ resource, verb, reason }) => ({
        what: short(resource),
        why: verb === "update" ? "It changes: other access is in it too." : (reason ?? ""),
      })),
      ...shared.map((name) => ({ what: `what others wrote in the policy of ${name}`, why: "" })),
    ],
  };

  function compiled(all: readonly Grant[], rest: readonly Grant[]) {
    try {
      return { before: desiredResources(all, estate), after: desiredResources(rest, estate) };
    } catch (error) {
      if (error instanceof DesiredStateError) return null;
      throw error;
    }
  }
}

const shortly: { [K in ResourceKind]: (resource: CloudResource<K>) => string } = {
  "oidc-provider": () => "the cluster's OIDC provider",
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
function short(resource: CloudResource): string {
  const of = shortly[resource.kind] as (resource: CloudResource) => string;
  return of(resource);
}
