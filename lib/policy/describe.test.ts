import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { sentence, sentences } from "./describe.ts";

const issuer = "oidc.eks.eu-west-1.amazonaws.com/id/EX";
const src = "arn:aws:iam::111122223333:role/drawbridge/src";
const claims = {
  [`${issuer}:aud`]: "sts.amazonaws.com",
  [`${issuer}:sub`]: "system:serviceaccount:payments:reports",
};
const T1: Statement = {
  Effect: "Allow",
  Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${issuer}` },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: { StringEquals: claims },
};
const T1_SENTENCE =
  "Pods using the service account reports in namespace payments of the cluster with issuer oidc.eks.eu-west-1.amazonaws.com/id/EX can assume this role with a web identity token whose audience is sts.amazonaws.com, through the identity provider in account 111122223333";

describe("sentence", () => {
  it.each<[string, Statement, string]>([
    ["a web identity trust", T1, `${T1_SENTENCE}.`],
    [
      "one with an end date",
      { ...T1, Condition: { ...T1.Condition, DateLessThan: { "aws:CurrentTime": "2026-06-30T00:00:00Z" } } },
      `${T1_SENTENCE}, only if "aws:CurrentTime" is before "2026-06-30T00:00:00Z".`,
    ],
    [
      "a wildcard subject is spelled out",
      {
        ...T1,
        Condition: {
          StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com" },
          StringLike: { [`${issuer}:sub`]: "system:serviceaccount:payments:*" },
        },
      },
      `Allows the identity provider "arn:aws:iam::111122223333:oidc-provider/${issuer}" to perform "sts:AssumeRoleWithWebIdentity", only if "${issuer}:aud" is "sts.amazonaws.com", and "${issuer}:sub" matches the pattern "system:serviceaccount:payments:*".`,
    ],
    [
      "a Pod Identity trust",
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:TagSession", "sts:AssumeRole"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
            "aws:RequestTag/kubernetes-namespace": "payments",
            "aws:RequestTag/kubernetes-service-account": "reports",
          },
        },
      },
      "Pods using the service account reports in namespace payments of the cluster arn:aws:eks:eu-west-1:111122223333:cluster/prod can assume this role through EKS Pod Identity, which tags the session.",
    ],
    [
      "a chained trust",
      {
        Effect: "Allow",
        Principal: { AWS: src },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": "REQ-1" } },
      },
      `Sessions of the role ${src} can assume this role with the external id REQ-1.`,
    ],
    [
      "a permission",
      { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::reports/*" },
      'Allows the identity that carries this policy to perform "s3:GetObject" and "s3:PutObject" on "arn:aws:s3:::reports/*".',
    ],
    [
      "a deny with exceptions",
      {
        Effect: "Deny",
        NotPrincipal: { AWS: [src, "111122223333"] },
        NotAction: "s3:Get*",
        NotResource: "arn:aws:s3:::reports/*",
        Condition: {
          "ForAllValues:StringLike": { "aws:TagKeys": ["a*", "b"] },
          Null: { "aws:x": "true" },
          BoolIfExists: { "aws:y": false },
        },
      },
      `Denies everyone except "${src}" and "111122223333" to perform any action except "s3:Get*" on any resource except "arn:aws:s3:::reports/*", only if every value of "aws:TagKeys" matches the pattern "a*" or "b" (or "aws:TagKeys" is absent), and "aws:x" is absent, and "aws:y" is the truth value "false" (or "aws:y" is absent).`,
    ],
    [
      "an account, which is all that it lets in",
      {
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam::111122223333:root", "444455556666", src] },
        Action: "sts:AssumeRole",
      },
      `Allows anyone in account 111122223333 whom that account lets ("arn:aws:iam::111122223333:root"), anyone in account 444455556666 whom that account lets ("444455556666") and "${src}" to perform "sts:AssumeRole".`,
    ],
    [
      "a Deny for an account",
      { Effect: "Deny", Principal: { AWS: "111122223333" }, Action: "sts:AssumeRole" },
      'Denies everyone in account 111122223333 ("111122223333") to perform "sts:AssumeRole".',
    ],
    [
      "conditions that leave nobody out",
      {
        Effect: "Allow",
        Principal: "*",
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:PrincipalArn": "$".concat("{aws:PrincipalArn}") },
          IpAddress: { "aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] },
          StringLikeIfExists: { "aws:PrincipalOrgID": "o-*" },
        },
      },
      `Allows everyone, signed in or not, to perform "sts:AssumeRole", only if "aws:PrincipalArn" is "$\{aws:PrincipalArn}" (which every request with that key meets), and "aws:SourceIp" is an address in "0.0.0.0/1" or "128.0.0.0/1" (which every request with that key meets), and "aws:PrincipalOrgID" matches the pattern "o-*" (which every request with that key meets) (or "aws:PrincipalOrgID" is absent).`,
    ],
    [
      "conditions that leave somebody out",
      {
        Effect: "Deny",
        Principal: "*",
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:ResourceAccount": "$".concat("{aws:PrincipalAccount}") },
          NotIpAddress: { "aws:SourceIp": "0.0.0.0/0" },
        },
      },
      `Denies everyone, signed in or not, to perform "sts:AssumeRole", only if "aws:ResourceAccount" is "$\{aws:PrincipalAccount}", and "aws:SourceIp" is not an address in "0.0.0.0/0" (or "aws:SourceIp" is absent).`,
    ],
    [
      "a namespace that could pass for prose",
      {
        ...T1,
        Condition: {
          StringEquals: { ...claims, [`${issuer}:sub`]: "system:serviceaccount:payments/of/all:reports" },
        },
      },
      `Allows the identity provider "arn:aws:iam::111122223333:oidc-provider/${issuer}" to perform "sts:AssumeRoleWithWebIdentity", only if "${issuer}:aud" is "sts.amazonaws.com", and "${issuer}:sub" is "system:serviceaccount:payments/of/all:reports".`,
    ],
  ])("tells %s", (_name, statement, text) => {
    expect(sentence(statement)).toBe(text);
  });

  it.each([
    ["a soft hyphen", "sec\u00ADret", "sec\\u00adret"],
    ["a text turned around", "\u202Etxet\u202C", "\\u202etxet\\u202c"],
    ["a space without width", "a\u200Bb", "a\\u200bb"],
    ["a letter of another alphabet", "\u0430dmin", "\\u0430dmin"],
    ["what is beyond 16 bits", "\u{1F600}", "\\ud83d\\ude00"],
  ])("shows %s", (_, text, expected) => {
    const told = sentence({ Effect: "Deny", Action: "s3:*", Resource: `arn:aws:s3:::b/${text}/*` });
    expect(told).toMatch(/^[\x20-\x7e…]*$/);
    expect(told).toContain(
      `"arn:aws:s3:::b/${expected}/*" (where each \\u… is one character that is not plain ASCII)`,
    );
  });

  it("speaks of no variables where the Version has none", () => {
    const Condition = { StringEquals: { "aws:PrincipalArn": "$".concat("{aws:PrincipalArn}") } };
    const document: PolicyDocument = {
      Version: "2008-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole", Condition }],
    };
    expect(sentences(document)[0]).toMatch(/plain text.*is "\$\{aws:PrincipalArn\}"\.$/);
  });

  it("lets no value pass for prose", () => {
    const statement: Statement = {
      ...T1,
      Condition: {
        StringEquals: {
          ...claims,
          [`${issuer}:sub`]: "system:serviceaccount:payments:reports and nobody else",
        },
      },
    };
    expect(sentence(statement)).toContain('is "system:serviceaccount:payments:reports and nobody else"');
  });

  it("hides nothing: every value of every case's statements is in its sentence", () => {
    const folder = new URL("./cases/", import.meta.url);
    let count = 0;
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
      const { cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as {
        cases: { policies: Record<string, PolicyDocument | PolicyDocument[]> }[];
      };
      const documents = cases
        .flatMap((one) => Object.values(one.policies).flat())
        .filter((one) => "Statement" in one);
      for (const statement of documents.flatMap(statementsOf)) {
        const text = sentence(statement);
        // The kinds of principal and the operators are told in words; every value and key is there as written.
        const known = /^(Pods using|Sessions of)/.test(text);
        for (const leaf of leaves(statement.Condition ?? {}, statement.Principal, statement.NotPrincipal)) {
          expect(told(text, leaf, known), `${leaf} in ${text}`).toBe(true);
        }
        for (const leaf of known
          ? []
          : leaves(statement.Action, statement.NotAction, statement.Resource, statement.NotResource)) {
          expect(told(text, leaf, false), `${leaf} in ${text}`).toBe(true);
        }
        const keys = Object.values(statement.Condition ?? {}).flatMap(Object.keys);
        if (!known) expect(keys.filter((key) => !text.includes(JSON.stringify(key)))).toEqual([]);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(400);
  });
});

/** Whether the sentence gives the value: quoted, or, in the known shapes, each of its parts as prose. */
function told(text: string, leaf: string, known: boolean): boolean {
  if (text.includes(JSON.stringify(leaf))) return true;
  if (leaf === "*") return text.includes("everyone");
  if (known) {
    const parts = leaf
      .replace(/^system:serviceaccount:|^arn:aws:iam::(?=\d+:oidc-provider)/, "")
      .replace(":oidc-provider/", "|")
      .split(leaf.startsWith("system:") ? ":" : "|");
    return leaf === "pods.eks.amazonaws.com"
      ? text.includes("EKS Pod Identity")
      : parts.every((part) => text.includes(part));
  }
  // Null tells its truth value in words.
  return leaf === "true" ? text.includes("is absent") : leaf === "false" && text.includes("is present");
}

/** Every text in the values. */
function leaves(...values: unknown[]): string[] {
  return values.flatMap((value) =>
    typeof value === "object" && value !== null
      ? leaves(...Object.values(value))
      : value === undefined
        ? []
        : [String(value)],
  );
}
