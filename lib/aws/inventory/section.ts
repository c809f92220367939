import type { Account } from "#lib/model/account.ts";
import type { Classification } from "#lib/model/classification.ts";
import type { ObservedState } from "#lib/model/cloud-resource.ts";
import type { InventoryItem } from "#lib/model/estate.ts";
import type { ClusterRef } from "#lib/model/workload.ts";
import type { ErrorKind } from "../errors.ts";
import type { AccountClients } from "../sessions.ts";

export interface ObservedCluster {
  ref: ClusterRef;
  /** EKS's status, e.g. `ACTIVE`. */
  status: string;
  /** Without `https://`; null until EKS has one. */
  issuer: string | null;
  /** The agent's add-on runs, or the cluster is in Auto Mode, which carries it. Absent: it could not be read. */
  podIdentityAgent?: boolean;
}

/** What a failed read leaves unknown of what the portal keeps: what was known of it stands. */
export type Gap =
  /** A list failed: all whose keys (of items: ARNs) begin so. */
  | { of: "list"; prefix: string }
  /** One resource, with what hangs on it: `key#…`. */
  | { of: "resource"; key: string }
  /** The policy of a KMS key: it may well refuse those who read. */
  | { of: "key"; arn: string }
  /** Something beside, without which the rest is known all the same; it is absent from what was read. */
  | { of: "detail" };

/** A part of the account that could not be read, and what to do about it. */
export interface SectionError {
  /** e.g. `buckets`, `roles`, `clusters`. */
  section: string;
  /** What it was about: an ARN, a name, or the section as a whole. */
  subject: string;
  gap: Gap;
  region?: string;
  kind: ErrorKind;
  cause: string;
  nextStep: string;
  requestId?: string;
}

/** As in the inventory; of what could not be read nothing is said. */
export interface SeenItem extends Omit<InventoryItem, "encryption" | "classification" | "policyUsage"> {
  /** Absent: it could not be read. */
  encryption?: InventoryItem["encryption"];
  /** The key that `encryption` names could not be looked at: it may be one that AWS manages. */
  keyUnread?: true;
  /** Null: no tag says anything. Absent: the tags could not be read. */
  classification?: Classification | null;
}

export interface AccountSnapshot {
  items: SeenItem[];
  clusters: ObservedCluster[];
  /** By Region the names of all clusters that are there; absent where they could not be listed. */
  clusterNames: Record<string, string[]>;
  /** Keyed by lib/model/resource-key.ts; policies of buckets, queues and keys by `policyKey`. */
  observed: ObservedState;
  /** What is missing from the above. Never all-or-nothing. */
  errors: SectionError[];
}

/** The key of a resource's whole policy in a snapshot: what our statements would be merged into. */
export function policyKey(resourceArn: string): string {
  return `${resourceArn}#policy`;
}

/** What the sections share: where to put what they find, and how they go on when something can't be read. */
export interface SectionContext {
  clients: AccountClients;
  account: Account;
  installation: string;
  snapshot: AccountSnapshot;
  /** The key of the tag by which the organisation marks what data a resource holds. */
  classificationTag: string;
  /**
   * Runs a read; a failure is noted with its explanation, and the section goes on without.
   *
   * @param where.subject without it: what the gap names, or the section
   */
  attempt<T>(
    where: { section: string; subject?: string; gap: Gap; region?: string },
    read: () => Promise<T>,
  ): Promise<T | undefined>;
}

/** How many reads of one section run at a time: IAM's and EKS's rate limits are per account. */
export const readsAtATime = 4;
