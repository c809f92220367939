import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type Estate, findCluster, withIssuer } from "#lib/model/estate.ts";
import type { Grant, GrantId } from "#lib/model/grant.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import type { ClusterRef } from "#lib/model/workload.ts";
import { desiredResources } from "./desired-resources.ts";

/** What grants were by an approval. */
export interface ApprovedForm {
  grants: Grant[];
  /** Of the cluster that it binds; null: none. */
  issuer: string | null;
}

/** Live grants, with the issuer that the approval of each binds. */
export interface BoundGrants {
  grants: readonly Grant[];
  issuers: ReadonlyMap<GrantId, string | null>;
}

/**
 * Grants that were approved for another cluster, by the issuer that their approval binds (decision 0021). A service
 * account's grants share its role: what is approved for the cluster of today would open to it what those have.
 *
 * @param issuers by grant; null: approved before approvals bound an issuer
 * @param today the cluster's issuer now
 */
function ofEarlierCluster(
  grants: readonly Grant[],
  issuers: ReadonlyMap<GrantId, string | null>,
  today: string | null,
): Grant[] {
  return grants.filter(({ id }) => isEarlier(issuers.get(id) ?? null, today));
}

function isEarlier(issuer: string | null, today: string | null): issuer is string {
  return issuer !== null && issuer !== today;
}

/** Whether an approval is about the cluster as it was before it was made anew. */
export function bindsEarlierCluster(
  cluster: ClusterRef,
  estate: Estate,
  issuer: string | null,
): issuer is string {
  return isEarlier(issuer, findCluster(estate, cluster)?.issuer ?? null);
}

/**
 * What grants had in a cluster that was made anew since, and nobody has any more: it goes with them, the provider of its
 * issuer above all, which no document names any more.
 *
 * @param going what is taken back, or changes
 * @param staying the cluster's other live grants
 * @throws DesiredStateError
 */
export function leftByEarlierCluster(
  cluster: ClusterRef,
  estate: Estate,
  { going, staying }: { going: readonly ApprovedForm[]; staying: BoundGrants },
  compile: (grants: readonly Grant[], estate: Estate) => CloudResource[] = desiredResources,
): CloudResource[] {
  return going.flatMap(({ grants, issuer }) => {
    if (!bindsEarlierCluster(cluster, estate, issuer)) return [];
    const then = withIssuer(estate, cluster, issuer);
    const stay = staying.grants.filter(({ id }) => staying.issuers.get(id) === issuer);
    const needed = new Set(compile(stay, then).map(({ key }) => key));
    return compile([...stay, ...grants], then).filter(({ key }) => !needed.has(key));
  });
}

/** Why nothing more can be approved for the service account, and what to do. */
export function earlierClusterRefusal(
  cluster: ClusterRef,
  estate: Estate,
  others: readonly Grant[],
  issuers: ReadonlyMap<GrantId, string | null> = new Map(),
): Refusal | undefined {
  const earlier = ofEarlierCluster(others, issuers, findCluster(estate, cluster)?.issuer ?? null);
  if (earlier.length === 0) return undefined;
  const arns = [...new Set(earlier.map(({ target }) => target.arn))].join(", ");
  return refusal(
    "cluster.recreated",
    "cluster",
    `The cluster ${cluster.name} was made anew, and this service account has access that was approved for the one before, to ${arns}: it would come alive for the new cluster without anybody's approval.`,
    "Revoke that access first. Where it is still needed, ask for it again, so that access from the new cluster is reviewed.",
  );
}
