import type { Account } from "#lib/model/account.ts";
import type { AccountId, Partition } from "#lib/model/arn.ts";
import type { CloudResource, RoleBody } from "#lib/model/cloud-resource.ts";
import { type Cluster, clusterArn } from "#lib/model/cluster.ts";
import { type Estate, findAccount, findCluster, type InventoryItem } from "#lib/model/estate.ts";
import type { Grant, IdentitySpec } from "#lib/model/grant.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import { roleArn, rolePolicyKey } from "#lib/model/resource-key.ts";
import { ownershipTags, rolePath } from "#lib/model/tags.ts";
import type { Workload } from "#lib/model/workload.ts";
import { grantPolicyName, roleName } from "./names.ts";

/** The grants ask for something that the registered accounts and clusters can't give; `admit` says it in words. */
export class DesiredStateError extends Error {
  override name = "DesiredStateError";
}

/** Where IAM's control plane is, by partition (IAM User Guide, "Resilience in IAM"). */
const iamRegion: Record<Partition, string> = {
  aws: "us-east-1",
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1",
};

/** One workload and all its grants, with what the estate knows of them. */
export interface WorkloadContext {
  workload: Workload;
  identity: IdentitySpec;
  grants: Grant[];
  estate: Estate;
  cluster: Cluster & { issuer: string };
  clusterArn: string;
  /** The cluster's account. */
  home: Account;
  partition: Partition;
}

export function requireAccount(estate: Estate, id: AccountId): Account {
  const account = findAccount(estate, id);
  if (!account) throw new DesiredStateError(`Account ${id} is not registered.`);
  return account;
}

export function workloadContext(
  workload: Workload,
  identity: IdentitySpec,
  grants: Grant[],
  estate: Estate,
): WorkloadContext {
  const cluster = findCluster(estate, workload.cluster);
  if (!cluster) throw new DesiredStateError(`Cluster ${workload.cluster.name} is not registered.`);
  if (cluster.issuer === null) throw new DesiredStateError(`Cluster ${cluster.name} has no OIDC issuer yet.`);
  const home = requireAccount(estate, cluster.accountId);
  return {
    workload,
    identity,
    grants,
    estate,
    cluster: { ...cluster, issuer: cluster.issuer },
    clusterArn: clusterArn(cluster, home.partition),
    home,
    partition: home.partition,
  };
}

/** Organisations have thousands of resources and every grant looks one up: indexed once an inventory. */
const inventoryIndex = new WeakMap<readonly InventoryItem[], Map<string, InventoryItem>>();

export function inventoryItem({ inventory }: Estate, arn: string): InventoryItem | undefined {
  let index = inventoryIndex.get(inventory);
  if (!index) {
    // The first of an ARN counts, as in a search.
    index = new Map(inventory.toReversed().map((item) => [item.arn, item]));
    inventoryIndex.set(inventory, index);
  }
  return index.get(arn);
}

export function allOwners(context: WorkloadContext): string[] {
  return context.grants.map((grant) => grant.id);
}

/** The ARN of the workload's role for a purpose in an account, whether it exists or not. */
export function workloadRoleArn(context: WorkloadContext, accountId: AccountId, purpose: string): string {
  const name = roleName(context.workload, purpose);
  return roleArn(context.partition, accountId, rolePath(context.estate.installation), name);
}

/** A role of the workload, on our path, with our tags and the account's boundary. */
export function workloadRole(
  context: WorkloadContext,
  accountId: AccountId,
  purpose: string,
  role: { trust: Statement[]; description: string; dependsOn: string[]; owners: string[] },
): CloudResource<"role"> {
  const { estate, workload } = context;
  const body: RoleBody = {
    name: roleName(workload, purpose),
    path: rolePath(estate.installation),
    description: role.description,
    trust: { Version: "2012-10-17", Statement: role.trust },
    boundaryArn: requireAccount(estate, accountId).boundaryArn,
    maxSessionDuration: 3600,
    tags: { ...estate.tags, ...ownershipTags(estate.installation, workload) },
  };
  return {
    kind: "role",
    accountId,
    region: iamRegion[context.partition],
    key: workloadRoleArn(context, accountId, purpose),
    body,
    dependsOn: role.dependsOn,
    owners: role.owners,
  };
}

/** An inline policy on one of the workload's roles. */
export function inlinePolicy(
  context: WorkloadContext,
  role: { accountId: AccountId; purpose: string },
  policy: { name: string; statements: Statement[]; owners: string[]; dependsOn?: string[] },
): CloudResource<"role-policy"> {
  const arn = workloadRoleArn(context, role.accountId, role.purpose);
  return {
    kind: "role-policy",
    accountId: role.accountId,
    region: iamRegion[context.partition],
    key: rolePolicyKey(arn, policy.name),
    body: {
      roleName: roleName(context.workload, role.purpose),
      policyName: policy.name,
      document: { Version: "2012-10-17", Statement: policy.statements },
    },
    dependsOn: [arn, ...(policy.dependsOn ?? [])],
    owners: policy.owners,
  };
}

/** The inline policy that carries one grant's own permissions. */
export function grantPolicy(
  context: WorkloadContext,
  role: { accountId: AccountId; purpose: string },
  grant: Grant,
  statements: Statement[],
): CloudResource<"role-policy"> {
  return inlinePolicy(context, role, {
    name: grantPolicyName(grant.id),
    statements,
    owners: [grant.id],
  });
}

export function iamHomeRegion(partition: Partition): string {
  return iamRegion[partition];
}
