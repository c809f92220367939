import { describe, expect, it } from "vitest";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { denyFindings } from "./denials.ts";
import type { PreflightContext } from "./finding.ts";
import type { CheckedTarget } from "./targets.ts";

const arn = "arn:aws:s3:::reports";
const role = "arn:aws:iam::111122223333:role/drawbridge/acme/app";
const plan = [
  {
    kind: "role-policy",
    key: `${role}#access`,
    accountId: "111122223333",
    body: {
      document: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: `${arn}/*` }],
      },
    },
  },
];
const context = { plan } as unknown as PreflightContext;
const target = { arn, accountId: "111122223333", kind: "target", key: arn } as unknown as CheckedTarget;

function found(...statements: Partial<Statement>[]): string[] {
  const document = {
    Version: "2012-10-17",
    Statement: statements.map((one) => ({
      Action: "s3:*",
      Resource: [arn, `${arn}/*`],
      Principal: "*",
      ...one,
    })),
  } as PolicyDocument;
  return denyFindings(context, target, document).map(({ severity, id }) => `${severity} ${id}`);
}

const error = ["error policy.deny"];
const warning = ["warning policy.deny"];
const open = ["error policy.public"];

describe("a Deny of others", () => {
  it.each<[what: string, expected: string[], statement: Partial<Statement>]>([
    ["without a condition", error, {}],
    ["of who is no AWS service", error, { Condition: { Bool: { "aws:PrincipalIsAWSService": "false" } } }],
    ["of AWS services", [], { Condition: { Bool: { "aws:PrincipalIsAWSService": "true" } } }],
    ["of direct calls", error, { Condition: { Bool: { "aws:ViaAWSService": "false" } } }],
    [
      "since a day that is over",
      error,
      { Condition: { DateGreaterThan: { "aws:CurrentTime": "2020-01-01" } } },
    ],
    ["until a day that is over", [], { Condition: { DateLessThan: { "aws:CurrentTime": "2020-01-01" } } }],
    ["of sessions", error, { Condition: { Null: { "aws:TokenIssueTime": "false" } } }],
    ["of calls without TLS", [], { Condition: { Bool: { "AWS:SecureTransport": "false" } } }],
    ["of old TLS", [], { Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } }],
    [
      "of others than our roles",
      [],
      { Condition: { ArnNotLike: { "aws:PrincipalArn": `${role.slice(0, -3)}*` } } },
    ],
    [
      "of all addresses, which only calls outside an endpoint have",
      warning,
      { Condition: { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } } },
    ],
    [
      "of an organisation",
      warning,
      { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } },
    ],
    ["of other endpoints", warning, { Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } } }],
    ["of a tag", warning, { Condition: { StringNotEquals: { "aws:PrincipalTag/team": "pay" } } }],
    [
      "of other ids",
      warning,
      { Condition: { StringNotLike: { "aws:userid": ["AROAREALREALREAL12345:*"] } } },
    ],
    ["of a role by its id", warning, { Principal: { AWS: "AROAREALREALREAL12345" } }],
    ["of one session", warning, { Principal: { AWS: "arn:aws:sts::111122223333:assumed-role/app/nightly" } }],
    [
      "of another role's session",
      [],
      { Principal: { AWS: "arn:aws:sts::111122223333:assumed-role/other/nightly" } },
    ],
    [
      "of sessions that are older than a day",
      [],
      { Condition: { DateLessThan: { "aws:TokenIssueTime": "2026-01-01" } } },
    ],
    ["of a user by its id", [], { Principal: { AWS: "AIDAREALREALREAL12345" } }],
  ])("%s", (_, expected, statement) => {
    expect(found({ Effect: "Deny", ...statement })).toEqual(expected);
  });
});

describe("an Allow for everybody", () => {
  it.each<[what: string, expected: string[], condition: Statement["Condition"]]>([
    ["from all addresses", open, { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }],
    [
      "from both halves of all addresses",
      open,
      { IpAddress: { "aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] } },
    ],
    ["from an office", [], { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }],
    ["with TLS", open, { Bool: { "aws:SecureTransport": "true" } }],
    ["with TLS 1.2", open, { NumericGreaterThanEquals: { "s3:tlsversion": "1.2" } }],
    ["with any client", open, { StringLike: { "aws:UserAgent": "*" } }],
    ["from a page, as anybody can say", open, { StringLike: { "aws:Referer": "https://www.example.com/*" } }],
    ["through an endpoint", [], { StringEquals: { "aws:SourceVpce": "vpce-1" } }],
    ["of an organisation", [], { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }],
  ])("%s", (_, expected, Condition) => {
    expect(found({ Effect: "Allow", ...(Condition ? { Condition } : {}) })).toEqual(expected);
  });

  it("beside a Deny that strangers meet", () => {
    const elsewhere = { StringNotEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } };
    expect(found({ Effect: "Allow" }, { Effect: "Deny", Condition: elsewhere })).toEqual(warning);
  });
});
