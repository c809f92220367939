import { describe, expect, it } from "vitest";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { canonicalDocument, sameDocument, sameStatement } from "./canonical.ts";

const base: Statement = {
  Sid: "S",
  Effect: "Allow",
  Principal: { AWS: "111122223333" },
  Action: ["s3:PutObject", "s3:GetObject"],
  Resource: "arn:aws:s3:::b/*",
  Condition: { StringEquals: { "aws:PrincipalTag/team": ["b", "a"] }, Bool: { "aws:SecureTransport": true } },
};

describe("canonicalDocument", () => {
  it("has one form", () => {
    expect(canonicalDocument({ Version: "2012-10-17", Statement: base })).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "S",
          Effect: "Allow",
          Principal: { AWS: ["arn:aws:iam::111122223333:root"] },
          Action: ["s3:GetObject", "s3:PutObject"],
          Resource: ["arn:aws:s3:::b/*"],
          Condition: {
            Bool: { "aws:SecureTransport": ["true"] },
            StringEquals: { "aws:PrincipalTag/team": ["a", "b"] },
          },
        },
      ],
    });
  });
  it("is a fixed point", () => {
    const once = canonicalDocument({ Statement: base });
    expect(canonicalDocument(once)).toEqual(once);
  });
});

describe("sameStatement", () => {
  const alike: [string, Partial<Statement>][] = [
    ["root ARN for account id", { Principal: { AWS: ["arn:aws:iam::111122223333:root"] } }],
    ["order and repeats", { Action: ["s3:GetObject", "s3:PutObject", "s3:GetObject"] }],
    ["case of actions", { Action: ["S3:getobject", "s3:putobject"] }],
    [
      "case of condition keys, text for boolean",
      {
        Condition: {
          bool: { "aws:securetransport": "TRUE" },
          StringEquals: { "AWS:PrincipalTag/Team": ["a", "b"] },
        },
      },
    ],
  ];
  it.each(alike)("same: %s", (_name, change) => {
    expect(sameStatement(base, { ...base, ...change })).toBe(true);
  });
  const unlike: [string, Partial<Statement> & Record<string, unknown>][] = [
    ["Sid", { Sid: "T" }],
    ["Effect", { Effect: "Deny" }],
    ["principal", { Principal: { AWS: "111122223334" } }],
    ["kind of principal", { Principal: { Federated: "111122223333" } }],
    ["everyone", { Principal: "*" }],
    ["fewer actions", { Action: "s3:GetObject" }],
    ["case of resource", { Resource: "arn:aws:s3:::B/*" }],
    [
      "case of a value",
      { Condition: { ...base.Condition, StringEquals: { "aws:PrincipalTag/team": ["A", "b"] } } },
    ],
    ["no condition", { Condition: {} }],
    ["another operator", { Condition: { ...base.Condition, StringLike: { "aws:PrincipalTag/team": "a" } } }],
    ["an unknown element", { Extra: 1 }],
  ];
  it.each(unlike)("differs: %s", (_name, change) => {
    expect(sameStatement(base, { ...base, ...change } as Statement)).toBe(false);
  });
  it("keeps two keys that differ in case apart from one with both values", () => {
    const both = { ...base, Condition: { StringEquals: { "aws:x": "a", "AWS:X": "b" } } };
    const one = { ...base, Condition: { StringEquals: { "aws:x": ["a", "b"] } } };
    expect(sameStatement(both, one)).toBe(false);
  });
  it("reads * and AWS * as the same", () => {
    expect(sameStatement({ ...base, Principal: "*" }, { ...base, Principal: { AWS: "*" } })).toBe(true);
  });
});

describe("sameDocument", () => {
  const other: Statement = { Effect: "Deny", Principal: "*", Action: "*", Resource: "*" };
  const left: PolicyDocument = { Version: "2012-10-17", Statement: [base, other] };
  const right: PolicyDocument = { Version: "2012-10-17", Statement: [other, base] };
  it("minds the order if told to", () => {
    expect(sameDocument(left, right, { statementOrder: "ignored" })).toBe(true);
    expect(sameDocument(left, right, { statementOrder: "matters" })).toBe(false);
  });
  it("minds Version and Id", () => {
    const options = { statementOrder: "matters" } as const;
    expect(sameDocument(left, { ...left, Version: "2008-10-17" }, options)).toBe(false);
    expect(sameDocument(left, { ...left, Id: "x" }, options)).toBe(false);
    expect(sameDocument({ Statement: base }, { Version: "2008-10-17", Statement: [base] }, options)).toBe(
      true,
    );
  });
});
