import { describe, expect, it } from "vitest";
import type { CustomCondition, CustomPermissions } from "#lib/model/custom-permissions.ts";
import type { AccessLevel } from "#lib/model/grant.ts";
import { customProblems } from "./admit-custom.ts";
import { s3 } from "./services/s3.ts";
import { sqs } from "./services/sqs.ts";

const statement = (actions: string[], ...conditions: CustomCondition[]) => ({ actions, conditions });
const on = (key: string, operator: string, ...values: string[]): CustomCondition => ({
  operator,
  key,
  values,
});

interface Case {
  name: string;
  custom?: CustomPermissions;
  level?: AccessLevel;
  service?: typeof s3;
  prefix?: string;
  /** `code field` */
  refused?: string[];
}

const get = statement(["s3:GetObject"]);
const from = on("aws:SourceIp", "IpAddress", "203.0.113.0/24");

const cases: Case[] = [
  { name: "one action", custom: [get] },
  {
    name: "actions on objects and the bucket",
    custom: [statement(["s3:GetObject", "s3:ListBucket"])],
    prefix: "in",
  },
  { name: "an action under a condition", custom: [statement(["s3:GetObject"], from)] },
  { name: "a queue's action", custom: [statement(["sqs:PurgeQueue"])], service: sqs },
  {
    name: "one action under either of two conditions",
    custom: [
      statement(["s3:GetObject"], from),
      statement(["s3:GetObject"], on("s3:ExistingObjectTag/class", "StringEquals", "public")),
    ],
  },
  {
    name: "half of all addresses",
    custom: [statement(["s3:GetObject"], on("aws:SourceIp", "IpAddress", "0.0.0.0/1", "203.0.113.0/24"))],
  },
  {
    name: "private addresses of one network",
    custom: [
      statement(
        ["s3:GetObject"],
        on("aws:VpcSourceIp", "IpAddress", "10.0.0.0/8"),
        on("aws:SourceVpc", "StringEquals", "vpc-0a1b2c3d"),
      ),
    ],
  },
  {
    name: "fewer keys than there may be",
    custom: [statement(["s3:ListBucket"], on("s3:max-keys", "NumericLessThanEquals", "999"))],
  },
  {
    name: "old versions under a condition, and current objects without",
    custom: [
      statement(["s3:GetObjectVersion"], on("s3:ExistingObjectTag/public", "StringEquals", "yes")),
      get,
    ],
  },
  {
    name: "both under the same condition",
    custom: [
      statement(
        ["s3:GetObject", "s3:GetObjectVersion"],
        on("s3:ExistingObjectTag/public", "StringEquals", "yes"),
      ),
    ],
  },
  { name: "another level with actions", level: "read", custom: [get], refused: ["custom.not-custom custom"] },
  { name: "no list", refused: ["custom.empty custom"] },
  { name: "an empty list", custom: [], refused: ["custom.empty custom"] },
  {
    name: "a statement without actions",
    custom: [statement([])],
    refused: ["custom.empty custom.0.actions"],
  },
  {
    name: "an action twice",
    custom: [statement(["s3:GetObject", "s3:GetObject"])],
    refused: ["custom.duplicate custom.0.actions"],
  },
  ...["s3:*", "s3:Get*", "*", "s3:GetObjec?"].map((action) => ({
    name: `the wildcard ${action}`,
    custom: [statement([action])],
    refused: ["custom.wildcard custom.0.actions"],
  })),
  {
    name: "another spelling",
    custom: [statement(["S3:getobject"])],
    refused: ["custom.spelling custom.0.actions"],
  },
  {
    name: "an action of another service",
    custom: [statement(["sqs:SendMessage", "iam:PassRole"])],
    refused: ["custom.other-service custom.0.actions", "custom.other-service custom.0.actions"],
  },
  ...[
    "s3:PutBucketPolicy",
    "s3:PutObjectAcl",
    "s3:PutBucketOwnershipControls",
    "s3:PutReplicationConfiguration",
    "s3:PutBucketPublicAccessBlock",
    "s3:DeleteBucket",
    "s3:BypassGovernanceRetention",
    "s3:Nonsense",
    `s3:$${"{aws:username}"}`,
  ].map((action) => ({
    name: action,
    custom: [get, statement([action])],
    refused: ["custom.not-offered custom.1.actions"],
  })),
  ...["sqs:AddPermission", "sqs:SetQueueAttributes", "sqs:DeleteQueue"].map((action) => ({
    name: action,
    custom: [statement([action])],
    service: sqs,
    refused: ["custom.not-offered custom.0.actions"],
  })),
  {
    name: "an action on the whole bucket for a prefix",
    custom: [statement(["s3:GetBucketLocation"])],
    prefix: "in",
    refused: ["custom.whole-only custom.0.actions"],
  },
  {
    name: "a key that ours use",
    custom: [
      statement(
        ["s3:ListBucket"],
        on("aws:CurrentTime", "DateLessThan", "2099-01-01T00:00:00Z"),
        on("AWS:ResourceAccount", "StringEquals", "111122223333"),
        on("s3:prefix", "StringLike", "in/a/*"),
      ),
    ],
    prefix: "in",
    refused: Array(3).fill("custom.condition-ours custom.0.conditions"),
  },
  ...["aws:PrincipalTag/team", "aws:sourceip", "s3:ExistingObjectTag/*", "__proto__"].map((key) => ({
    name: `the key ${key}`,
    custom: [statement(["s3:GetObject"], on(key, "StringEquals", "x"))],
    refused: ["custom.condition-key custom.0.conditions"],
  })),
  // Each holds when the key is absent or can't limit what it seems to (IAM User Guide, "Condition operators").
  ...[
    "NotIpAddress",
    "IpAddressIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "Null",
    "StringEquals",
    "ipaddress",
    "constructor",
    "",
  ].map((operator) => ({
    name: `the operator ${operator || "(none)"}`,
    custom: [statement(["s3:GetObject"], on("aws:SourceIp", operator, "203.0.113.0/24"))],
    refused: ["custom.condition-operator custom.0.conditions"],
  })),
  {
    name: "a key that the action's requests do not carry",
    custom: [statement(["s3:ListBucket", "s3:GetObject"], on("s3:prefix", "StringLike", "in/*"))],
    refused: ["custom.condition-not-carried custom.0.conditions"],
  },
  {
    name: "a condition twice",
    custom: [statement(["s3:GetObject"], from, on("aws:SourceIp", "IpAddress", "198.51.100.0/24"))],
    refused: ["custom.condition-twice custom.0.conditions"],
  },
  {
    // IAM User Guide, "Condition": "Condition key names are not case-sensitive."
    name: "a key in two spellings",
    custom: [
      statement(
        ["s3:GetObject"],
        on("s3:ExistingObjectTag/team", "StringEquals", "payments"),
        on("s3:ExistingObjectTag/Team", "StringEquals", "reports"),
      ),
    ],
    refused: ["custom.condition-twice custom.0.conditions"],
  },
  {
    name: "two operators on one key, which no value may fit",
    custom: [
      statement(
        ["s3:ListBucket"],
        on("s3:prefix", "StringEquals", "exports/2026"),
        on("s3:prefix", "StringLike", "imports/*"),
      ),
    ],
    refused: ["custom.condition-twice custom.0.conditions"],
  },
  ...(
    [
      ["aws:SourceIp", "IpAddress", "everywhere"],
      ["aws:SourceIp", "IpAddress", "0.0.0.0/0"],
      ["aws:SourceIp", "IpAddress", "::/0"],
      // "The aws:SourceIp condition key works only for public IP address ranges" (IAM User Guide).
      ["aws:SourceIp", "IpAddress", "10.0.0.0/8"],
      ["aws:SourceIp", "IpAddress", "192.168.3.4"],
      ["aws:SourceIp", "IpAddress", "fd00::/8"],
      ["aws:SourceIp", "IpAddress", "100.64.12.0/22"],
      ["aws:SecureTransport", "Bool", "false"],
      ["aws:RequestedRegion", "StringLike", "*"],
      ["aws:RequestedRegion", "StringEquals", "eu-*"],
      ["aws:SourceVpce", "StringEquals", `$${"{aws:PrincipalTag/vpce}"}`],
      ["aws:SourceVpce", "StringEquals", ""],
      ["aws:SourceVpce", "StringEquals", 'vpce-1", "vpce-2'],
      ["s3:TlsVersion", "NumericGreaterThanEquals", "NaN"],
      ["s3:TlsVersion", "NumericGreaterThanEquals", "0"],
      ["aws:RequestedRegion", "StringLike", "*-*"],
    ] as const
  ).map(([key, operator, value]) => ({
    name: `${key} ${operator} "${value}"`,
    custom: [statement(["s3:GetObject"], on(key, operator, value))],
    refused: ["custom.condition-value custom.0.conditions"],
  })),
  {
    name: "ranges that together are all addresses",
    custom: [
      statement(
        ["s3:GetObject"],
        on("aws:SourceIp", "IpAddress", "128.0.0.0/1", "203.0.113.0/24", "0.0.0.0/1"),
      ),
    ],
    refused: ["custom.condition-value custom.0.conditions"],
  },
  {
    name: "as many keys as there ever are",
    custom: [statement(["s3:ListBucket"], on("s3:max-keys", "NumericLessThanEquals", "999999999"))],
    refused: ["custom.condition-value custom.0.conditions"],
  },
  // AWS knows no valid use of a wildcard in an id.
  ...["vpce-*", "vpce-0a*"].map((value) => ({
    name: `endpoints like ${value}`,
    custom: [statement(["s3:GetObject"], on("aws:SourceVpce", "StringLike", value))],
    refused: ["custom.condition-operator custom.0.conditions"],
  })),
  {
    name: "private addresses of any network",
    custom: [statement(["s3:GetObject"], on("aws:VpcSourceIp", "IpAddress", "10.0.0.0/8"))],
    refused: ["custom.condition-unpaired custom.0.conditions"],
  },
  {
    name: "a condition that reading by version steps around",
    custom: [
      statement(["s3:GetObject"], on("s3:ExistingObjectTag/public", "StringEquals", "yes")),
      statement(["s3:GetObjectVersion"]),
    ],
    refused: ["custom.overlap custom.0.actions"],
  },
  {
    name: "a tag without a name",
    custom: [statement(["s3:GetObject"], on("s3:ExistingObjectTag/", "StringEquals", "x"))],
    refused: ["custom.condition-empty custom.0.conditions"],
  },
  {
    name: "a condition without a value",
    custom: [statement(["s3:GetObject"], on("aws:SourceIp", "IpAddress"))],
    refused: ["custom.condition-empty custom.0.conditions"],
  },
  {
    name: "a statement whose conditions another makes pointless",
    custom: [statement(["s3:GetObject"], from), get],
    refused: ["custom.overlap custom.0.actions"],
  },
  { name: "the same statement twice", custom: [get, get], refused: ["custom.overlap custom.1.actions"] },
  {
    name: "tags that are a condition and may be set",
    custom: [
      statement(["s3:GetObject"], on("s3:ExistingObjectTag/class", "StringEquals", "public")),
      statement(["s3:PutObjectTagging"]),
    ],
    refused: ["custom.lifts-condition custom.1.actions"],
  },
];

describe("custom access", () => {
  it.each(cases.filter(({ refused }) => !refused))(
    "may be $name",
    ({ custom, service = s3, prefix = null }) => {
      expect(
        customProblems({ level: "custom", ...(custom ? { custom } : {}), subResource: prefix }, service),
      ).toEqual([]);
    },
  );

  it.each(cases.filter(({ refused }) => refused))("can't be $name", (one) => {
    const { custom, level = "custom", service = s3, prefix = null } = one;
    const problems = customProblems({ level, ...(custom ? { custom } : {}), subResource: prefix }, service);
    expect(problems.map(({ code, field }) => `${code} ${field}`)).toEqual(one.refused);
    for (const { reason, nextStep } of problems) {
      expect(reason.length).toBeGreaterThan(10);
      expect(nextStep.length).toBeGreaterThan(5);
    }
  });
});
