import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { controllers } from "./controllers.ts";
import { preflight } from "./preflight.ts";
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

let sandbox: RunningSandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seed() });
});
afterEach(() => sandbox.close());

const source = roleResource(accountA, "src", accountTrust(accountA.id));
const statements = statementsResource("s3", source.key);

async function idsFor(...resources: CloudResource[]): Promise<string[]> {
  const sessions = sessionsAt(sandbox.url);
  const clients = new Map(
    [accountA, accountB].map((one) => [one.id, sessions.account(one, { sessionName: "preflight" })]),
  );
  const findings = await preflight(clients, installation, resources);
  for (const { title, detail, nextStep } of findings) {
    for (const text of [title, detail, nextStep]) expect(text.length).toBeGreaterThan(10);
  }
  return findings.map(({ id, severity }) => `${severity} ${id}`);
}

function stateOf(id: string) {
  const account = sandbox.state().accounts[id];
  if (!account) throw new Error("no account");
  return account;
}

function bucket() {
  const found = sandbox.state().buckets.reports;
  if (!found) throw new Error("no bucket");
  return found;
}

describe("preflight", () => {
  it("has nothing against a plan that will work", async () => {
    const plan = [source, rolePolicyResource(accountA, "src"), associationResource(source.key), statements];
    expect(await idsFor(...plan, statementsResource("sqs", source.key))).toEqual([]);
    expect(await idsFor(providerResource(accountA))).toEqual(["info provider.new"]);
  });

  it("sees names that are taken", async () => {
    expect(await idsFor(roleResource(accountA, "team-role", accountTrust(accountA.id)))).toEqual([
      "error role.foreign",
    ]);
  });

  it("sees service accounts that are bound", async () => {
    const ctx = contextOf(sessionsAt(sandbox.url), accountA);
    await controllers.role.create(ctx, source);
    await controllers["pod-identity-association"].create(ctx, associationResource(source.key));
    const held = stateOf(accountA.id).clusters[`${region}/main`]?.associations ?? {};
    for (const one of Object.values(held)) one.tags = {};
    expect(await idsFor(associationResource(source.key))).toEqual(["error association.foreign"]);
  });

  it("tells a provider of others that serves from one that does not", async () => {
    const wanted = providerResource(accountA);
    const made = { arn: wanted.key, issuer, thumbprints: [], createdAt: 0, tags: {} };
    stateOf(accountA.id).providers[wanted.key] = { ...made, clientIds: ["sts.amazonaws.com"] };
    expect(await idsFor(wanted)).toEqual(["info provider.foreign"]);
    stateOf(accountA.id).providers[wanted.key] = { ...made, clientIds: ["other"] };
    expect(await idsFor(wanted)).toEqual(["error provider.audience-missing"]);
  });

  it("counts roles, trust policies and inline policies against their quotas", async () => {
    stateOf(accountA.id).quotas.roles = 2;
    expect(await idsFor(source)).toEqual(["error quota.roles"]);
    stateOf(accountA.id).quotas.roles = 1000;
    stateOf(accountA.id).quotas.trustPolicySize = 50;
    expect(await idsFor(source)).toEqual(["error quota.trust-policy"]);
    stateOf(accountA.id).quotas.trustPolicySize = 2048;
    const policy = rolePolicyResource(accountA, "src");
    const Resource = Array.from({ length: 400 }, (_, index) => `arn:aws:s3:::reports/some/prefix/${index}/*`);
    policy.body.document.Statement = [{ Effect: "Allow", Action: "s3:GetObject", Resource }];
    expect(await idsFor(source, policy)).toEqual(["error quota.inline-policies"]);
  });

  it("sees buckets and queues that are missing or another account's", async () => {
    const other = { ...statements, body: { ...statements.body, resourceArn: "arn:aws:s3:::no-such-bucket" } };
    expect(await idsFor(other)).toEqual(["error bucket.missing"]);
    expect(await idsFor({ ...statements, accountId: accountA.id })).toEqual(["error bucket.not-owned"]);
    const queue = statementsResource("sqs", source.key);
    const resourceArn = queue.body.resourceArn.replace("orders", "none");
    expect(await idsFor({ ...queue, body: { ...queue.body, resourceArn } })).toEqual(["error queue.missing"]);
  });

  it("sees what in the resource's policy defeats or forbids ours", async () => {
    const Resource = "arn:aws:s3:::reports/*";
    const everyone = { Principal: "*" as const, Action: "s3:*", Resource };
    const plainHttp = { Bool: { "aws:SecureTransport": "false" } };
    const elsewhere = { StringNotEquals: { "aws:SourceVpce": "vpce-1" } };
    bucket().policy = {
      Version: "2012-10-17",
      Statement: [
        { Sid: "OnlyTls", Effect: "Deny", ...everyone, Condition: plainHttp },
        { Sid: "OnlyOurEndpoint", Effect: "Deny", ...everyone, Condition: elsewhere },
      ],
    };
    expect(await idsFor(statements)).toEqual(["warning policy.deny"]);

    const gone = {
      Effect: "Allow" as const,
      Principal: { AWS: "AROAEXAMPLEEXAMPLE123" },
      Action: "s3:GetObject",
    };
    bucket().policy = { Version: "2012-10-17", Statement: [{ ...gone, Resource }] };
    expect(await idsFor(statements)).toEqual(["error policy.dangling-principal"]);

    bucket().policy = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", ...everyone, Action: "s3:GetObject" }],
    };
    expect(await idsFor(statements)).toEqual(["error bucket.public-policy"]);
  });

  it("sees that there is no room in the policy", async () => {
    const Principal = { AWS: `arn:aws:iam::${accountB.id}:root` };
    const Resource = `arn:aws:sqs:${region}:${accountB.id}:orders`;
    const queue = stateOf(accountB.id).queues[`${region}/orders`];
    if (!queue) throw new Error("no queue");
    const Statement = Array.from({ length: 20 }, (_, index) => ({
      Sid: `S${index}`,
      Effect: "Allow" as const,
      Principal,
      Action: "sqs:SendMessage",
      Resource,
    }));
    queue.policy = { Version: "2012-10-17", Statement };
    expect(await idsFor(statementsResource("sqs", source.key))).toEqual(["error quota.policy-statements"]);
  });

  it("sees keys and object ownership", async () => {
    const ledger = { ...statements, body: { ...statements.body, resourceArn: "arn:aws:s3:::ledger" } };
    expect(await idsFor(ledger)).toEqual(["warning key.customer-managed"]);
    bucket().encryption = { algorithm: "aws:kms", kmsKeyId: null, bucketKey: false };
    bucket().ownership = "ObjectWriter";
    expect(await idsFor(statements)).toEqual(["error key.aws-managed", "warning bucket.object-writer"]);
  });

  it("says what it could not look at", async () => {
    const provisioner = stateOf(accountB.id).roles["drawbridge-provisioner"];
    if (!provisioner) throw new Error("no provisioner");
    const deny = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Deny" as const, Action: "s3:GetBucketPolicy", Resource: "*" }],
    };
    provisioner.inline.deny = { value: deny, visibleAt: 0, previous: null };
    expect(await idsFor(statements)).toEqual(["warning unknown"]);
    expect(await idsFor({ ...source, accountId: "777777777777" })).toEqual(["warning unknown"]);
  });
});
