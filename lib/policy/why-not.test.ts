import { describe, expect, it } from "vitest";
import type { Statement } from "#lib/model/policy-document.ts";
import { evaluate } from "./evaluate.ts";
import { roleSession } from "./intended.ts";
import { whyNot } from "./why-not.ts";

const principal = roleSession("arn:aws:iam::111122223333:role/src", "pod");

function words(...Statement: Statement[]): string {
  const request = {
    principal,
    action: "s3:GetObject",
    resource: "arn:aws:s3:::reports/a",
    resourceAccount: "111122223333",
    context: { "aws:PrincipalTag/team": "hr", "aws:TagKeys": ["a", "c"] },
  };
  const document = { Version: "2012-10-17" as const, Statement };
  return whyNot(evaluate(request, { identity: [{ name: "the policy p", document }] }));
}

const denied =
  "Denied: no identity policy of arn:aws:sts::111122223333:assumed-role/src/pod allows s3:GetObject.";

describe("whyNot", () => {
  it.each<[string, Statement, string]>([
    [
      "an action",
      { Effect: "Allow", Action: "s3:PutObject", Resource: "*" },
      `its Action names "s3:PutObject", and the request has "s3:GetObject"`,
    ],
    [
      "a resource",
      { Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::other/*" },
      `its Resource names "arn:aws:s3:::other/*", and the request has "arn:aws:s3:::reports/a"`,
    ],
    [
      "an exception",
      { Effect: "Allow", NotAction: ["iam:*", "s3:*"], Resource: "*" },
      `its Action excludes "iam:*" and "s3:*", and the request has "s3:GetObject"`,
    ],
    [
      "a condition",
      {
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: { StringEquals: { "aws:PrincipalTag/team": "pay" } },
      },
      `it asks that "aws:PrincipalTag/team" is "pay", and the request has "hr"`,
    ],
    [
      "a missing key",
      {
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
      },
      `it asks that "aws:MultiFactorAuthPresent" is the truth value "true", and the request has nothing`,
    ],
    [
      "a value too many",
      {
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } },
      },
      `it asks that every value of "aws:TagKeys" is "a" (or "aws:TagKeys" is absent), and the request has "a" and "c" ("c" is one of the request's values)`,
    ],
    [
      "an element that IAM lacks",
      { Effect: "Allow", Action: "*", Resource: "*", Ressource: "*" } as Statement,
      "unknown element Ressource",
    ],
  ])("names %s that does not fit", (_name, statement, why) => {
    expect(words(statement)).toBe(`${denied} Nearest: statement 1 of the policy p, but ${why}.`);
  });

  it("speaks of the statement that comes nearest", () => {
    const put: Statement = { Sid: "Put", Effect: "Allow", Action: "s3:PutObject", Resource: "*" };
    const other: Statement = {
      Sid: "Other",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::other/*",
    };
    expect(words(put, other)).toContain("Nearest: statement Other of the policy p, but its Resource");
  });

  it("leaves a decision as it is where no statement was meant", () => {
    expect(words()).toBe(denied);
    const deny: Statement = { Sid: "No", Effect: "Deny", Action: "s3:*", Resource: "*" };
    expect(words(deny)).toBe("Denied by statement No of the policy p, which denies s3:GetObject.");
  });
});
