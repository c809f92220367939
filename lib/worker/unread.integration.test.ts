import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { region } from "#lib/aws/testing/estate.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import { sync } from "./sync.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  createWorld,
  grantWith,
  targets,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";

let sandbox: RunningSandbox;
let world: World;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
});
afterEach(() => {
  for (const { id } of [accountA, accountB]) delete provisioner(id).inline.deny;
});
afterAll(async () => {
  await world.close();
  await sandbox.close();
});

function provisioner(accountId: string) {
  const role = sandbox.state().accounts[accountId]?.roles["drawbridge-provisioner"];
  if (!role) throw new Error("no provisioner");
  return role;
}

function deny(accountId: string, Action: string, Condition?: Record<string, Record<string, string>>) {
  const statement = { Effect: "Deny" as const, Action, Resource: "*", ...(Condition && { Condition }) };
  const value = { Version: "2012-10-17" as const, Statement: [statement] };
  provisioner(accountId).inline.deny = { value, visibleAt: 0, previous: null };
}

const policyOf = (arn: string) => `${arn}#policy`;

/** What the portal knows of the account, by its keys. */
async function known(accountId: string): Promise<Set<string>> {
  const items = await world.prisma.inventoryItem.findMany({ where: { accountId } });
  const observed = await world.prisma.observedResource.findMany({ where: { accountId } });
  return new Set([...items.map(({ arn }) => arn), ...observed.map(({ key }) => key)]);
}

async function read(accountId: string): Promise<Set<string>> {
  await sync(world.worker("w", { sessions: { maxAttempts: 1 } }), accountId);
  return known(accountId);
}

/** Seen once, and gone from AWS since. */
const observedOnce = (accountId: string, keys: readonly string[]) =>
  world.prisma.observedResource.createMany({
    data: keys.map((key) => ({
      key,
      accountId,
      observed: { state: "absent" },
      seenAt: new Date("2026-01-01"),
    })),
  });

describe("targets of which one can't be read", () => {
  const far = "eu-central-1";
  const bucket = { arn: "arn:aws:s3:::gone", service: "s3", region };
  const queueIn = (at: string) => ({
    arn: `arn:aws:sqs:${at}:${accountB.id}:gone`,
    service: "sqs",
    region: at,
  });
  const gone = [bucket, queueIn(region), queueIn(far)];

  beforeAll(() =>
    world.prisma.account.update({ where: { id: accountB.id }, data: { regions: [region, far] } }),
  );

  async function goneSince(): Promise<void> {
    await world.prisma.inventoryItem.createMany({
      data: gone.map((item) => ({ ...item, accountId: accountB.id, name: "gone" })),
    });
    await observedOnce(
      accountB.id,
      gone.map(({ arn }) => policyOf(arn)),
    );
  }

  it("stand as they were for a bucket that refuses, and no others", async () => {
    const sealed = sandbox.state().buckets.reports;
    if (!sealed) throw new Error("no bucket");
    const { policy, encryption } = sealed;
    const key = `arn:aws:kms:${region}:${accountB.id}:key/k1`;
    sealed.encryption = { ...encryption, algorithm: "aws:kms", kmsKeyId: key };
    const before = await read(accountB.id);
    expect([...before]).toEqual(
      expect.arrayContaining([targets.away.s3, policyOf(targets.away.s3), policyOf(key)]),
    );
    await goneSince();
    sealed.policy = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: targets.away.s3,
          Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } },
        },
      ],
    };
    expect(await read(accountB.id)).toEqual(before);
    Object.assign(sealed, { policy, encryption });
  });

  it.each([
    ["a queue that refuses", "sqs:GetQueueAttributes", undefined, []],
    ["the buckets, which can't be listed", "s3:ListAllMyBuckets", undefined, [bucket]],
    ["the queues of every Region, which can't be listed", "sqs:ListQueues", undefined, gone.slice(1)],
    ["the queues of the Region in which they can't be listed", "sqs:ListQueues", far, [queueIn(far)]],
    ["all, where nothing can be read", "*", undefined, gone],
  ])("stand as they were for %s, and no others", async (_what, action, place, stay) => {
    const before = await read(accountB.id);
    await goneSince();
    deny(accountB.id, action, place ? { StringEquals: { "aws:RequestedRegion": place } } : undefined);
    const stood = stay.flatMap(({ arn }) => [arn, policyOf(arn)]);
    expect(await read(accountB.id)).toEqual(new Set([...before, ...stood]));
  });
});

describe("identities of which one can't be read", () => {
  const role = `arn:aws:iam::${accountA.id}:role/drawbridge/gone`;
  const gone = {
    role,
    rolePolicy: `${role}#policy/access`,
    provider: `arn:aws:iam::${accountA.id}:oidc-provider/oidc.eks.${region}.amazonaws.com/id/GONE`,
    association: `pod-identity-association:${accountA.id}/${region}/${withAgent.name}/gone/gone`,
  };

  beforeAll(async () => {
    for (const [kind, cluster] of [
      ["pod-identity-association", withAgent],
      ["oidc-provider", withoutAgent],
    ] as const) {
      const wanted = { workload: workload(cluster), target: bucketAtHome };
      const grant = grantWith(kind, await world.estate(), wanted);
      await executeRun(world.worker("w"), await world.approve([grant]));
    }
    const kinds = [":role/", "#policy/", ":oidc-provider/", "pod-identity-association:"];
    const keys = [...(await read(accountA.id))];
    for (const kind of kinds) expect(keys.filter((key) => key.includes(kind))).not.toEqual([]);
  });

  it.each<[string, (keyof typeof gone)[]]>([
    ["iam:ListRoles", ["role", "rolePolicy"]],
    ["iam:GetRole", []],
    ["iam:ListRolePolicies", []],
    ["iam:GetRolePolicy", []],
    ["iam:ListOpenIDConnectProviders", ["provider"]],
    ["iam:GetOpenIDConnectProvider", []],
    ["eks:ListPodIdentityAssociations", ["association"]],
    ["eks:DescribePodIdentityAssociation", []],
    ["eks:ListClusters", []],
    ["eks:DescribeCluster", []],
    ["eks:ListAddons", []],
    ["eks:DescribeAddon", []],
    ["s3:ListAllMyBuckets", []],
    ["*", ["role", "rolePolicy", "provider", "association"]],
  ])("stand as they were without %s, and of those that are gone: %j", async (action, stay) => {
    const before = await read(accountA.id);
    await observedOnce(accountA.id, Object.values(gone));
    deny(accountA.id, action);
    expect(await read(accountA.id)).toEqual(new Set([...before, ...stay.map((name) => gone[name])]));
  });

  it("are no more where their cluster was deleted, which is no failure to read them", async () => {
    const clusters = sandbox.state().accounts[accountA.id]?.clusters ?? {};
    const at = `${region}/${withAgent.name}`;
    const cluster = clusters[at];
    if (!cluster) throw new Error("no cluster");
    const before = await read(accountA.id);
    const ofCluster = `pod-identity-association:${accountA.id}/${at}/`;
    const left = [...before].filter((key) => !key.startsWith(ofCluster));
    expect(left).not.toHaveLength(before.size);
    await observedOnce(accountA.id, [gone.association]);
    delete clusters[at];
    expect(await read(accountA.id)).toEqual(new Set(left));
    const { syncErrors } = await world.prisma.account.findUniqueOrThrow({ where: { id: accountA.id } });
    expect(syncErrors).toEqual([]);
    clusters[at] = cluster;
    expect(await read(accountA.id)).toEqual(before);
  });
});

it("a key that AWS manages is no customer's because it can't be read for once", async () => {
  const keyArn = `arn:aws:kms:${region}:${accountB.id}:key/k1`;
  const key = sandbox.state().accounts[accountB.id]?.keys?.[keyArn];
  const { reports } = sandbox.state().buckets;
  if (!reports || !key) throw new Error("no bucket or no key");
  Object.assign(key, { manager: "AWS" });
  reports.encryption = { algorithm: "aws:kms", kmsKeyId: keyArn, bucketKey: true };
  const encryption = async () => {
    await read(accountB.id);
    const where = { arn: targets.away.s3 };
    return (await world.prisma.inventoryItem.findUniqueOrThrow({ where })).encryption;
  };
  expect(await encryption()).toBe("aws-managed");
  await world.faults({ errorRate: 1, only: { service: "kms", operation: "DescribeKey" } });
  expect(await encryption()).toBe("aws-managed");
  await world.faults({});
  Object.assign(key, { manager: "CUSTOMER" });
  expect(await encryption()).toBe(keyArn);
});

it.each(["refuses to be read", "is not there"])(
  "a bucket that went over to a key which %s is encrypted with that key",
  async (how) => {
    const keys = sandbox.state().accounts[accountB.id]?.keys ?? {};
    const arn = (id: string) => `arn:aws:kms:${region}:${accountB.id}:key/${id}`;
    const { [arn("k1")]: managed } = keys;
    const { reports } = sandbox.state().buckets;
    if (!reports || !managed) throw new Error("no bucket or no key");
    if (how !== "is not there") keys[arn("k2")] = { ...structuredClone(managed), manager: "CUSTOMER" };
    Object.assign(managed, { manager: "AWS" });
    const encryption = async (kmsKeyId: string) => {
      reports.encryption = { algorithm: "aws:kms", kmsKeyId, bucketKey: true };
      await read(accountB.id);
      const where = { arn: targets.away.s3 };
      return (await world.prisma.inventoryItem.findUniqueOrThrow({ where })).encryption;
    };
    expect(await encryption(arn("k1"))).toBe("aws-managed");
    if (how !== "is not there") deny(accountB.id, "kms:DescribeKey");
    expect(await encryption(arn("k2"))).toBe(arn("k2"));
    delete keys[arn("k2")];
  },
);
