import type { Tags } from "./cloud-resource.ts";
import { type Workload, workloadKey } from "./workload.ts";

/** Tag keys on everything we make; ownership is *our* installation's id under them, never a name alone. */
export const tagKeys = {
  managedBy: "drawbridge:managed-by",
  installation: "drawbridge:installation",
  workload: "drawbridge:workload",
} as const;

/** The tags that mark a resource as made by this installation. `workload` is left out where resources are shared. */
export function ownershipTags(installation: string, workload?: Workload): Tags {
  return {
    [tagKeys.managedBy]: "drawbridge",
    [tagKeys.installation]: installation,
    ...(workload ? { [tagKeys.workload]: workloadKey(workload) } : {}),
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
