import { type Estate, findCluster } from "#lib/model/estate.ts";
import type { Grant, GrantId } from "#lib/model/grant.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import type { ClusterRef } from "#lib/model/workload.ts";

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
  return grants.filter(({ id }) => {
    const bound = issuers.get(id) ?? null;
    return bound !== null && bound !== today;
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
