import fc from "fast-check";
import type { FindingCase } from "./disagreements.ts";

/** Policies as people write them: most of each is right, and now and then an element is wrong in a common way. */

const account = "111122223333";
/** `${aws:username}` */
const variable = "$".concat("{aws:username}");

/** Mostly one of the first. */
const mostly = <T>(right: readonly T[], wrong: readonly T[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );

const actions = mostly(
  [
    "s3:GetObject",
    "s3:ListBucket",
    "s3:Get*",
    "sqs:SendMessage",
    "dynamodb:GetItem",
    "kms:Decrypt",
    "ec2:DescribeInstances",
  ],
  [
    "s3:*",
    "*",
    "s3:GetObjekt",
    "s3:Gett*",
    "sqss:SendMessage",
    "GetObject",
    "S3:getobject",
    "s3:ListAllMyBuckets",
    "iam:PassRole",
  ],
);
const resources = mostly(
  [
    "arn:aws:s3:::reports",
    "arn:aws:s3:::reports/*",
    `arn:aws:s3:::reports/${variable}/*`,
    `arn:aws:sqs:eu-west-1:${account}:orders`,
    `arn:aws:dynamodb:eu-west-1:${account}:table/orders`,
    `arn:aws:kms:eu-west-1:${account}:key/11112222-3333-4444-5555-666677778888`,
    "*",
  ],
  [
    "arn:aws:s3:::*",
    "reports",
    "arn:aws:s3",
    "arn:aws:s3:::reports:x",
    "arn:awz:s3:::reports/*",
    "arn:aws-cn:s3:::reports/*",
    `arn:aws:sqs:europe:${account}:orders`,
    "arn:aws:sqs:eu-west-1:12345:orders",
    `arn:aws:s3:eu-west-1:${account}:reports`,
    `arn:aws:sqs:*:${account}:orders`,
    "arn:aws:sqs:eu-*",
  ],
);
const principals = mostly<unknown>(
  [
    "*",
    { AWS: account },
    { AWS: `arn:aws:iam::${account}:role/src` },
    { AWS: `arn:aws:iam::${account}:root` },
    { Service: "sns.amazonaws.com" },
    { AWS: "*" },
  ],
  [
    "everyone",
    { AWS: "12345" },
    { AWS: `arn:aws:iam::${account}:role/*` },
    { AWS: `arn:aws:iam::${account}:group/ops` },
    { AWS: `arn:aws:sts::${account}:assumed-role/src/pod` },
    { AWS: "AROASRC0000000000001" },
    { Service: "sns" },
    { Federated: "accounts.google.com" },
    { Federated: `arn:aws:iam::${account}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE` },
    { Federated: `arn:aws:iam::${account}:saml-provider/corp` },
    { Federated: "example.com" },
    { CanonicalUser: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" },
    { Aws: account },
  ],
);
const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: mostly<unknown>(
      [
        { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
        { StringLike: { "s3:prefix": "2026/*" } },
        { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
        { Bool: { "aws:SecureTransport": "true" } },
        { DateLessThan: { "aws:CurrentTime": "2027-01-01T00:00:00Z" } },
        { NumericLessThan: { "aws:MultiFactorAuthAge": "300" } },
        { ArnLike: { "aws:SourceArn": `arn:aws:sns:eu-west-1:${account}:orders` } },
        { Null: { "aws:PrincipalTag/team": "false" } },
        { "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } },
      ],
      [
        { StringEqual: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
        { StringEquals: { "aws:PrincipleOrgID": "o-a1b2c3d4e5" } },
        { StringEquals: { "s3:prefx": "2026" } },
        { StringEquals: { "aws:SourceArn": `arn:aws:sns:eu-west-1:${account}:orders` } },
        { IpAddress: { "aws:SourceIp": "203.0.113.300" } },
        { StringEquals: { "aws:SourceIp": "203.0.113.7" } },
        { Bool: { "aws:SecureTransport": "yes" } },
        { StringEquals: { "aws:SecureTransport": "true" } },
        { DateLessThan: { "aws:CurrentTime": "tomorrow" } },
        { NumericLessThan: { "aws:MultiFactorAuthAge": "five" } },
        { ArnLike: { "aws:SourceArn": "orders" } },
        { Null: { "aws:PrincipalTag/team": "maybe" } },
        { NullIfExists: { "aws:PrincipalTag/team": "true" } },
        { Bool: { "aws:MultiFactorAuthPresent": "false" } },
        { StringEquals: { "sqs:Nope": "x" } },
        { bool: { "aws:SecureTransport": "true" } },
      ],
    ),
  },
);

const someOf = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof(one, fc.uniqueArray(one, { minLength: 1, maxLength: 2 }));

function statements(kind: FindingCase["kind"]): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({
      Sid: mostly<string | undefined>([undefined, "Read", "Write1"], ["read it", "", "Read"]),
      Effect: mostly<string | undefined>(["Allow", "Allow", "Deny"], ["allow", undefined]),
      Action:
        kind === "trust" ? mostly(["sts:AssumeRole"], ["sts:AssumeRol", "s3:GetObject"]) : someOf(actions),
      Resource: kind === "trust" ? fc.constant(undefined) : someOf(resources),
      Principal: kind === "identity" ? fc.constant(undefined) : principals,
      Condition: conditions,
      slip: mostly<string | undefined>([undefined], ["Ressource", "no action", "no resource", "both"]),
    })
    .map(({ slip, ...given }) => {
      const all: Record<string, unknown> = { ...given };
      if (slip === "Ressource") all.Ressource = "*";
      if (slip === "no action") delete all.Action;
      if (slip === "no resource") delete all.Resource;
      if (slip === "both") all.NotAction = "s3:PutObject";
      return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    });
}

/** All documents that are compared. */
export const documents: fc.Arbitrary<FindingCase> = fc
  .constantFrom<FindingCase["kind"]>("identity", "identity", "resource", "trust")
  .chain((kind) =>
    fc
      .record({
        Version: mostly<string | undefined>(["2012-10-17"], ["2008-10-17", "2012-10-18", undefined]),
        Statement: fc.array(statements(kind), { minLength: 1, maxLength: 2 }),
      })
      .map(({ Version, Statement }) => ({
        kind,
        document: { ...(Version === undefined ? {} : { Version }), Statement },
      })),
  );
