import type { Account } from "./account.ts";
import type { AccountId } from "./arn.ts";
import type { Classification } from "./classification.ts";
import type { Cluster } from "./cluster.ts";
import { type ClusterRef, clusterKey } from "./workload.ts";

/** A resource that can be a target, from the inventory's last snapshot. */
export interface InventoryItem {
  arn: string;
  accountId: AccountId;
  /** Key of the service catalogue, e.g. `s3`. */
  service: string;
  name: string;
  region: string;
  /** The customer managed KMS key that encrypts it by default, `"aws-managed"`, or null for none. */
  encryption: string | null;
  /** What a tag says about its data; absent when none does. */
  classification?: Classification;
  /** How full its resource policy is; absent when it has not been read. */
  policyUsage?: { bytes: number; statements: number };
}

/** The registered accounts and clusters, and what the inventory last saw in them. */
export interface Estate {
  /** This installation's id: part of role paths and tags, so that two installations leave each other alone. */
  installation: string;
  accounts: Account[];
  clusters: Cluster[];
  inventory: InventoryItem[];
  /** The organisation's mandatory tags, put on all that can carry them. */
  tags: Record<string, string>;
}

export function findAccount(estate: Estate, id: AccountId): Account | undefined {
  return estate.accounts.find((account) => account.id === id);
}

export function findCluster(estate: Estate, ref: ClusterRef): Cluster | undefined {
  const key = clusterKey(ref);
  return estate.clusters.find((cluster) => clusterKey(cluster) === key);
}

/** The estate with another issuer of the cluster: as it was before the cluster was made anew, say. */
export function withIssuer(estate: Estate, ref: ClusterRef, issuer: string | null): Estate {
  const key = clusterKey(ref);
  return {
    ...estate,
    clusters: estate.clusters.map((one) => (clusterKey(one) === key ? { ...one, issuer } : one)),
  };
}
