import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant, IdentitySpec } from "#lib/model/grant.ts";
import { type Workload, workloadKey } from "#lib/model/workload.ts";
import { DesiredStateError, type WorkloadContext, workloadContext } from "./context.ts";
import { identityKind } from "./identities.ts";
import { patterns as builtIn, type PatternTable, patternOf } from "./patterns/catalogue.ts";

/**
 * The one pure function of the product: everything that must exist in AWS for these grants, and nothing more.
 * Preview, plan, provisioning, revocation and drift are all derived from it.
 *
 * @param grants live or proposed grants, those of one workload in the order of their approval
 * @param estate the registered accounts and clusters with the inventory's snapshot
 * @param patterns the access patterns; the product's own unless a test brings more
 * @returns resources sorted by key; grants that share one are all among its owners
 * @throws DesiredStateError when the grants can't be compiled; `admit` explains why beforehand
 */
export function desiredResources(
  grants: readonly Grant[],
  estate: Estate,
  patterns: PatternTable = builtIn,
): CloudResource[] {
  const merged = new Map<string, CloudResource>();
  for (const context of contextsOf(grants, estate)) {
    const attached = context.grants.flatMap((grant) => {
      const pattern = patternOf(patterns, grant.pattern);
      if (!pattern) throw new DesiredStateError(`Unknown access pattern ${grant.pattern}.`);
      return pattern.attach(grant, context);
    });
    for (const resource of [...identityKind(context).resources(context), ...attached]) {
      const present = merged.get(resource.key);
      merged.set(resource.key, present ? share(present, resource) : resource);
    }
  }
  return [...merged.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * The grants that can share a resource with the workload's: those of its cluster, since between workloads only the
 * cluster's OIDC providers are shared. To plan for one workload, these are all that have to be compiled.
 */
export function grantsThatShare(grants: readonly Grant[], workload: Workload): Grant[] {
  const { accountId, region, name } = workload.cluster;
  return grants.filter(
    ({ workload: { cluster } }) =>
      cluster.name === name && cluster.accountId === accountId && cluster.region === region,
  );
}

/** The grants by workload, each with what the estate knows of it. */
export function contextsOf(grants: readonly Grant[], estate: Estate): WorkloadContext[] {
  const byWorkload = new Map<string, [Grant, ...Grant[]]>();
  for (const grant of grants) {
    const key = workloadKey(grant.workload);
    const group = byWorkload.get(key);
    if (group) group.push(grant);
    else byWorkload.set(key, [grant]);
  }
  return [...byWorkload.values()].map((group) => {
    const [first] = group;
    const other = group.find((grant) => !sameIdentity(grant.identity, first.identity));
    if (other)
      throw new DesiredStateError(
        `Grants ${first.id} and ${other.id} give one service account two identities.`,
      );
    return workloadContext(first.workload, first.identity, group, estate);
  });
}

function sameIdentity(a: IdentitySpec, b: IdentitySpec): boolean {
  return a.kind === b.kind && a.accountId === b.accountId && a.defaultAccountId === b.defaultAccountId;
}

/** Bodies that were made alike have one text, so the canonical form is made for the others only. */
function sameBody(a: CloudResource, b: CloudResource): boolean {
  return (
    a.kind === b.kind &&
    (JSON.stringify(a.body) === JSON.stringify(b.body) || canonicalJson(a.body) === canonicalJson(b.body))
  );
}

/** Two grants that need the same resource ask for the same body; anything else is a bug in a pattern. */
function share(a: CloudResource, b: CloudResource): CloudResource {
  if (!sameBody(a, b)) throw new DesiredStateError(`Two grants ask for different forms of ${a.key}.`);
  return {
    ...a,
    owners: [...new Set([...a.owners, ...b.owners])].sort(),
    dependsOn: [...new Set([...a.dependsOn, ...b.dependsOn])].sort(),
  };
}
