import { describe, expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { KeyFacts } from "#lib/model/key-facts.ts";
import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import type { Asker, ProvenRow } from "#lib/model/proven-access.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { desiredResources } from "../desired-resources.ts";
import {
  account,
  away,
  bucketArn,
  estate,
  grant,
  home,
  item,
  keyArn,
  queueArn,
  third,
} from "../testing/organisation.ts";
import { keysBehind } from "./documents.ts";
import { delegatingStatement, keyCalls } from "./key-use.ts";
import { proveAccess } from "./prove-access.ts";

const guide = "https://docs.aws.amazon.com/kms/latest/developerguide";
const now = "2026-11-22T12:00:00Z";

const policy = (...statements: Partial<Statement>[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements.map((one) => ({ Effect: "Allow", Action: "kms:*", Resource: "*", ...one })),
});
const root = (id: string) => ({ AWS: `arn:aws:iam::${id}:root` });
const someRole = { AWS: `arn:aws:iam::${away}:role/key-users` };
const viaS3 = { "kms:ViaService": "s3.eu-west-1.amazonaws.com" };

interface Case {
  what: string;
  cites: string;
  key: KeyFacts;
  expect: ProvenRow["outcome"];
  /** Of a queue instead of a bucket. */
  queue?: true;
  dependsOn?: string[];
}

/** The default key policy, as `CreateKey` and the console make it. */
const byDefault = { Sid: "Enable IAM User Permissions", Principal: root(away) };

const cases: Case[] = [
  {
    what: "the default policy leaves it to the account's IAM policies",
    cites: `${guide}/key-policy-default.html#key-policy-default-allow-root-enable-iam`,
    key: { policy: policy(byDefault) },
    expect: "allowed",
  },
  {
    what: "the default policy of a queue's key",
    cites: `${guide}/key-policy-default.html#key-policy-default-allow-root-enable-iam`,
    key: { policy: policy(byDefault) },
    queue: true,
    expect: "allowed",
  },
  {
    what: "no statement for the account: IAM policies count for nothing",
    cites: `${guide}/key-policies.html`,
    key: { policy: policy({ Principal: someRole }) },
    expect: "refused",
  },
  {
    what: "the account is given the key's administration alone",
    cites: `${guide}/key-policy-default.html#key-policy-default-allow-administrators`,
    key: { policy: policy({ ...byDefault, Action: ["kms:Describe*", "kms:Get*", "kms:Put*"] }) },
    expect: "refused",
  },
  {
    what: "another account is let in, which does not enable the IAM policies of this one",
    cites: `${guide}/key-policy-modifying-external-accounts.html`,
    key: { policy: policy({ Principal: root(home) }) },
    expect: "refused",
  },
  {
    what: "the account by way of the service, with the caller's account, as AWS writes it for its own keys",
    cites: `${guide}/conditions-kms.html#conditions-kms-caller-account`,
    key: {
      policy: policy({
        Principal: { AWS: "*" },
        Condition: { StringEquals: { ...viaS3, "kms:CallerAccount": away } },
      }),
    },
    expect: "allowed",
  },
  {
    what: "callers of another account, by way of the service",
    cites: `${guide}/conditions-kms.html#conditions-kms-caller-account`,
    key: {
      policy: policy({
        Principal: { AWS: "*" },
        Condition: { StringEquals: { ...viaS3, "kms:CallerAccount": home } },
      }),
    },
    expect: "refused",
  },
  {
    what: "by way of another service",
    cites: `${guide}/conditions-kms.html#conditions-kms-via-service`,
    key: {
      policy: policy({
        ...byDefault,
        Condition: { StringEquals: { "kms:ViaService": "sqs.eu-west-1.amazonaws.com" } },
      }),
    },
    expect: "refused",
  },
  {
    what: "by way of the service in another Region",
    cites: `${guide}/conditions-kms.html#conditions-kms-via-service`,
    key: {
      policy: policy({
        ...byDefault,
        Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
      }),
    },
    expect: "refused",
  },
  {
    what: "a Deny, whatever else allows",
    cites: `${guide}/key-policies.html`,
    key: { policy: policy(byDefault, { Effect: "Deny", Principal: "*", Action: "kms:Decrypt" }) },
    expect: "refused",
  },
  {
    what: "a Deny of all calls that no service makes",
    cites: `${guide}/conditions-kms.html#conditions-kms-via-service`,
    key: {
      policy: policy(byDefault, {
        Effect: "Deny",
        Principal: "*",
        Condition: { Bool: { "aws:ViaAWSService": "false" } },
      }),
    },
    expect: "allowed",
  },
  {
    what: "the encryption context of any object of the bucket, and of the bucket with S3 Bucket Keys",
    cites: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html#bucket-key-changes",
    key: {
      policy: policy({
        ...byDefault,
        Condition: { StringLike: { "kms:EncryptionContext:aws:s3:arn": `${bucketArn}*` } },
      }),
    },
    expect: "allowed",
  },
  {
    what: "the encryption context of S3 Bucket Keys only: objects that were stored without have another",
    cites: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html#bucket-key-changes",
    key: {
      policy: policy({
        ...byDefault,
        Condition: { StringEquals: { "kms:EncryptionContext:aws:s3:arn": bucketArn } },
      }),
    },
    expect: "unknown",
    dependsOn: ["kms:EncryptionContext:aws:s3:arn"],
  },
  {
    what: "the encryption context of another bucket",
    cites: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html#bucket-key-changes",
    key: {
      policy: policy({
        ...byDefault,
        Condition: { StringLike: { "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::another-bucket*" } },
      }),
    },
    expect: "refused",
  },
  {
    what: "an organisation's members, which nobody here knows",
    cites: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    key: { policy: policy({ ...byDefault, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }) },
    expect: "unknown",
    dependsOn: ["aws:PrincipalOrgID"],
  },
  {
    what: "a policy that nobody has read",
    cites: `${guide}/key-policies.html`,
    key: {},
    expect: "unknown",
    dependsOn: [`the policy of the key ${keyArn}`],
  },
  {
    what: "a key that is disabled, whatever its policy allows",
    cites: `${guide}/key-state.html`,
    key: { policy: policy(byDefault), unusable: `the key ${keyArn} is disabled` },
    expect: "refused",
  },
];

const keyed = estate({
  inventory: [item(bucketArn, away, { encryption: keyArn }), item(queueArn, away, { encryption: keyArn })],
});
const boundaries = new Map(
  [account(home), account(away)].map((one) => [one.boundaryArn, boundaryPolicy(one, "acme")]),
);

function rowsOf({ queue, key }: Pick<Case, "queue" | "key">): ProvenRow[] {
  const asked: Grant = grant({
    pattern: "oidc-federation",
    level: "read-write",
    ...(queue ? { target: { arn: queueArn, accountId: away } } : {}),
  });
  const resources = desiredResources([asked], keyed);
  const keys = keysBehind([asked], keyed, new Map([[keyArn, key]]));
  return proveAccess(asked, resources, { resources, boundaries, policies: new Map(), keys }, now);
}

/** What needs the key: other actions on the target are none of its business. */
const needing = ["s3:GetObject", "s3:PutObject", "sqs:ReceiveMessage", "sqs:SendMessage"];

function answers(rows: readonly ProvenRow[], who: Asker) {
  return rows.filter((row) => row.who === who && row.actions.some((action) => needing.includes(action)));
}

describe("the key behind a target", () => {
  it.each(cases)("decides: $what ($cites)", ({ expect: expected, dependsOn = [], ...one }) => {
    const rows = rowsOf(one);
    const workload = answers(rows, "workload");
    expect([...new Set(workload.map(({ outcome }) => outcome))]).toEqual([expected]);
    expect([...new Set(workload.flatMap((row) => row.dependsOn))]).toEqual(dependsOn);
    // A refusal is never a proof; what nobody knows is none, and no failure either.
    expect(workload.every(({ ok }) => ok)).toBe(expected !== "refused");
    expect(workload.flatMap(({ steps }) => steps).some(({ resource }) => resource === keyArn)).toBe(true);
    const others = rows.filter(
      ({ who }) => !who.startsWith("workload") && who !== "admin-of-target" && who !== "admin-of-cluster",
    );
    expect([...new Set(others.map(({ outcome }) => outcome))]).toEqual(["refused"]);
  });

  it("says which hop it is that refuses, and why", () => {
    const reasonOf = (key: KeyFacts) =>
      answers(rowsOf({ key }), "workload")[0]?.steps.find(({ resource }) => resource === keyArn)?.reason;
    expect(reasonOf({ unusable: `the key ${keyArn} is disabled` })).toBe(
      `Denied: the key ${keyArn} is disabled.`,
    );
    expect(reasonOf({ policy: policy({ Principal: someRole }) })).toMatch(
      /no statement of the resource's policy allows kms:.*Nearest: statement 1 of the policy of the key .*Principal names .*key-users/,
    );
    expect(reasonOf({ policy: policy(byDefault) })).toMatch(/statement Enable IAM User Permissions of/);
  });

  it("is among what the grant's permissions say, with the only way to use it", () => {
    const [row] = answers(rowsOf({ key: { policy: policy(byDefault) } }), "workload");
    const ofKey = row?.terms?.filter(({ on }) => on.includes(keyArn));
    expect(ofKey).toEqual([
      {
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        on: [keyArn],
        onlyIf: [
          expect.stringContaining("s3.eu-west-1.amazonaws.com"),
          expect.stringContaining("kms:EncryptionContext:aws:s3:arn"),
        ],
      },
    ]);
  });

  it("is used in the way of the target's service, for the actions that need it", () => {
    const key = { arn: keyArn, accountId: away, region: "cn-north-1" };
    const put = { action: "s3:PutObject", resource: "arn:aws-cn:s3:::reports/a" };
    expect(keyCalls("arn:aws-cn:s3:::reports", put, key)).toMatchObject([
      {
        action: "kms:GenerateDataKey",
        context: { "aws:ViaAWSService": "true" },
        possibleValues: {
          "kms:ViaService": ["s3.cn-north-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn"],
          "kms:EncryptionContext:aws:s3:arn": ["arn:aws-cn:s3:::reports", "arn:aws-cn:s3:::reports/a"],
        },
      },
      { action: "kms:Decrypt" },
    ]);
    expect(
      keyCalls(
        queueArn,
        { action: "sqs:ReceiveMessage", resource: queueArn },
        { ...key, region: "eu-west-1" },
      ),
    ).toMatchObject([
      {
        action: "kms:Decrypt",
        context: {
          "kms:ViaService": "sqs.eu-west-1.amazonaws.com",
          "kms:EncryptionContext:aws:sqs:arn": queueArn,
        },
      },
    ]);
    expect(keyCalls(bucketArn, { action: "s3:ListBucket", resource: bucketArn }, key)).toEqual([]);
  });

  // AWS's documentation names the services of the China Regions under either suffix.
  it.each<[string, string[], string[], ProvenRow["outcome"]]>([
    ["the onboarding template's boundary", [], [], "allowed"],
    ["a boundary of one name", ["s3.*.amazonaws.com"], [], "unknown"],
    ["a boundary of the other", ["s3.*.amazonaws.com.cn"], [], "unknown"],
    ["a boundary of neither", ["sqs.*.amazonaws.com", "sqs.*.amazonaws.com.cn"], [], "refused"],
    ["a key policy of one name", [], ["s3.cn-north-1.amazonaws.com"], "unknown"],
    [
      "a key policy of both",
      [],
      ["s3.cn-north-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn"],
      "allowed",
    ],
  ])("is open in China where it is under both names of the service: %s", (_, within, byOwner, expected) => {
    const china = { partition: "aws-cn" as const, regions: ["cn-north-1"] };
    const accounts = [account(home, china), account(away, china)];
    const arn = "arn:aws-cn:s3:::reports";
    const ofBucket = keyArn.replace("aws:kms:eu-west-1", "aws-cn:kms:cn-north-1");
    const where = estate({
      accounts,
      inventory: [item(arn, away, { encryption: ofBucket, region: "cn-north-1" })],
    });
    const asked = grant({
      pattern: "oidc-federation",
      level: "read-write",
      target: { arn, accountId: away },
    });
    const resources = desiredResources([asked], where);
    const inChina = new Map(
      accounts.map((one) => {
        const Statement = statementsOf(boundaryPolicy(one, "acme")).map((statement) =>
          within.length > 0 && statement.Sid === "KeysThroughTheseServices"
            ? { ...statement, Condition: { StringLike: { "kms:ViaService": within } } }
            : statement,
        );
        return [one.boundaryArn, { Version: "2012-10-17", Statement }] as const;
      }),
    );
    const root = { AWS: `arn:aws-cn:iam::${away}:root` };
    const through = byOwner.length > 0 ? { Condition: { StringEquals: { "kms:ViaService": byOwner } } } : {};
    const keys = keysBehind(
      [asked],
      where,
      new Map([[ofBucket, { policy: policy({ Principal: root, ...through }) }]]),
    );
    const documents = { resources, boundaries: inChina, policies: new Map(), keys };
    const rows = answers(proveAccess(asked, resources, documents, now), "workload");
    expect([...new Set(rows.map(({ outcome }) => outcome))]).toEqual([expected]);
    expect([...new Set(rows.flatMap((row) => row.dependsOn))]).toEqual(
      expected === "unknown" ? ["kms:ViaService"] : [],
    );
  });

  it("opens with the statement that its owner is told to add, by way of the service and no other", () => {
    const key = { accountId: away, region: "eu-west-1" };
    const actions = ["kms:Decrypt", "kms:GenerateDataKey"];
    const added = (service: string) =>
      policy({ Principal: someRole }, delegatingStatement(key, { service, partition: "aws" }, actions));
    const outcomes = (document: PolicyDocument) =>
      answers(rowsOf({ key: { policy: document } }), "workload").map(({ outcome }) => outcome);
    expect(outcomes(added("s3"))).toEqual(["allowed"]);
    expect(outcomes(added("sqs"))).toEqual(["refused"]);
  });
});

/** What nobody asked for: the key without the service, and to rule it. */
const direct = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"].map((one) => `${one} without Amazon S3`);
const ruling = ["kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"];

describe("the key behind a target, beyond what was asked", () => {
  const open = new Map([...boundaries.keys()].map((arn) => [arn, policy({ Action: "*" })]));

  interface Asked {
    key: KeyFacts;
    /** our permissions and the boundary as if somebody had forgotten what limits the use of the key */
    careless?: (statement: Statement) => Statement;
    pattern?: string;
    /** whose the key is */
    owner?: string;
  }

  const beyond = ({ key, careless, pattern = "oidc-federation", owner = away }: Asked) => {
    const asked = grant({ pattern, level: "read-write" });
    const arn = keyArn.replace(away, owner);
    const where = estate({ inventory: [item(bucketArn, away, { encryption: arn })] });
    const resources = desiredResources([asked], where);
    const keys = keysBehind([asked], where, new Map([[arn, key]]));
    const others = { policies: new Map(), keys };
    const documents = careless
      ? { ...others, resources: resources.map((one) => changed(one, careless)), boundaries: open }
      : { ...others, resources, boundaries };
    return proveAccess(asked, resources, documents, now)
      .filter(({ who }) => who === "workload-beyond")
      .map((row) => ({ ...row, actions: row.actions.filter((one) => one.startsWith("kms:")) }))
      .filter(({ actions }) => actions.length > 0);
  };
  const changed = (one: CloudResource, change: (statement: Statement) => Statement): CloudResource => {
    if (one.kind !== "role-policy") return one;
    const Statement = statementsOf(one.body.document).map(change);
    return { ...one, body: { ...one.body, document: { ...one.body.document, Statement } } };
  };
  const unconditional = ({ Condition: _, ...rest }: Statement): Statement => rest;
  /** Only the encryption context is left. */
  const inContext =
    (value: string) =>
    ({ Condition: _, ...rest }: Statement): Statement => ({
      ...rest,
      Condition: { StringLike: { "kms:EncryptionContext:aws:s3:arn": value } },
    });

  it("is refused, with the policy that a key has by default", () => {
    expect(beyond({ key: { policy: policy(byDefault) } })).toMatchObject([
      { outcome: "refused", ok: true, actions: [...ruling, ...direct].sort() },
    ]);
  });

  it("has a row of its own: who may see into the key's account need not be who sees into the target's", () => {
    const rows = rowsOf({ key: { policy: policy(byDefault) } }).filter(
      ({ who }) => who === "workload-beyond",
    );
    const ofKey = rows.map(({ actions }) => actions.filter((one) => one.startsWith("kms:")).length);
    expect(rows.map(({ actions }, at) => ofKey[at] === 0 || ofKey[at] === actions.length)).toEqual([
      true,
      true,
    ]);
  });

  it("is not asked of a key whose policy nobody has read: then nothing is known of it", () => {
    expect(beyond({ key: {} })).toEqual([]);
  });

  // "kms:ViaService … limits use of a KMS key to requests from specified AWS services": without it any call is one.
  // Who calls chooses the encryption context.
  it.each<[string, Omit<Asked, "key">, NonNullable<Statement["Principal"]>]>([
    ["without conditions", { careless: unconditional }, root(away)],
    ["with the context of the bucket", { careless: inContext(bucketArn) }, root(away)],
    ["with that of objects alone", { careless: inContext(`${bucketArn}/*`) }, root(away)],
    ["with that of another bucket", { careless: inContext("arn:aws:s3:::another/*") }, root(away)],
    [
      "from the cluster's account",
      { careless: unconditional, pattern: "resource-policy" },
      { AWS: [away, home].map((id) => `arn:aws:iam::${id}:root`) },
    ],
    [
      "with a key in a third account",
      { careless: unconditional, owner: third },
      { AWS: [third, away].map((id) => `arn:aws:iam::${id}:root`) },
    ],
  ])("is ours when our own permissions would allow it without the service: %s", (_, how, Principal) => {
    const rows = beyond({ ...how, key: { policy: policy({ Principal }) } }).filter(({ ok }) => !ok);
    expect(rows).toMatchObject([
      {
        outcome: "allowed",
        actions: ["kms:Decrypt without Amazon S3", "kms:GenerateDataKey without Amazon S3"],
      },
    ]);
    expect(rows.some(({ byOthers }) => byOthers)).toBe(false);
  });

  it("is ours where only one of the actions lost its conditions", () => {
    const careless = (one: Statement) =>
      listOf(one.Action).includes("kms:GenerateDataKey")
        ? { ...unconditional(one), Action: ["kms:GenerateDataKey"] }
        : one;
    expect(beyond({ careless, key: { policy: policy(byDefault) } }).filter(({ ok }) => !ok)).toMatchObject([
      { outcome: "allowed", actions: ["kms:GenerateDataKey without Amazon S3"] },
    ]);
  });

  // A principal of the same account needs no IAM policy where the key's policy names it (KMS Developer Guide, "Key
  // policies in AWS KMS").
  it("is told, and no run fails for it, where the key's own policy lets in whoever is in the account", () => {
    const everybody = policy(byDefault, {
      Principal: { AWS: "*" },
      Action: "kms:Decrypt",
      Condition: { StringEquals: { "kms:CallerAccount": away } },
    });
    expect(beyond({ key: { policy: everybody } }).filter(({ ok }) => !ok)).toMatchObject([
      {
        outcome: "allowed",
        actions: ["kms:Decrypt without Amazon S3"],
        byOthers: true,
        reason:
          "Allowed by the key's own policy, and not by what Drawbridge writes: kms:Decrypt without Amazon S3.",
      },
    ]);
  });

  it("is ours all the same where the key's own policy is as generous as our permissions", () => {
    const everybody = policy(byDefault, { Principal: { AWS: "*" }, Action: "kms:Decrypt" });
    const rows = beyond({ key: { policy: everybody }, careless: unconditional }).filter(({ ok }) => !ok);
    expect(rows.flatMap(({ actions }) => actions)).toContain("kms:Decrypt without Amazon S3");
    expect(rows.some(({ byOthers }) => byOthers)).toBe(false);
  });
});
