import type { CloudResource, ObservedState } from "#lib/model/cloud-resource.ts";
import type { GrantId } from "#lib/model/grant.ts";
import { rolePolicyKey } from "#lib/model/resource-key.ts";

/**
 * The inline policies on roles of ours that nobody has asked for, in the form of resources: what is no longer desired
 * but there is deleted, like everything else that is ours. Their documents are for AWS to say.
 *
 * @param roles what was looked at
 * @param known everything that any grant still owns, also those that are being taken back: its policies are not foreign
 * @param owners the grants on whose behalf they are removed
 */
export function foreignPolicies(
  roles: readonly CloudResource[],
  observed: ObservedState,
  known: readonly CloudResource[],
  owners: readonly GrantId[],
): CloudResource<"role-policy">[] {
  const ours = new Set(known.map(({ key }) => key));
  return roles.flatMap((role) => {
    const seen = observed[role.key];
    if (role.kind !== "role" || seen?.state !== "present" || !seen.ours) return [];
    return (seen.policies?.inline ?? []).flatMap((policyName): CloudResource<"role-policy">[] => {
      const key = rolePolicyKey(role.key, policyName);
      if (ours.has(key)) return [];
      return [
        {
          kind: "role-policy",
          accountId: role.accountId,
          region: role.region,
          key,
          body: {
            roleName: role.body.name,
            policyName,
            document: { Version: "2012-10-17", Statement: [] },
          },
          dependsOn: [role.key],
          owners: [...owners],
        },
      ];
    });
  });
}
