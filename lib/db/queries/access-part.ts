import type { WorkloadAccess } from "#lib/desired/workload-access.ts";

/** A workload's access, cut down to some of its grants: the others have readers of their own. */
export function onlyGrants(access: WorkloadAccess, shown: ReadonlySet<string>): WorkloadAccess {
  const grants = access.grants.filter(({ grant }) => shown.has(grant.id));
  const used = new Set(grants.map((grant) => grant.profile));
  return { ...access, grants, profiles: access.profiles.filter((profile) => used.has(profile.name)) };
}
