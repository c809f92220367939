import type { WorkloadAccess } from "#lib/desired/workload-access.ts";

/** A workload's access, cut down to some of its grants: the others have readers of their own. */
export function onlyGrants(access: WorkloadAccess, shown: ReadonlySet<string>): WorkloadAccess {
  const grants = access.grants.filter(({ grant }) => shown.has(grant.id));
  const used = new Set(grants.map((grant) => grant.profile));
  return { ...access, grants, profiles: access.profiles.filter((profile) => used.has(profile.name)) };
}

/**
 * One grant's part of its workload's access. The profiles stay whole: pods of the service account have them all, and
 * YAML without them would take some away. What the other grants are for has readers of its own.
 */
export function ownPart(access: WorkloadAccess, grantId: string): WorkloadAccess {
  return { ...access, grants: access.grants.filter(({ grant }) => grant.id === grantId) };
}
