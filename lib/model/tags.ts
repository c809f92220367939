import type { Tags } from "./cloud-resource.ts";
import { sha256Hex } from "./digest.ts";
import { type Workload, workloadKey } from "./workload.ts";

/** What the keys of our tags begin with. */
export const ourTags = "drawbridge:";

/** Tag keys on everything we make; ownership is *our* installation's id under them, never a name alone. */
export const tagKeys = {
  managedBy: "drawbridge:managed-by",
  installation: "drawbridge:installation",
  workload: "drawbridge:workload",
  /** On a role whose deletion was begun and whose sessions were cut off: since when. */
  retiring: "drawbridge:retiring",
} as const;

/** IAM, EKS: a tag's value has at most 256 characters (IAM User Guide, "IAM and AWS STS quotas"). */
const tagValueLimit = 256;

/**
 * The workload in a tag's value. The longest names (a service account's may have 253 characters) don't fit whole:
 * then the end is a hash of the whole, so that two workloads never bear the same value.
 */
export function workloadTag(workload: Workload): string {
  const key = workloadKey(workload);
  if (key.length <= tagValueLimit) return key;
  const hash = sha256Hex(key).slice(0, 32);
  return `${key.slice(0, tagValueLimit - hash.length - 1)}+${hash}`;
}

/** The tags that mark a resource as made by this installation. `workload` is left out where resources are shared. */
export function ownershipTags(installation: string, workload?: Workload): Tags {
  return {
    [tagKeys.managedBy]: "drawbridge",
    [tagKeys.installation]: installation,
    ...(workload ? { [tagKeys.workload]: workloadTag(workload) } : {}),
  };
}

/** Whether the tags say that this installation made it. */
export function isOurs(tags: Tags, installation: string): boolean {
  return tags[tagKeys.managedBy] === "drawbridge" && tags[tagKeys.installation] === installation;
}

/** The IAM path under which this installation makes its roles. */
export function rolePath(installation: string): string {
  return `/drawbridge/${installation}/`;
}
