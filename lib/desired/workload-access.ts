import type { AccountId } from "#lib/model/arn.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Workload } from "#lib/model/workload.ts";
import { contextsOf } from "./desired-resources.ts";
import { type CredentialSource, identityKind, identityRoleArn } from "./identities.ts";
import { identityProfileName } from "./names.ts";
import { patterns as builtIn, type PatternTable, patternOf } from "./patterns/catalogue.ts";
import type { AccessCheck } from "./services/service.ts";
import { targetOf } from "./statements.ts";

/** A chained role as a named profile of the pod's AWS config. */
export interface Profile {
  name: string;
  accountId: AccountId;
  roleArn: string;
  externalId: string;
  region: string;
  /** The pod's default credentials are this role's. */
  isDefault: boolean;
}

export interface GrantAccess {
  grant: Grant;
  service: string;
  /** The target's short name: the bucket's, the queue's. */
  name: string;
  region: string;
  /** The profile to use; null: the default credentials. Where a chained role is the default, none is null. */
  profile: string | null;
  checks: AccessCheck[];
}

/** How a workload's pods get their credentials: all that the Kubernetes YAML is rendered from. */
export interface WorkloadAccess {
  workload: Workload;
  source: CredentialSource;
  /** The role that the pods become at first: the annotation's, or what the association ends at. */
  roleArn: string;
  identityTitle: string;
  profiles: Profile[];
  grants: GrantAccess[];
}

/** The pods' side of the grants of one workload. Throws DesiredStateError as `desiredResources` does. */
export function workloadAccess(
  grants: readonly Grant[],
  estate: Estate,
  patterns: PatternTable = builtIn,
): WorkloadAccess {
  const [context, ...others] = contextsOf(grants, estate);
  if (!context || others.length > 0) throw new TypeError("workloadAccess takes the grants of one workload");
  const kind = identityKind(context);
  const profiles = new Map<string, Profile>();
  const accesses = context.grants.map((grant): GrantAccess => {
    const target = targetOf(grant, context);
    const profile = patternOf(patterns, grant.pattern)?.profile(grant, context) ?? null;
    if (profile && !profiles.has(profile.name))
      profiles.set(profile.name, {
        ...profile,
        region: target.region,
        isDefault: profile.accountId === context.identity.defaultAccountId,
      });
    return {
      grant,
      service: target.service.id,
      name: target.service.shortName(target.arn),
      region: target.region,
      profile: profile?.name ?? null,
      checks: target.service.checks(target),
    };
  });
  // With a chained role as the default, the identity's own role has to be asked for by name.
  const own = [...profiles.values()].some((profile) => profile.isDefault) ? identityProfileName : null;
  return {
    workload: context.workload,
    source: kind.source,
    roleArn: identityRoleArn(context),
    identityTitle: kind.title,
    profiles: [...profiles.values()],
    grants: accesses.map((access) => ({ ...access, profile: access.profile ?? own })),
  };
}
