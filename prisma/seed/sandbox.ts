import type { Account } from "#lib/model/account.ts";
import { boundaryPolicy, provisionerPolicy, provisionerTrust, workerPolicy } from "#lib/render/onboarding.ts";
import type { SeedInput } from "#lib/sandbox/seed-schema.ts";
import { buckets, clusters, keys, lakeReader, portalAccountId, queues } from "./organisation.ts";

type AccountSeed = SeedInput["accounts"][number];

const workerArn = `arn:aws:iam::${portalAccountId}:user/drawbridge-worker`;

/**
 * The organisation's AWS side. Each account is onboarded with the very documents that a real one gets (provisioner
 * role, boundary), and the sandbox authorises every call by them: what they lack fails in the demo too.
 */
export function sandboxSeed(
  accounts: readonly Account[],
  installation: string,
  worker: WorkerKey,
): SeedInput {
  const regions = [...new Set(clusters.map((cluster) => cluster.region))];
  return {
    accounts: [
      {
        id: portalAccountId,
        name: "security-tooling",
        users: [
          {
            name: "drawbridge-worker",
            accessKeys: { [worker.id]: worker.secret },
            policies: [
              {
                name: "become-provisioner",
                document: { ...workerPolicy(accounts.map((account) => account.provisionerRoleArn)) },
              },
            ],
          },
        ],
      },
      ...accounts.map((account) => accountSeed(account, installation, regions)),
    ],
  };
}

/** The access key that the launcher gives the worker. */
export interface WorkerKey {
  id: string;
  secret: string;
}

function accountSeed(account: Account, installation: string, regions: string[]): AccountSeed {
  const mine = <T extends { accountId: string }>(items: readonly T[]) =>
    items.filter((item) => item.accountId === account.id);
  return {
    id: account.id,
    name: account.name,
    policies: [{ name: "drawbridge-boundary", document: { ...boundaryPolicy(account, installation) } }],
    roles: [
      {
        name: "drawbridge-provisioner",
        description: "Assumed by Drawbridge's worker",
        trust: { ...provisionerTrust(workerArn, account.externalId) },
        policies: [{ name: "provision", document: { ...provisionerPolicy(account, installation, regions) } }],
      },
      ...(lakeReader.accountId === account.id ? [lakeReaderRole()] : []),
    ],
    clusters: mine(clusters).map(({ name, region, podIdentityAgent }) => ({
      name,
      region,
      addons: podIdentityAgent ? [{ name: "eks-pod-identity-agent" }] : [],
    })),
    keys: mine(keys).map(({ accountId: _, alias, policy, ...key }) => ({
      ...key,
      aliases: [alias],
      ...(policy ? { policy: { ...policy } } : {}),
    })),
    buckets: mine(buckets).map(({ name, region, policy, mayBePublic, classification, key, objects }) => ({
      name,
      region,
      ...(key ? { encryption: encryptedWith(key, account.id) } : {}),
      ...(mayBePublic ? { publicAccessBlock: aclsBlockedOnly } : {}),
      ...(policy ? { policy: { ...policy } } : {}),
      ...tagged(classification),
      objects,
    })),
    queues: mine(queues).map(({ name, region, policy, classification }) => ({
      name,
      region,
      ...(policy ? { policy: { ...policy } } : {}),
      ...tagged(classification),
    })),
  };
}

/** IAM policies name keys by their ARN alone, so that buckets name theirs likewise. */
function encryptedWith(alias: string, accountId: string) {
  const found = keys.find((key) => key.alias === alias && key.accountId === accountId);
  if (!found) throw new Error(`The seed has no key ${alias}.`);
  return {
    algorithm: "aws:kms" as const,
    kmsKeyId: `arn:aws:kms:${found.region}:${accountId}:key/${found.id}`,
    bucketKey: true,
  };
}

function tagged(classification: string | undefined) {
  return classification ? { tags: { "data-classification": classification } } : {};
}

const aclsBlockedOnly = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};

function lakeReaderRole(): NonNullable<AccountSeed["roles"]>[number] {
  return {
    name: lakeReader.name,
    description: "Made by the data team long before Drawbridge",
    trust: {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "glue.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    },
  };
}
