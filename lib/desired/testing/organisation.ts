import type { Account } from "#lib/model/account.ts";
import type { Cluster } from "#lib/model/cluster.ts";
import type { Estate, InventoryItem } from "#lib/model/estate.ts";
import type { Grant, IdentitySpec } from "#lib/model/grant.ts";
import type { Workload } from "#lib/model/workload.ts";

/** The organisation that tests and benchmarks of the pure core plan in. */

export const home = "111122223333";
export const away = "444455556666";
export const third = "777788889999";

export const issuer = "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4E5F60718293A4B5C6D7E8F90";
export const otherIssuer = "oidc.eks.eu-west-1.amazonaws.com/id/00000000000000000000000000000001";

export function account(id: string, more: Partial<Account> = {}): Account {
  const partition = more.partition ?? "aws";
  return {
    id,
    name: `account ${id}`,
    partition,
    environment: "production",
    ownerGroup: `owners-${id}`,
    regions: ["eu-west-1"],
    provisionerRoleArn: `arn:${partition}:iam::${id}:role/drawbridge-provisioner`,
    externalId: `external-id-of-${id}`,
    boundaryArn: `arn:${partition}:iam::${id}:policy/drawbridge-boundary`,
    ...more,
  };
}

export function cluster(more: Partial<Cluster> = {}): Cluster {
  return { accountId: home, region: "eu-west-1", name: "prod", issuer, podIdentityAgent: false, ...more };
}

export const bucketArn = "arn:aws:s3:::reports-archive";
export const homeBucketArn = "arn:aws:s3:::home-data";
export const queueArn = `arn:aws:sqs:eu-west-1:${away}:orders`;
export const homeQueueArn = `arn:aws:sqs:eu-west-1:${home}:jobs`;
export const keyArn = `arn:aws:kms:eu-west-1:${away}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

export function item(arn: string, accountId: string, more: Partial<InventoryItem> = {}): InventoryItem {
  const [, , service = "", region = ""] = arn.split(":");
  return {
    arn,
    accountId,
    service,
    name: arn.split(":").at(-1) ?? arn,
    region: region || "eu-west-1",
    encryption: null,
    ...more,
  };
}

export function estate(more: Partial<Estate> = {}): Estate {
  return {
    installation: "acme",
    accounts: [account(home), account(away), account(third)],
    clusters: [cluster(), cluster({ name: "agents", issuer: otherIssuer, podIdentityAgent: true })],
    inventory: [
      item(bucketArn, away),
      item(homeBucketArn, home),
      item("arn:aws:s3:::third-data", third),
      item(queueArn, away),
      item(homeQueueArn, home),
    ],
    tags: { "cost-centre": "4711" },
    ...more,
  };
}

export function workload(more: Partial<Omit<Workload, "cluster">> & { cluster?: string } = {}): Workload {
  return {
    cluster: { accountId: home, region: "eu-west-1", name: more.cluster ?? "prod" },
    namespace: more.namespace ?? "payments",
    serviceAccount: more.serviceAccount ?? "reports",
  };
}

export function identity(
  kind: string,
  accountId: string | null = null,
  defaultAccountId: string | null = null,
): IdentitySpec {
  return { kind, accountId, defaultAccountId };
}

/** Which identity a pattern's grant hangs on: what `admit` chooses for a workload without one. */
const identityOfPattern: Record<string, IdentitySpec> = {
  irsa: identity("home-role"),
  "oidc-federation": identity("away-role", away),
  "role-chaining": identity("home-role", null, away),
  "resource-policy": identity("home-role"),
  "pod-identity": identity("pod-identity"),
};

export function grant(more: Partial<Grant> = {}): Grant {
  const pattern = more.pattern ?? "resource-policy";
  return {
    id: "aaaaaaaaaaaa",
    workload: workload(),
    target: { arn: bucketArn, accountId: away },
    level: "read",
    subResource: null,
    pattern,
    identity: identityOfPattern[pattern] ?? identity("home-role"),
    expiresAt: null,
    ...more,
  };
}
