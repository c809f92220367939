import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { listOf, statementsOf } from "#lib/model/policy-document.ts";
import { sid } from "#lib/model/resource-key.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { KeyState } from "#lib/sandbox/state.ts";
import { controllers } from "./controllers.ts";
import { type PreflightFinding, type PreflightTarget, preflight } from "./preflight.ts";
import {
  accountA,
  accountB,
  accountTrust,
  associationResource,
  contextOf,
  installation,
  issuer,
  knownGrants,
  providerResource,
  region,
  rolePolicyResource,
  roleResource,
  seed,
  sessionsAt,
  siblingGrant,
  statementsResource,
} from "./testing/estate.ts";

let sandbox: RunningSandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seed() });
});
afterEach(() => sandbox.close());

const source = roleResource(accountA, "src", accountTrust(accountA.id));
const statements = statementsResource("s3", source.key);

/** What the statements are for, on the role's own side. */
const granting = () => rolePolicyResource(accountA, "src");
const inB = { accountId: accountB.id, region };

const keyArn = `arn:aws:kms:${region}:${accountB.id}:key/k1`;

const dst = roleResource(accountB, "dst", accountTrust(accountB.id));

/** A role in the target's account that reads the encrypted bucket, by way of its key. */
const opening = () => {
  const policy = rolePolicyResource(accountB, "dst");
  policy.body.document.Statement = [
    { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::ledger/*" },
    { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: keyArn },
  ];
  return policy;
};

async function ofLedger(): Promise<PreflightFinding[]> {
  const targets = [{ ...inB, arn: "arn:aws:s3:::ledger", service: "s3" }];
  return findingsOf({ resources: [dst, opening()], targets });
}

function key() {
  const found = stateOf(accountB.id).keys?.[keyArn];
  if (!found) throw new Error("no key");
  return found;
}

const ofKey = (...statements: object[]) =>
  control("mutate", {
    accountId: accountB.id,
    kind: "key-policy",
    name: "k1",
    document: {
      Version: "2012-10-17",
      Statement: statements.map((one) => ({ Effect: "Allow", Action: "kms:*", Resource: "*", ...one })),
    },
  });
const root = (id: string) => ({ AWS: `arn:aws:iam::${id}:root` });
const provisionerLooks = {
  Principal: { AWS: accountB.provisionerRoleArn },
  Action: ["kms:DescribeKey", "kms:GetKeyPolicy"],
};

async function control(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

function denyProvisioner(...actions: string[]): void {
  const provisioner = stateOf(accountB.id).roles["drawbridge-provisioner"];
  if (!provisioner) throw new Error("no provisioner");
  const value = {
    Version: "2012-10-17" as const,
    Statement: [{ Effect: "Deny" as const, Action: actions, Resource: "*" }],
  };
  provisioner.inline.deny = { value, visibleAt: 0, previous: null };
}

const idsFor = (...resources: CloudResource[]) => idsOf({ resources });

interface Looked {
  resources: CloudResource[];
  targets?: PreflightTarget[];
  known?: CloudResource[];
}

async function findingsOf({
  resources,
  targets = [],
  known = resources,
}: Looked): Promise<PreflightFinding[]> {
  const sessions = sessionsAt(sandbox.url);
  const clients = new Map(
    [accountA, accountB].map((one) => [one.id, sessions.account(one, { sessionName: "preflight" })]),
  );
  const cluster = { accountId: accountA.id, region, name: "main" };
  const findings = await preflight({
    clientsOf: clients,
    workload: { cluster, namespace: "pay", serviceAccount: "api" },
    installation,
    resources,
    targets,
    known,
    knownGrants,
  });
  for (const { title, detail, nextStep } of findings) {
    for (const text of [title, detail, nextStep]) expect(text.length).toBeGreaterThan(10);
  }
  return findings;
}

async function idsOf(looked: Looked): Promise<string[]> {
  return idsIn(await findingsOf(looked));
}

function idsIn(findings: readonly PreflightFinding[]): string[] {
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

  it("sees names that are taken in another case or under another path", async () => {
    const taken = roleResource(accountA, "Team-Role", accountTrust(accountA.id));
    expect(await idsFor(taken)).toEqual(["error role.foreign"]);
    const held = stateOf(accountA.id).roles["team-role"];
    if (!held) throw new Error("no role");
    held.path = "/elsewhere/";
    held.arn = `arn:aws:iam::${accountA.id}:role/elsewhere/team-role`;
    expect(await idsFor(taken)).toEqual(["error role.foreign"]);
  });

  it("sees what others have put on a role of ours, and knows what other grants have there", async () => {
    const ctx = contextOf(sessionsAt(sandbox.url), accountA);
    await controllers.role.create(ctx, source);
    const theirs = { ...granting(), body: { ...granting().body, policyName: "grant-ofothers0000" } };
    theirs.key = theirs.key.replace(granting().body.policyName, theirs.body.policyName);
    await controllers["role-policy"].create(ctx, theirs);
    expect(await idsFor(source)).toEqual(["error role.foreign-policies"]);
    expect(await idsOf({ resources: [source], known: [source, theirs] })).toEqual([]);
    const role = stateOf(accountA.id).roles.src;
    if (!role) throw new Error("no role");
    role.attached[accountA.boundaryArn] = { arn: accountA.boundaryArn, visibleAt: 0 };
    expect(await idsOf({ resources: [source], known: [source, theirs] })).toEqual([
      "error role.foreign-policies",
    ]);
  });

  it("sees that the boundary was widened, is gone or can't be read", async () => {
    const boundary = stateOf(accountA.id).policies[accountA.boundaryArn];
    if (!boundary) throw new Error("no boundary");
    const [first, ...more] = statementsOf(boundary.document);
    boundary.document = { Version: "2012-10-17", Statement: more };
    expect(await idsFor(source)).toEqual([]);
    boundary.document = {
      Version: "2012-10-17",
      Statement: [...more, { ...first, Effect: "Allow", Action: "s3:*" }],
    };
    expect(await idsFor(source)).toEqual(["error boundary.wider"]);
    delete stateOf(accountA.id).policies[accountA.boundaryArn];
    expect(await idsFor(source)).toEqual(["error boundary.missing"]);
    const provisioner = stateOf(accountA.id).roles["drawbridge-provisioner"];
    if (!provisioner) throw new Error("no provisioner");
    const deny = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Deny" as const, Action: "iam:GetPolicy", Resource: "*" }],
    };
    provisioner.inline.deny = { value: deny, visibleAt: 0, previous: null };
    expect(await idsFor(source)).toEqual(["error boundary.unread"]);
  });

  it("sees that the boundary keeps from every role what is asked for", async () => {
    const boundary = stateOf(accountA.id).policies[accountA.boundaryArn];
    if (!boundary) throw new Error("no boundary");
    const before = boundary.document;
    const without = (action: string) => ({
      ...before,
      Statement: statementsOf(before).map((one) => ({
        ...one,
        Action: listOf(one.Action).filter((each) => each !== action),
      })),
    });
    boundary.document = without("s3:GetObject");
    expect(await idsFor(source, granting())).toEqual(["error boundary.narrower"]);
    const deny = { Sid: "Frozen", Effect: "Deny" as const, Action: "s3:Get*", Resource: "*" };
    boundary.document = { Version: "2012-10-17", Statement: [...statementsOf(before), deny] };
    expect(await idsFor(source, granting())).toEqual(["error boundary.narrower"]);
    const elsewhere = { StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } };
    const others = [
      { ...deny, Condition: elsewhere },
      { ...deny, Resource: "arn:aws:s3:::others/*" },
    ];
    boundary.document = { Version: "2012-10-17", Statement: [...statementsOf(before), ...others] };
    expect(await idsFor(source, granting())).toEqual([]);
    boundary.document = without("s3:PutObjectTagging");
    expect(await idsFor(source, granting())).toEqual([]);
  });

  it("sees service accounts that are bound", async () => {
    const ctx = contextOf(sessionsAt(sandbox.url), accountA);
    await controllers.role.create(ctx, source);
    await controllers["pod-identity-association"].create(ctx, associationResource(source.key));
    const held = stateOf(accountA.id).clusters[`${region}/main`]?.associations ?? {};
    for (const one of Object.values(held)) one.tags = {};
    expect(await idsFor(associationResource(source.key))).toEqual(["error association.foreign"]);
    // Whose it is does not matter to a pod that is to become a role by its annotation.
    expect(await idsFor(source)).toEqual(["error association.in-the-way"]);
    stateOf(accountA.id).clusters = {};
    expect(await idsFor(source)).toEqual([]);
  });

  it("tells a provider of others that serves from one that does not", async () => {
    const wanted = providerResource(accountA);
    const made = { arn: wanted.key, issuer, thumbprints: [], createdAt: 0, tags: {} };
    stateOf(accountA.id).providers[wanted.key] = { ...made, clientIds: ["sts.amazonaws.com"] };
    expect(await idsFor(wanted)).toEqual(["info provider.foreign"]);
    stateOf(accountA.id).providers[wanted.key] = { ...made, clientIds: ["other"] };
    expect(await idsFor(wanted)).toEqual(["error provider.audience-missing"]);
    const { tags } = wanted.body;
    stateOf(accountA.id).providers[wanted.key] = { ...made, tags, clientIds: ["sts.amazonaws.com", "other"] };
    expect(await idsFor(wanted)).toEqual(["error provider.wider"]);
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
    const { reports } = sandbox.state().buckets;
    if (reports) Object.assign(reports, { accountId: "999999999999", region: "us-west-2" });
    expect(await findingsOf({ resources: [statements] })).toMatchObject([
      {
        id: "bucket.not-owned",
        severity: "error",
        detail: expect.stringContaining(`Account ${accountB.id} has no bucket reports`),
      },
    ]);
    const queue = statementsResource("sqs", source.key);
    const resourceArn = queue.body.resourceArn.replace("orders", "none");
    expect(await idsFor({ ...queue, body: { ...queue.body, resourceArn } })).toEqual(["error queue.missing"]);
  });

  it("sees a missing target whatever the way to it, and a Deny that hits a role of its own account", async () => {
    const targets = [{ ...inB, arn: "arn:aws:s3:::no-such-bucket", service: "s3" }];
    expect(await idsOf({ resources: [], targets })).toEqual(["error bucket.missing"]);
    const resources = [dst, rolePolicyResource(accountB, "dst")];
    const reports = [{ ...inB, arn: "arn:aws:s3:::reports", service: "s3" }];
    const Resource = "arn:aws:s3:::reports/*";
    const deny = { Effect: "Deny" as const, Principal: "*" as const, Action: "s3:GetObject", Resource };
    bucket().policy = { Version: "2012-10-17", Statement: [{ Sid: "Locked", ...deny }] };
    expect(await idsOf({ resources, targets: reports })).toEqual(["error policy.deny"]);
    const others = { ArnNotLike: { "aws:PrincipalArn": `arn:aws:iam::${accountB.id}:role/drawbridge/*` } };
    bucket().policy = { Version: "2012-10-17", Statement: [{ Sid: "Spared", ...deny, Condition: others }] };
    expect(await idsOf({ resources, targets: reports })).toEqual([]);
  });

  it("says how a bucket that only a VPC endpoint may reach lets Drawbridge look", async () => {
    const resources = [dst, rolePolicyResource(accountB, "dst")];
    const targets = [{ ...inB, arn: "arn:aws:s3:::reports", service: "s3" }];
    bucket().policy = {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "OnlyOurEndpoint",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
          Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } },
        },
      ],
    };
    const spared = `arn:aws:iam::${accountB.id}:role/drawbridge-provisioner`;
    const nextStep = expect.stringContaining(`spare ${spared}`);
    expect(await findingsOf({ resources, targets })).toMatchObject([{ id: "bucket.not-owned", nextStep }]);
    for (const statement of statementsOf(bucket().policy ?? { Version: "2012-10-17", Statement: [] }))
      statement.Condition = { ...statement.Condition, ArnNotEquals: { "aws:PrincipalArn": spared } };
    expect(await idsOf({ resources, targets })).toEqual(["warning policy.deny"]);
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
    expect(await idsFor(source, statements, granting())).toEqual(["warning policy.deny"]);

    const gone = {
      Effect: "Allow" as const,
      Principal: { AWS: "AROAEXAMPLEEXAMPLE123" },
      Action: "s3:GetObject",
    };
    bucket().policy = { Version: "2012-10-17", Statement: [{ ...gone, Resource }] };
    expect(await idsFor(statements)).toEqual(["error policy.dangling-principal"]);
    // What another grant of ours has there goes with the change; of another installation's we can't know that.
    const dead = (grant: string) => ({ ...gone, Sid: sid(grant, 0), Resource });
    bucket().policy = { Version: "2012-10-17", Statement: [dead(siblingGrant)] };
    expect(await idsFor(statements)).toEqual([]);
    bucket().policy = { Version: "2012-10-17", Statement: [dead("zzzzzzzzzzzz")] };
    expect(await idsFor(statements)).toEqual(["error policy.dangling-principal"]);

    bucket().policy = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", ...everyone, Action: "s3:GetObject" }],
    };
    expect(await idsFor(source, statements, granting())).toEqual([
      "error bucket.public-policy",
      "error policy.public",
    ]);
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

  it("sees that the bytes of a bucket's policy run out", async () => {
    const Principal = { AWS: `arn:aws:iam::${accountB.id}:root` };
    const Resource = Array.from(
      { length: 19 },
      (_, index) => `arn:aws:s3:::reports/${index}/${"x".repeat(1_000)}`,
    );
    const theirs = { Effect: "Allow" as const, Principal, Action: "s3:GetObject", Resource };
    bucket().policy = { Version: "2012-10-17", Statement: [theirs] };
    expect(await idsFor(statements)).toEqual([]);
    Resource.push(`arn:aws:s3:::reports/more/${"x".repeat(1_000)}`);
    bucket().policy = { Version: "2012-10-17", Statement: [theirs] };
    expect(await idsFor(statements)).toEqual(["error quota.policy-size"]);
    // What is dead of another grant of ours goes with the change, and takes no room.
    const dead = { ...theirs, Sid: sid(siblingGrant, 0), Principal: { AWS: "AROAEXAMPLEEXAMPLE123" } };
    bucket().policy = { Version: "2012-10-17", Statement: [dead] };
    expect(await idsFor(statements)).toEqual([]);
  });

  it("warns when an account's OIDC providers run out", async () => {
    const wanted = providerResource(accountA);
    const { providers } = stateOf(accountA.id);
    for (let index = 0; index < 100; index += 1) {
      const key = wanted.key.replace(/.{3}$/, String(index).padStart(3, "0"));
      providers[key] = { arn: key, issuer, thumbprints: [], createdAt: 0, tags: {}, clientIds: [] };
    }
    const found = await findingsOf({ resources: [wanted] });
    expect(found.find(({ id }) => id === "quota.oidc-providers")).toMatchObject({
      severity: "warning",
      detail: expect.stringContaining("101 of 100"),
    });
  });

  it("sees keys and object ownership", async () => {
    const ledger = { ...statements, body: { ...statements.body, resourceArn: "arn:aws:s3:::ledger" } };
    expect(await idsFor(ledger)).toEqual(["error key.not-opened"]);
    const targets = [{ ...inB, arn: "arn:aws:s3:::ledger", service: "s3" }];
    expect(await idsOf({ resources: [dst], targets })).toEqual(["error key.not-opened"]);
    expect(await idsOf({ resources: [dst, opening()], targets })).toEqual([]);
    bucket().encryption = { algorithm: "aws:kms", kmsKeyId: null, bucketKey: false };
    bucket().ownership = "ObjectWriter";
    expect(await idsFor(statements)).toEqual(["error key.aws-managed", "warning bucket.object-writer"]);
  });

  it("says what it could not look at", async () => {
    denyProvisioner("s3:GetBucketPolicy");
    expect(await idsFor(statements)).toEqual(["warning unknown"]);
    expect(await idsFor({ ...source, accountId: "777777777777" })).toEqual(["warning unknown"]);
  });
});

describe("the key behind a target", () => {
  const onlyOthers = { Principal: { AWS: `arn:aws:iam::${accountB.id}:role/team-role` } };
  const delegating = { Sid: "Root", Principal: root(accountB.id) };

  it("that leaves all to the account's IAM policies is no finding", async () => {
    expect(await ofLedger()).toEqual([]);
  });

  it.each<[string, string[], object[]]>([
    ["leaves nothing to IAM", ["error key.not-delegated"], [provisionerLooks, onlyOthers]],
    [
      "leaves to IAM who may administer it, and not who may use it",
      ["error key.not-delegated"],
      [{ ...delegating, Action: ["kms:Describe*", "kms:Get*", "kms:Put*"] }],
    ],
    [
      "leaves its use to IAM by way of another service",
      ["error key.not-delegated"],
      [
        provisionerLooks,
        { ...delegating, Condition: { StringEquals: { "kms:ViaService": `sqs.${region}.amazonaws.com` } } },
      ],
    ],
    [
      "leaves its use to IAM by way of S3",
      [],
      [
        provisionerLooks,
        { ...delegating, Condition: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } } },
      ],
    ],
    [
      "names the role",
      [],
      [
        provisionerLooks,
        { Principal: { AWS: "*" }, Condition: { ArnEquals: { "aws:PrincipalArn": dst.key } } },
      ],
    ],
    [
      "asks for a tag that the role has",
      [],
      [
        provisionerLooks,
        { ...delegating, Condition: { StringEquals: { "aws:PrincipalTag/team": dst.body.tags.team } } },
      ],
    ],
    [
      "asks for another tag than the role has",
      ["error key.not-delegated"],
      [
        provisionerLooks,
        { ...delegating, Condition: { StringEquals: { "aws:PrincipalTag/team": "other" } } },
      ],
    ],
    [
      "asks for a tag that a session may be given",
      ["warning key.not-delegated"],
      [
        provisionerLooks,
        { ...delegating, Condition: { StringEquals: { "aws:PrincipalTag/kubernetes-namespace": "pay" } } },
      ],
    ],
    [
      "denies its use",
      ["error key.deny"],
      [delegating, { Effect: "Deny", Principal: "*", Action: "kms:Decrypt" }],
    ],
    ["denies its use to others", [], [delegating, { Effect: "Deny", ...onlyOthers, Action: "kms:Decrypt" }]],
    [
      "denies its use outside of a network",
      ["warning key.deny"],
      [
        delegating,
        {
          Effect: "Deny",
          Principal: "*",
          Action: "kms:Decrypt",
          Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } },
        },
      ],
    ],
    [
      "leaves its use to IAM in an organisation",
      ["warning key.not-delegated"],
      [provisionerLooks, { ...delegating, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }],
    ],
  ])("is looked at, where its policy %s", async (_what, ids, statements) => {
    await ofKey(...statements);
    expect(idsIn(await ofLedger())).toEqual(ids);
  });

  it.each<[KeyState, string[]]>([
    ["Enabled", []],
    ["Disabled", ["error key.unusable"]],
    ["PendingDeletion", ["error key.unusable"]],
    ["PendingImport", ["error key.unusable"]],
  ])("that is %s", async (state, ids) => {
    key().state = state;
    expect(idsIn(await ofLedger())).toEqual(ids);
  });

  it("that is not there any more can't be used", async () => {
    stateOf(accountB.id).keys = {};
    expect(idsIn(await ofLedger())).toEqual(["error key.unusable"]);
  });

  it("opens with the very statement that the finding tells its owner to add", async () => {
    await ofKey(provisionerLooks, onlyOthers);
    const [finding] = await ofLedger();
    const statement: unknown = JSON.parse(finding?.snippet?.json ?? "");
    expect(statement).toMatchObject({
      Principal: root(accountB.id),
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Condition: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
    });
    await ofKey(provisionerLooks, onlyOthers, statement as object);
    expect(await ofLedger()).toEqual([]);
  });

  it("that does not let Drawbridge look stays unknown, with what its owner can do", async () => {
    await ofKey(onlyOthers);
    const [finding, ...more] = await ofLedger();
    expect(finding).toMatchObject({
      id: "key.unread",
      severity: "warning",
      detail: expect.stringMatching(/does not let Drawbridge's provisioner role look/),
      snippet: { json: expect.stringContaining(accountB.provisionerRoleArn) },
    });
    expect(more).toEqual([]);
    const statements: unknown = JSON.parse(`[${finding?.snippet?.json}]`);
    await ofKey(onlyOthers, ...(statements as object[]));
    expect(await ofLedger()).toEqual([]);
  });

  it("stays unknown in an account that was onboarded before its policy was read, and names the template", async () => {
    denyProvisioner("kms:GetKeyPolicy");
    expect(await ofLedger()).toMatchObject([{ id: "key.unread", severity: "warning" }]);
    const provisioner = stateOf(accountB.id).roles["drawbridge-provisioner"];
    const held = provisioner?.inline.provision;
    if (!provisioner || !held) throw new Error("no policy");
    delete provisioner.inline.deny;
    const without = statementsOf(held.value).map((one) =>
      one.Sid === "ReadKeys" ? { ...one, Action: "kms:DescribeKey" } : one,
    );
    provisioner.inline.provision = { ...held, value: { ...held.value, Statement: without } };
    expect(await ofLedger()).toMatchObject([
      { id: "key.unread", nextStep: expect.stringMatching(/Redeploy the onboarding template/) },
    ]);
    // What can be seen is said all the same.
    key().state = "Disabled";
    expect(idsIn(await ofLedger())).toEqual(["error key.unusable", "warning key.unread"]);
  });

  it("of an account that is not registered stays unknown", async () => {
    const elsewhere = keyArn.replace(accountB.id, "777777777777");
    const policy = opening();
    for (const one of statementsOf(policy.body.document))
      if (one.Resource === keyArn) one.Resource = elsewhere;
    const ledger = sandbox.state().buckets.ledger;
    if (!ledger) throw new Error("no bucket");
    ledger.encryption.kmsKeyId = elsewhere;
    const targets = [{ ...inB, arn: "arn:aws:s3:::ledger", service: "s3" }];
    expect(await idsOf({ resources: [dst, policy], targets })).toEqual(["warning key.unread"]);
  });

  it("of a queue is looked at likewise", async () => {
    const queue = stateOf(accountB.id).queues[`${region}/orders`];
    if (!queue) throw new Error("no queue");
    queue.attributes.KmsMasterKeyId = "k1";
    const policy = opening();
    policy.body.document.Statement = [
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: queue.arn },
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: keyArn },
    ];
    const looked = { resources: [dst, policy], targets: [{ ...inB, arn: queue.arn, service: "sqs" }] };
    expect(await idsOf(looked)).toEqual([]);
    await ofKey(provisionerLooks, {
      ...delegating,
      Condition: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
    });
    expect(await idsOf(looked)).toEqual(["error key.not-delegated"]);
  });

  it("that turns out to be AWS's own can't be shared, however the bucket names it", async () => {
    key().manager = "AWS";
    const ledger = { ...statements, body: { ...statements.body, resourceArn: "arn:aws:s3:::ledger" } };
    expect(await idsFor(ledger)).toEqual(["error key.aws-managed"]);
    expect(await ofLedger()).toEqual([]);
  });
});
