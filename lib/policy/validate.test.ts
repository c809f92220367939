import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type DocumentKind, parsePolicyJson, validateDocument } from "./validate.ts";

const role = "arn:aws:iam::111122223333:role/drawbridge/src";
const identity = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
const trust = { Effect: "Allow", Principal: { AWS: role }, Action: "sts:AssumeRole" };
const resource = { ...identity, Principal: { AWS: role } };
const variable = "$".concat("{aws:PrincipalTag/team}");

function problems(statement: unknown, kind: DocumentKind, version: unknown = "2012-10-17"): string[] {
  const result = validateDocument({ Version: version, Statement: statement }, kind);
  return result.ok ? [] : result.problems.map((problem) => problem.path);
}

describe("validateDocument accepts", () => {
  it.each<[string, unknown, DocumentKind]>([
    ["an identity statement", identity, "identity"],
    ["a list of statements", [identity, { ...identity, Sid: "Two" }], "identity"],
    ["NotAction and NotResource", { Effect: "Deny", NotAction: "iam:*", NotResource: "*" }, "identity"],
    [
      "a variable in the resource part",
      { ...identity, Resource: `arn:aws:s3:::b/${variable}/*` },
      "identity",
    ],
    [
      "a short ARN that ends with *",
      { ...identity, Action: "sqs:*", Resource: "arn:aws:sqs:eu-west-1:*" },
      "identity",
    ],
    ["an AWS trust", trust, "trust"],
    [
      "a service trust",
      {
        ...trust,
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
      "trust",
    ],
    ["a role id", { ...trust, Principal: { AWS: "AROASRC0000000000001" } }, "trust"],
    [
      "an account id and a root",
      { ...resource, Principal: { AWS: ["111122223333", "arn:aws:iam::111122223333:root"] } },
      "resource",
    ],
    ["everyone", { ...resource, Principal: "*" }, "resource"],
    ["a Sid with spaces on a resource", { ...resource, Sid: "Allow the role" }, "resource"],
    [
      "NotPrincipal with Deny on a resource",
      { Effect: "Deny", NotPrincipal: { AWS: role }, Action: "s3:*", Resource: "*" },
      "resource",
    ],
    [
      "all kinds of conditions",
      {
        ...identity,
        Condition: {
          "ForAllValues:StringLikeIfExists": { "aws:TagKeys": ["a*"] },
          Bool: { "aws:SecureTransport": true },
          NumericLessThan: { "s3:max-keys": 10 },
          DateLessThan: { "aws:CurrentTime": "2026-06-30T00:00:00Z" },
          IpAddress: { "aws:SourceIp": "2001:db8::/32" },
          Null: { "aws:TokenIssueTime": "false" },
        },
      },
      "identity",
    ],
  ])("%s", (_name, statement, kind) => {
    expect(problems(statement, kind)).toEqual([]);
  });

  it("what the trust cases T1 to T4 hold, and 2008-10-17 and no Version", () => {
    expect(problems(trust, "trust", "2008-10-17")).toEqual([]);
    expect(validateDocument({ Statement: trust }, "trust").ok).toBe(true);
    const file = new URL("./cases/trust.json", import.meta.url);
    const { cases } = JSON.parse(readFileSync(file, "utf8")) as {
      cases: { name: string; policies: { resource: unknown } }[];
    };
    for (const { name, policies } of cases.filter((one) => /^T\d/.test(one.name))) {
      expect(validateDocument(policies.resource, "trust"), name).toMatchObject({ ok: true });
    }
    expect(readdirSync(new URL("./cases/", import.meta.url)).length).toBeGreaterThan(5);
  });
});

describe("validateDocument refuses", () => {
  it.each<[string, unknown, DocumentKind, string]>([
    ["no statement", [], "identity", "Statement"],
    ["a statement that is none", ["x"], "identity", "Statement[0]"],
    ["an unknown element", { ...identity, Conditions: {} }, "identity", "Statement.Conditions"],
    ["an element in another case", { ...identity, action: "s3:*" }, "identity", "Statement.action"],
    ["an Effect in another case", { ...identity, Effect: "allow" }, "identity", "Statement.Effect"],
    ["Action and NotAction", { ...identity, NotAction: "s3:*" }, "identity", "Statement"],
    ["no Action", { Effect: "Allow", Resource: "*" }, "identity", "Statement"],
    ["an empty list of actions", { ...identity, Action: [] }, "identity", "Statement.Action"],
    ["an action without a service", { ...identity, Action: "GetObject" }, "identity", "Statement.Action"],
    ["a wildcard service", { ...identity, Action: "s?:GetObject" }, "identity", "Statement.Action"],
    ["a number as action", { ...identity, Action: [7] }, "identity", "Statement.Action"],
    ["no Resource", { Effect: "Allow", Action: "s3:*" }, "identity", "Statement"],
    ["a Resource that is no ARN", { ...identity, Resource: "bucket" }, "identity", "Statement.Resource"],
    [
      "a wildcard service in an ARN",
      { ...identity, Resource: "arn:aws:*:::b" },
      "identity",
      "Statement.Resource",
    ],
    [
      "a variable before the resource part",
      { ...identity, Resource: `arn:aws:s3:${variable}::b` },
      "identity",
      "Statement.Resource",
    ],
    [
      "a broken variable",
      { ...identity, Resource: "arn:aws:s3:::b/$".concat("{aws:x") },
      "identity",
      "Statement.Resource",
    ],
    ["a Principal in an identity policy", resource, "identity", "Statement.Principal"],
    ["a Sid with a space in an identity policy", { ...identity, Sid: "a b" }, "identity", "Statement.Sid"],
    [
      "a Sid used twice",
      [
        { ...identity, Sid: "A" },
        { ...identity, Sid: "A" },
      ],
      "identity",
      "Statement[1].Sid",
    ],
    ["a Resource in a trust policy", { ...trust, Resource: "*" }, "trust", "Statement.Resource"],
    ["a trust policy without Principal", { Effect: "Allow", Action: "sts:AssumeRole" }, "trust", "Statement"],
    [
      "NotPrincipal in a trust policy",
      { Effect: "Deny", NotPrincipal: { AWS: role }, Action: "sts:*" },
      "trust",
      "Statement.NotPrincipal",
    ],
    [
      "another service's action in a trust policy",
      { ...trust, Action: "s3:GetObject" },
      "trust",
      "Statement.Action",
    ],
    ["every action in a trust policy", { ...trust, Action: "*" }, "trust", "Statement.Action"],
    [
      "a wildcard in a principal",
      { ...trust, Principal: { AWS: "arn:aws:iam::111122223333:role/*" } },
      "trust",
      "Statement.Principal.AWS",
    ],
    [
      "an unknown kind of principal",
      { ...trust, Principal: { Aws: role } },
      "trust",
      "Statement.Principal.Aws",
    ],
    ["an empty Principal", { ...resource, Principal: {} }, "resource", "Statement.Principal"],
    [
      "NotPrincipal with Allow",
      { Effect: "Allow", NotPrincipal: { AWS: role }, Action: "s3:*", Resource: "*" },
      "resource",
      "Statement.NotPrincipal",
    ],
    ["a resource policy without Principal", identity, "resource", "Statement"],
    [
      "an unknown operator",
      { ...identity, Condition: { StringMatches: { "aws:x": "a" } } },
      "identity",
      "Statement.Condition.StringMatches",
    ],
    [
      "an operator in another case",
      { ...identity, Condition: { stringEquals: { "aws:x": "a" } } },
      "identity",
      "Statement.Condition.stringEquals",
    ],
    [
      "NullIfExists",
      { ...identity, Condition: { NullIfExists: { "aws:x": "true" } } },
      "identity",
      "Statement.Condition.NullIfExists",
    ],
    [
      "an operator without keys",
      { ...identity, Condition: { StringEquals: {} } },
      "identity",
      "Statement.Condition.StringEquals",
    ],
    [
      "a key without a prefix",
      { ...identity, Condition: { StringEquals: { x: "a" } } },
      "identity",
      "Statement.Condition.StringEquals.x",
    ],
    [
      "a malformed number",
      { ...identity, Condition: { NumericEquals: { "aws:x": "ten" } } },
      "identity",
      "Statement.Condition.NumericEquals.aws:x",
    ],
    [
      "a nested value",
      { ...identity, Condition: { StringEquals: { "aws:x": {} } } },
      "identity",
      "Statement.Condition.StringEquals.aws:x",
    ],
    ["a character beyond Latin-1", { ...identity, Sid: "Ā" }, "identity", "Statement.Sid"],
  ])("%s", (_name, statement, kind, path) => {
    expect(problems(statement, kind)).toContain(path);
  });

  it("an unknown Version, an unknown top element, no object", () => {
    expect(problems(identity, "identity", "2012-10-18")).toEqual(["Version"]);
    expect(validateDocument({ Statement: identity, version: "2012-10-17" }, "identity").ok).toBe(false);
    expect(validateDocument([], "identity").ok).toBe(false);
    expect(validateDocument(null, "identity").ok).toBe(false);
  });
});

describe("parsePolicyJson", () => {
  it.each([
    ['{"a":[1,-2.5e3,true,false,null,"x\\u0041\\n"],"b":{}}'],
    [' { "Version" : "2012-10-17" , "Statement" : [ ] } '],
    ['"text"'],
    ["[[],{}]"],
  ])("reads %s as JSON.parse does", (text) => {
    expect(parsePolicyJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });
  it.each([
    ['{"Effect":"Deny","Effect":"Allow"}', ""],
    ['{"Statement":[{"Action":"a","action":"b"}]}', "Statement[0]"],
    ['{"A\\u0062":1,"Ab":2}', ""],
    ['{"Condition":{"StringEquals":{"aws:x":"a","AWS:X":"b"}}}', "Condition.StringEquals"],
  ])("refuses two keys in %s", (text, path) => {
    expect(parsePolicyJson(text)).toMatchObject({ ok: false, problems: [{ path }] });
  });
  it.each([
    [""],
    ["{"],
    ["{]"],
    ['{"a"}'],
    ['{"a":}'],
    ['{"a":1,}'],
    ["[1,]"],
    ["01"],
    ["{} {}"],
    ["'a'"],
    ['"\\x"'],
    ['"\n"'],
    ["tru"],
    ["NaN"],
    ["{a:1}"],
    ["//c\n1"],
  ])("refuses %j", (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(parsePolicyJson(text).ok).toBe(false);
  });
  it("refuses what is too long or too deep before reading it", () => {
    expect(parsePolicyJson(`"${"x".repeat(70_000)}"`).ok).toBe(false);
    expect(parsePolicyJson(`${"[".repeat(10_000)}${"]".repeat(10_000)}`)).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining("deeper") }],
    });
    expect(parsePolicyJson('{"a":"[[[[[[[[[[[[[[[[[["}').ok).toBe(true);
  });
  it("keeps __proto__ an ordinary key", () => {
    const parsed = parsePolicyJson('{"__proto__":{"Effect":"Allow"}}');
    expect(parsed.ok && Object.keys(parsed.value as object)).toEqual(["__proto__"]);
  });
});
