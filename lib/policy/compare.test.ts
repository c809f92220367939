import { describe, expect, it } from "vitest";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { compareAccess, type Difference } from "./compare.ts";

const issuer = "oidc.eks.eu-west-1.amazonaws.com/id/0123";
const accountId = "111122223333";
const role = (name: string, id = accountId) => `arn:aws:iam::${id}:role/drawbridge/x/${name}`;

const document = (...statements: Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});

/** The trust of an IRSA role; null leaves the condition on the subject out. */
function web(sub: string | null, operator = "StringEquals"): Statement {
  const keys = { [`${issuer}:aud`]: "sts.amazonaws.com" };
  const subject = sub === null ? {} : { [operator]: { [`${issuer}:sub`]: sub } };
  return {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${issuer}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition:
      operator === "StringEquals"
        ? { StringEquals: { ...keys, ...subject.StringEquals } }
        : { StringEquals: keys, ...subject },
  };
}

const api = "system:serviceaccount:pay:api";
const chained = (principal: string, externalId: string | null = "x-1"): Statement => ({
  Effect: "Allow",
  Principal: { AWS: principal },
  Action: "sts:AssumeRole",
  ...(externalId === null ? {} : { Condition: { StringEquals: { "sts:ExternalId": externalId } } }),
});

// Source of each row's expectation: IAM User Guide, "IAM JSON policy elements" (Principal, Action, Condition).
const trusts: [what: string, approved: Statement[], found: Statement[], expected: Difference][] = [
  ["no condition on the subject", [web(api)], [web(null)], "wider"],
  ["another subject", [web(api)], [web("system:serviceaccount:pay:other")], "both"],
  ["a pattern of subjects", [web(api)], [web("system:serviceaccount:pay:*", "StringLike")], "wider"],
  ["a subject that may be missing", [web(api)], [web(api, "StringEqualsIfExists")], "wider"],
  ["somebody else in a statement beside it", [web(api)], [web(api), chained(role("thief"))], "wider"],
  ["everybody", [chained(role("src"))], [chained(role("src")), chained("*", null)], "wider"],
  [
    "the whole account instead of a role",
    [chained(role("src"))],
    [chained(`arn:aws:iam::${accountId}:root`)],
    "wider",
  ],
  ["no external id", [chained(role("src"))], [chained(role("src"), null)], "wider"],
  ["another external id", [chained(role("src"))], [chained(role("src"), "x-2")], "both"],
  ["a role that was deleted", [chained(role("src"))], [chained("AROADELETEDDELETED00")], "narrower"],
  [
    "a Deny of everybody beside it",
    [web(api)],
    [web(api), { Effect: "Deny", Principal: "*", Action: "sts:*" }],
    "narrower",
  ],
  ["no statement that lets it in", [web(api)], [chained(role("thief"))], "both"],
  ["tags as well", [chained(role("src"))], [{ ...chained(role("src")), Action: "sts:*" }], "wider"],
  ["another form of the same", [web(api)], [{ ...web(api), Sid: "named" }], "undecided"],
];

describe("a trust policy that has", () => {
  it.each(trusts)("%s", (_what, approved, found, expected) => {
    const options = { role: "trust", accountId } as const;
    expect(compareAccess(document(...approved), document(...found), options)).toBe(expected);
  });
});

const until = (date: string) => ({ DateLessThan: { "aws:CurrentTime": date } });
const reads: Statement = {
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: "arn:aws:s3:::reports/2026/*",
  Condition: until("2027-01-01T00:00:00Z"),
};

const permissions: [what: string, found: Statement[], expected: Difference][] = [
  ["a later end", [{ ...reads, Condition: until("2028-01-01T00:00:00Z") }], "wider"],
  ["an earlier end", [{ ...reads, Condition: until("2026-12-01T00:00:00Z") }], "narrower"],
  ["one action more", [{ ...reads, Action: ["s3:GetObject", "s3:PutObject"] }], "wider"],
  ["all actions", [{ ...reads, Action: "*" }], "wider"],
  ["the whole bucket", [{ ...reads, Resource: "arn:aws:s3:::reports/*" }], "wider"],
  ["everything", [{ ...reads, Resource: "*" }], "wider"],
  ["another prefix", [{ ...reads, Resource: "arn:aws:s3:::reports/2025/*" }], "both"],
  ["a part of the prefix", [{ ...reads, Resource: "arn:aws:s3:::reports/2026/01/*" }], "narrower"],
  [
    "a Deny of a part",
    [reads, { Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::reports/2026/x/*" }],
    "narrower",
  ],
  ["all but one action", [{ Effect: "Allow", NotAction: "s3:GetObject", Resource: "*" }], "both"],
  ["nothing that fits", [], "narrower"],
];

describe("permissions that have", () => {
  it.each(permissions)("%s", (_what, found, expected) => {
    const options = { role: "identity", accountId } as const;
    expect(compareAccess(document(reads), document(...found), options)).toBe(expected);
  });
});

describe("statements on a resource", () => {
  const ours: Statement = { ...reads, Principal: { AWS: role("src") } };
  it.each<[what: string, found: Statement[], expected: Difference]>([
    ["for another role", [{ ...ours, Principal: { AWS: role("thief") } }], "both"],
    ["for anybody", [{ ...ours, Principal: "*" }], "wider"],
    ["for a role that was deleted", [{ ...ours, Principal: { AWS: "AROADELETEDDELETED00" } }], "narrower"],
    ["that are gone", [], "narrower"],
    ["for another account too", [{ ...ours, Principal: { AWS: [role("src"), "444455556666"] } }], "wider"],
  ])("%s", (_what, found, expected) => {
    const options = { role: "resource", accountId } as const;
    expect(compareAccess(document(ours), document(...found), options)).toBe(expected);
  });
});
