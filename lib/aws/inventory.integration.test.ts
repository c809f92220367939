import type { AddonStatus } from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownershipTags } from "#lib/model/tags.ts";
import { keyFromSnapshot } from "#lib/plan/snapshot.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { controllers } from "./controllers.ts";
import { policyKey, syncAccount } from "./inventory.ts";
import {
  accountA,
  accountB,
  accountTrust,
  associationResource,
  contextOf,
  installation,
  issuer,
  providerResource,
  region,
  rolePolicyResource,
  roleResource,
  seed,
  sessionsAt,
  statementsResource,
} from "./testing/estate.ts";

const agentAddon = "eks-pod-identity-agent";

let sandbox: RunningSandbox;
const cluster = { accountId: accountA.id, region, name: "main", issuer, podIdentityAgent: true };
const source = roleResource(accountA, "src", accountTrust(accountA.id));
const policy = rolePolicyResource(accountA, "src");
const provider = providerResource(accountA);
const association = associationResource(source.key);
const statements = statementsResource("s3", source.key);

beforeAll(async () => {
  sandbox = await startSandbox({ seed: seed() });
  const sessions = sessionsAt(sandbox.url);
  const [a, b] = [contextOf(sessions, accountA), contextOf(sessions, accountB)];
  await controllers["oidc-provider"].create(a, provider);
  await controllers.role.create(a, source);
  await controllers["role-policy"].create(a, policy);
  await controllers["pod-identity-association"].create(a, association);
  await controllers["resource-policy-statements"].create(b, statements);
});
afterAll(() => sandbox.close());

function sync(account = accountA) {
  const clients = sessionsAt(sandbox.url).account(account, { sessionName: "inventory" });
  return syncAccount(clients, account, installation, {
    clusters: [cluster],
    classificationTag: "data-classification",
  });
}

describe("inventory", () => {
  it("finds clusters with issuer and agent, and all of ours under the desired state's keys", async () => {
    const { clusters, observed, errors } = await sync(accountA);
    expect(errors).toEqual([]);
    expect(clusters).toEqual([
      {
        ref: { accountId: accountA.id, region, name: "main" },
        status: "ACTIVE",
        issuer,
        podIdentityAgent: true,
      },
    ]);
    const ours = [provider, source, policy, association];
    expect(Object.keys(observed).sort()).toEqual(ours.map(({ key }) => key).sort());
    for (const { key, body } of ours)
      expect(observed[key]).toMatchObject({ state: "present", body, ours: true });
  });

  it("finds targets with their Region and key, and their whole policies", async () => {
    const { items, observed, errors } = await sync(accountB);
    expect(errors).toEqual([]);
    const key = `arn:aws:kms:${region}:${accountB.id}:key/k1`;
    const at = { accountId: accountB.id, region };
    const untagged = { classification: null };
    const orders = `arn:aws:sqs:${region}:${accountB.id}:orders`;
    expect(items).toHaveLength(3);
    expect(items).toEqual(
      expect.arrayContaining([
        { ...at, ...untagged, arn: "arn:aws:s3:::reports", service: "s3", name: "reports", encryption: null },
        { ...at, ...untagged, arn: "arn:aws:s3:::ledger", service: "s3", name: "ledger", encryption: key },
        { ...at, ...untagged, arn: orders, service: "sqs", name: "orders", encryption: null },
      ]),
    );
    expect(observed[policyKey("arn:aws:s3:::ledger")]).toEqual({ state: "absent" });
    expect(observed[policyKey(orders)]).toEqual({ state: "absent" });
    expect(observed[policyKey("arn:aws:s3:::reports")]).toEqual({
      state: "present",
      body: { service: "s3", resourceArn: "arn:aws:s3:::reports", statements: [] },
      ours: false,
      surrounding: { Version: "2012-10-17", Statement: statements.body.statements },
    });
  });

  it("reads the account's keys behind its targets", async () => {
    const arn = `arn:aws:kms:${region}:${accountB.id}:key/k1`;
    const { observed } = await sync(accountB);
    expect(keyFromSnapshot(observed, arn)).toEqual({
      policy: {
        Version: "2012-10-17",
        Id: "key-default-1",
        Statement: [
          expect.objectContaining({
            Principal: { AWS: `arn:aws:iam::${accountB.id}:root` },
            Action: "kms:*",
          }),
        ],
      },
    });
    const key = sandbox.state().accounts[accountB.id]?.keys?.[arn];
    if (!key) throw new Error("no key");
    key.state = "PendingDeletion";
    expect(keyFromSnapshot((await sync(accountB)).observed, arn)).toMatchObject({
      policy: { Version: "2012-10-17" },
      unusable: `the key ${arn} is waiting for its deletion`,
    });
    key.state = "Enabled";
    key.manager = "AWS";
    const { items, observed: then } = await sync(accountB);
    expect(items.find(({ name }) => name === "ledger")?.encryption).toBe("aws-managed");
    expect(keyFromSnapshot(then, arn)).toEqual({});
    key.manager = "CUSTOMER";
  });

  it("keeps a target whose key it may not look at, and says so", async () => {
    const arn = `arn:aws:kms:${region}:${accountB.id}:key/k1`;
    const provisioner = sandbox.state().accounts[accountB.id]?.roles["drawbridge-provisioner"];
    if (!provisioner) throw new Error("no provisioner");
    const deny = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Deny" as const, Action: ["kms:GetKeyPolicy"], Resource: "*" }],
    };
    provisioner.inline.deny = { value: deny, visibleAt: 0, previous: null };
    const { items, observed, errors } = await sync(accountB);
    delete provisioner.inline.deny;
    expect(items).toHaveLength(3);
    expect(keyFromSnapshot(observed, arn)).toEqual({});
    expect(errors).toMatchObject([{ section: "keys", subject: arn, kind: "access-denied" }]);
  });

  it("reads from their tags what data the targets hold", async () => {
    const { buckets, accounts } = sandbox.state();
    const queue = accounts[accountB.id]?.queues[`${region}/orders`];
    if (!buckets.ledger || !queue) throw new Error("no targets");
    buckets.ledger.tags = { team: "finance", "Data-Classification": "Restricted" };
    queue.tags = { "data-classification": "internal" };
    const { items, errors } = await sync(accountB);
    expect(errors).toEqual([]);
    expect(Object.fromEntries(items.map(({ name, classification }) => [name, classification]))).toEqual({
      reports: null,
      ledger: "restricted",
      orders: "internal",
    });
    delete buckets.ledger.tags;
    delete queue.tags;
  });

  it("keeps a target whose tags it may not read, and says so", async () => {
    const provisioner = sandbox.state().accounts[accountB.id]?.roles["drawbridge-provisioner"];
    if (!provisioner) throw new Error("no provisioner");
    const deny = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Deny" as const, Action: ["s3:GetBucketTagging"], Resource: "*" }],
    };
    provisioner.inline.deny = { value: deny, visibleAt: 0, previous: null };
    const { items, errors } = await sync(accountB);
    delete provisioner.inline.deny;
    expect(Object.fromEntries(items.map(({ name, classification }) => [name, classification]))).toEqual({
      reports: undefined,
      ledger: undefined,
      orders: null,
    });
    expect(errors.map(({ section, kind }) => [section, kind])).toEqual([
      ["tags", "access-denied"],
      ["tags", "access-denied"],
    ]);
  });

  it("says nothing of a key or an agent that it could not read", async () => {
    const provisioners = [accountA, accountB].map(
      ({ id }) => sandbox.state().accounts[id]?.roles["drawbridge-provisioner"],
    );
    const deny = {
      Version: "2012-10-17" as const,
      Statement: [
        {
          Effect: "Deny" as const,
          Action: ["s3:GetEncryptionConfiguration", "eks:ListAddons"],
          Resource: "*",
        },
      ],
    };
    for (const one of provisioners) if (one) one.inline.deny = { value: deny, visibleAt: 0, previous: null };
    const [{ clusters }, { items }] = [await sync(accountA), await sync(accountB)];
    for (const one of provisioners) delete one?.inline.deny;
    expect(clusters.map(({ podIdentityAgent }) => podIdentityAgent)).toEqual([undefined]);
    expect(Object.fromEntries(items.map(({ name, encryption }) => [name, encryption]))).toEqual({
      reports: undefined,
      ledger: undefined,
      orders: null,
    });
  });

  it.each<[AddonStatus, boolean]>([
    ["ACTIVE", true],
    ["UPDATING", true],
    ["UPDATE_FAILED", true],
    ["DEGRADED", true],
    ["CREATING", false],
    ["CREATE_FAILED", false],
    ["DELETING", false],
    ["DELETE_FAILED", false],
  ])("takes an agent whose add-on is %s for one that runs: %s", async (status, runs) => {
    const addon = sandbox.state().accounts[accountA.id]?.clusters[`${region}/main`]?.addons[agentAddon];
    if (!addon) throw new Error("no add-on");
    addon.status = status;
    const { clusters } = await sync(accountA);
    addon.status = "ACTIVE";
    expect(clusters.map(({ podIdentityAgent }) => podIdentityAgent)).toEqual([runs]);
  });

  it("goes on without what it may not read, and says so", async () => {
    const provisioner = sandbox.state().accounts[accountA.id]?.roles["drawbridge-provisioner"];
    if (!provisioner) throw new Error("no provisioner");
    const deny = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Deny" as const, Action: ["eks:ListClusters", "s3:*"], Resource: "*" }],
    };
    provisioner.inline.deny = { value: deny, visibleAt: 0, previous: null };
    const { observed, clusters, errors } = await sync(accountA);
    delete provisioner.inline.deny;
    expect(clusters).toEqual([]);
    expect(observed[source.key]).toBeDefined();
    expect(errors.map(({ section, kind }) => [section, kind]).sort()).toEqual([
      ["buckets", "access-denied"],
      ["clusters", "access-denied"],
    ]);
    for (const { cause, nextStep } of errors)
      expect([cause.length > 20, nextStep.length > 20]).toEqual([true, true]);
  });

  it("shows another installation's association as not ours", async () => {
    const held = sandbox.state().accounts[accountA.id]?.clusters[`${region}/main`]?.associations;
    for (const one of Object.values(held ?? {})) one.tags = ownershipTags("other");
    const { observed } = await sync(accountA);
    expect(observed[association.key]).toMatchObject({ ours: false, conflict: expect.any(String) });
  });
});
