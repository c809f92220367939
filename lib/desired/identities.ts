import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { associationKey, oidcProviderArn } from "#lib/model/resource-key.ts";
import { ownershipTags } from "#lib/model/tags.ts";
import {
  allOwners,
  DesiredStateError,
  iamHomeRegion,
  inlinePolicy,
  type WorkloadContext,
  workloadRole,
  workloadRoleArn,
} from "./context.ts";
import { assumePolicyName } from "./names.ts";
import { podIdentityTargetTrust, podIdentityTrust, stsAudience, webIdentityTrust } from "./trust.ts";

/** How a pod gets its first credentials. */
export type CredentialSource = "web-identity" | "container";

/** A role of the workload: where it is, and which of the workload's roles there it is. */
export interface RoleRef {
  accountId: AccountId;
  purpose: string;
}

/**
 * What a service account's pods become. A service account has one annotation or one association, so a workload
 * has one identity and all its grants hang on it.
 */
export interface IdentityKind {
  title: string;
  /** How it reads in a sentence: "its role in the cluster's account". */
  phrase: string;
  source: CredentialSource;
  /** Whether targets in a third account can be reached from it (resource policies, chained roles). */
  reachesOtherAccounts: boolean;
  /** The role that the pod's default credentials are. */
  role(context: WorkloadContext): RoleRef;
  /** The resources of the identity itself, owned by all grants of the workload. */
  resources(context: WorkloadContext): CloudResource[];
}

/** The provider that makes an account trust the cluster's tokens. Shared by every workload of the cluster there. */
function oidcProvider(context: WorkloadContext, accountId: AccountId): CloudResource<"oidc-provider"> {
  const { estate, cluster, partition } = context;
  return {
    kind: "oidc-provider",
    accountId,
    region: iamHomeRegion(partition),
    key: oidcProviderArn(partition, accountId, cluster.issuer),
    body: {
      issuer: cluster.issuer,
      clientIds: [stsAudience],
      tags: { ...estate.tags, ...ownershipTags(estate.installation) },
    },
    dependsOn: [],
    owners: allOwners(context),
  };
}

function describeWorkload(context: WorkloadContext): string {
  const { cluster, namespace, serviceAccount } = context.workload;
  return `service account ${namespace}/${serviceAccount} on EKS cluster ${cluster.name}`;
}

function federatedRole(context: WorkloadContext, ref: RoleRef): CloudResource[] {
  const provider = oidcProvider(context, ref.accountId);
  const role = workloadRole(context, ref.accountId, ref.purpose, {
    trust: [webIdentityTrust(context, ref.accountId)],
    description: `Drawbridge: ${describeWorkload(context)}`,
    dependsOn: [provider.key],
    owners: allOwners(context),
  });
  return [provider, role];
}

function podRole(context: WorkloadContext): CloudResource<"role"> {
  return workloadRole(context, context.home.id, "pod", {
    trust: [podIdentityTrust(context)],
    description: `Drawbridge: ${describeWorkload(context)}`,
    dependsOn: [],
    owners: allOwners(context),
  });
}

function association(
  context: WorkloadContext,
  roleArn: string,
  targetRoleArn: string | null,
  dependsOn: string[],
): CloudResource<"pod-identity-association"> {
  const { workload, estate, home } = context;
  return {
    kind: "pod-identity-association",
    accountId: home.id,
    region: context.cluster.region,
    key: associationKey(workload.cluster, workload.namespace, workload.serviceAccount),
    body: {
      clusterName: workload.cluster.name,
      namespace: workload.namespace,
      serviceAccount: workload.serviceAccount,
      roleArn,
      targetRoleArn,
      tags: { ...estate.tags, ...ownershipTags(estate.installation, workload) },
    },
    dependsOn,
    owners: allOwners(context),
  };
}

function otherAccount(context: WorkloadContext): AccountId {
  const { accountId } = context.identity;
  if (!accountId) throw new DesiredStateError(`Identity ${context.identity.kind} needs an account.`);
  return accountId;
}

/** The permission to assume a target role, on the identity's role. `tags`: the chain carries session tags. */
export function assumePermission(
  context: WorkloadContext,
  source: RoleRef,
  target: { accountId: AccountId; roleArn: string; owners: string[] },
  tags: boolean,
): CloudResource<"role-policy"> {
  return inlinePolicy(context, source, {
    name: assumePolicyName(target.accountId),
    statements: [
      {
        Sid: "AssumeTargetRole",
        Effect: "Allow",
        Action: tags ? ["sts:AssumeRole", "sts:TagSession"] : "sts:AssumeRole",
        Resource: target.roleArn,
      },
    ],
    owners: target.owners,
    dependsOn: [target.roleArn],
  });
}

/** Kind → how it is made. Source: "One workload, one identity" in the desired-state design. */
export const identities: Record<string, IdentityKind> = {
  "home-role": {
    title: "Role in the cluster's account",
    phrase: "a role in the cluster's account, named by an annotation",
    source: "web-identity",
    reachesOtherAccounts: true,
    role: (context) => ({ accountId: context.home.id, purpose: "home" }),
    resources: (context) => federatedRole(context, { accountId: context.home.id, purpose: "home" }),
  },
  "away-role": {
    title: "Role in the target's account",
    phrase: "a role in another account, named by an annotation",
    source: "web-identity",
    reachesOtherAccounts: false,
    role: (context) => ({ accountId: otherAccount(context), purpose: "away" }),
    resources: (context) => federatedRole(context, { accountId: otherAccount(context), purpose: "away" }),
  },
  "pod-identity": {
    title: "Pod Identity role",
    phrase: "a Pod Identity role in the cluster's account",
    source: "container",
    reachesOtherAccounts: true,
    role: (context) => ({ accountId: context.home.id, purpose: "pod" }),
    resources(context) {
      const role = podRole(context);
      return [role, association(context, role.key, null, [role.key])];
    },
  },
  "pod-identity-target": {
    title: "Pod Identity role with a target role",
    phrase: "a Pod Identity role with a target role in another account",
    source: "container",
    reachesOtherAccounts: false,
    role: (context) => ({ accountId: otherAccount(context), purpose: "pod-target" }),
    resources(context) {
      const accountId = otherAccount(context);
      const role = podRole(context);
      const target = workloadRole(context, accountId, "pod-target", {
        trust: [podIdentityTargetTrust(context, role.key)],
        description: `Drawbridge: ${describeWorkload(context)}`,
        dependsOn: [role.key],
        owners: allOwners(context),
      });
      const permission = assumePermission(
        context,
        { accountId: context.home.id, purpose: "pod" },
        { accountId, roleArn: target.key, owners: allOwners(context) },
        true,
      );
      return [
        role,
        target,
        permission,
        association(context, role.key, target.key, [role.key, target.key, permission.key]),
      ];
    },
  },
};

/** The kind with this name, own entries only: it is read from stored grants. */
export function identityOf(kind: string): IdentityKind | undefined {
  return Object.hasOwn(identities, kind) ? identities[kind] : undefined;
}

export function identityKind(context: WorkloadContext): IdentityKind {
  const kind = identityOf(context.identity.kind);
  if (!kind) throw new DesiredStateError(`Unknown identity ${context.identity.kind}.`);
  return kind;
}

/** The ARN of the role that the pod's default credentials are. */
export function identityRoleArn(context: WorkloadContext): string {
  const { accountId, purpose } = identityKind(context).role(context);
  return workloadRoleArn(context, accountId, purpose);
}
