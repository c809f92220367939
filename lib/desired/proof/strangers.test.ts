import { describe, expect, it } from "vitest";
import type { Grant } from "#lib/model/grant.ts";
import type { ConditionBlock, Principal, Statement } from "#lib/model/policy-document.ts";
import { desiredResources } from "../desired-resources.ts";
import { type Change, documentsOf, trustedToo, withTrust } from "../testing/documents.ts";
import { everyPattern } from "../testing/every-pattern.ts";
import { away, estate, home, issuer } from "../testing/organisation.ts";
import { proveAccess } from "./prove-access.ts";

/**
 * What somebody may have added to a trust policy: each lets in somebody whom nobody approved, and a row has to say who.
 *
 * Source: STS API Reference, AssumeRole and AssumeRoleWithWebIdentity (the caller chooses session name, external id,
 * source identity and tags); IAM User Guide, "AWS JSON policy elements: Principal", "Available keys for AWS STS".
 */

const now = "2026-11-01T00:00:00Z";
const of = (name: string) => everyPattern.find((one) => one.name.startsWith(name))?.asked as Grant;
const irsa = of("irsa from prod");
const pods = of("pod-identity from agents to arn:aws:s3:::home-data");
const chain = of("role-chaining from prod to arn:aws:s3");

const provider = (id: string) =>
  `arn:aws:iam::${home}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/${id}`;
const web = (Condition: ConditionBlock, Federated = `arn:aws:iam::${home}:oidc-provider/${issuer}`) =>
  trustedToo({
    Effect: "Allow",
    Principal: { Federated },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition,
  });
const aud = { [`${issuer}:aud`]: "sts.amazonaws.com" };
const call = (Principal: Principal, Condition?: ConditionBlock) =>
  trustedToo({
    Effect: "Allow",
    Principal,
    Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    ...(Condition ? { Condition } : {}),
  });
const withSubjects =
  (more: string): Change =>
  (all) =>
    withTrust(all, (one) => replaced(one, `${issuer}:sub`, more));
const withNamespaces =
  (more: string): Change =>
  (all) =>
    withTrust(all, (one) => replaced(one, "aws:RequestTag/kubernetes-namespace", more));

function replaced(statement: Statement, key: string, more: string): Statement {
  const equals = statement.Condition?.StringEquals ?? {};
  if (equals[key] === undefined) return statement;
  const values = { ...equals, [key]: [String(equals[key]), more] };
  return { ...statement, Condition: { ...statement.Condition, StringEquals: values } };
}

function rowsOf(one: Grant, change: Change) {
  const desired = desiredResources([one], estate());
  return proveAccess(one, desired, change(documentsOf(desired)), now);
}

const outsider = "999988887777";
const star = "anybody with an AWS account";

describe("a row names who gets in", () => {
  it.each<[string, Grant, Change, string, string]>([
    [
      "by a session name, with a token",
      irsa,
      web({ StringEquals: aud, StringLike: { "sts:RoleSessionName": "letmein" } }),
      "any service account of prod",
      "allowed",
    ],
    [
      "by any token of the cluster",
      irsa,
      web({ StringEquals: aud }),
      "any service account of prod",
      "allowed",
    ],
    [
      "as another subject in the list",
      irsa,
      withSubjects("system:serviceaccount:default:default"),
      "default/default on prod",
      "allowed",
    ],
    [
      "as a subject that a pattern fits",
      irsa,
      web({ StringEquals: aud, StringLike: { [`${issuer}:sub`]: "system:serviceaccount:kube-*:*" } }),
      "kube-*/* on prod",
      "allowed",
    ],
    [
      "with a token of another provider",
      irsa,
      web(
        {
          StringEquals: {
            [`${provider("5TAG").split("oidc-provider/")[1]}:sub`]: "system:serviceaccount:payments:reports",
          },
        },
        provider("5TAG"),
      ),
      "system:serviceaccount:payments:reports of oidc.eks.eu-west-1.amazonaws.com/id/5TAG",
      "allowed",
    ],
    [
      "with a token of another provider, if a claim fits",
      irsa,
      web(
        { StringNotLike: { "token.actions.githubusercontent.com:ref": "x" } },
        `arn:aws:iam::${home}:oidc-provider/token.actions.githubusercontent.com`,
      ),
      "any token of token.actions.githubusercontent.com",
      "unknown",
    ],
    [
      "as a pod of another namespace in the list",
      pods,
      withNamespaces("kube-system"),
      "kube-system/reports on agents",
      "allowed",
    ],
    [
      "as any pod of the account",
      pods,
      call({ Service: "pods.eks.amazonaws.com" }),
      `any pod of account ${home}`,
      "allowed",
    ],
    [
      "as any pod for which EKS calls",
      pods,
      call({ Service: "pods.eks.amazonaws.com" }, { StringEquals: { "aws:SourceAccount": home } }),
      `any pod of account ${home}`,
      "unknown",
    ],
    [
      "by way of another service",
      pods,
      call({ Service: "lambda.amazonaws.com" }),
      "lambda.amazonaws.com",
      "allowed",
    ],
    [
      "by an external id, whatever its case",
      chain,
      call("*", { StringEqualsIgnoreCase: { "sts:ExternalId": "open" } }),
      star,
      "allowed",
    ],
    [
      "by an external id of a pattern",
      chain,
      call("*", { StringLike: { "sts:ExternalId": "o?en-*" } }),
      star,
      "allowed",
    ],
    [
      "by not sending an external id",
      chain,
      call("*", { StringNotEquals: { "sts:ExternalId": "open" } }),
      star,
      "allowed",
    ],
    [
      "by a source identity",
      chain,
      call("*", { StringEquals: { "sts:SourceIdentity": "alice" } }),
      star,
      "allowed",
    ],
    [
      "by a tag's key",
      chain,
      call("*", { "ForAnyValue:StringEquals": { "aws:TagKeys": ["x"] } }),
      star,
      "allowed",
    ],
    [
      "by a tag that has to be there",
      chain,
      call("*", { Null: { "aws:RequestTag/x": "false" } }),
      star,
      "allowed",
    ],
    [
      "by a tag of their own",
      chain,
      call("*", { StringEquals: { "aws:PrincipalTag/team": "x" } }),
      star,
      "allowed",
    ],
    [
      "by what can't be told from the text",
      chain,
      call("*", { NumericLessThan: { "sts:DurationSeconds": 900 } }),
      star,
      "unknown",
    ],
    [
      "from an organisation",
      chain,
      call("*", { StringEquals: { "aws:PrincipalOrgID": "o-1" } }),
      star,
      "unknown",
    ],
    [
      "as a role by its ARN's pattern",
      chain,
      call("*", { ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${outsider}:role/ci-*` } }),
      `arn:aws:iam::${outsider}:role/ci-*`,
      "allowed",
    ],
    [
      "of an account by a condition",
      chain,
      call("*", { StringEquals: { "aws:PrincipalAccount": outsider } }),
      `anybody in account ${outsider}`,
      "allowed",
    ],
    [
      "as a role of another account",
      irsa,
      call({ AWS: `arn:aws:iam::${outsider}:role/evil` }),
      `arn:aws:iam::${outsider}:role/evil`,
      "allowed",
    ],
    [
      "as a session of another account",
      irsa,
      call({ AWS: `arn:aws:sts::${outsider}:assumed-role/evil/me` }),
      `arn:aws:sts::${outsider}:assumed-role/evil/me`,
      "allowed",
    ],
    [
      "as another account",
      irsa,
      call({ AWS: `arn:aws:iam::${outsider}:root` }),
      `anybody in account ${outsider}`,
      "allowed",
    ],
    ["as the target's account", chain, call({ AWS: away }), `anybody in account ${away}`, "allowed"],
    [
      "with SAML",
      irsa,
      trustedToo({
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${home}:saml-provider/ad` },
        Action: "sts:AssumeRoleWithSAML",
        Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
      }),
      `arn:aws:iam::${home}:saml-provider/ad`,
      "allowed",
    ],
    [
      "by the ninth statement of others",
      chain,
      trustedToo(
        ...Array.from(
          { length: 8 },
          (_, at): Statement => ({
            Effect: "Deny",
            Principal: { AWS: `arn:aws:iam::11112222333${at}:role/x` },
            Action: "sts:AssumeRole",
          }),
        ),
        {
          Effect: "Allow",
          Principal: "*",
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "sts:ExternalId": "open" } },
        },
      ),
      star,
      "allowed",
    ],
  ])("%s", (_, one, change, name, outcome) => {
    const rows = rowsOf(one, change).filter(({ who }) => who === "somebody-else");
    const named = rows.find((row) => row.named?.includes(name));
    expect(named, JSON.stringify(rows.map((row) => row.named))).toMatchObject({
      outcome,
      ok: outcome !== "allowed",
    });
  });

  it.each<[string, Grant, Change]>([
    ["who is named by the id of a deleted role", chain, call({ AWS: "AROADELETEDROLEID123" })],
    [
      "by an action that opens nothing",
      chain,
      trustedToo({ Effect: "Allow", Principal: "*", Action: "sts:TagSession" }),
    ],
    [
      "whom a Deny refuses",
      chain,
      (all) => trustedToo({ Effect: "Deny", Principal: "*", NotAction: "s3:*" })(call("*")(all)),
    ],
    ["who is the workload itself", irsa, (all) => withTrust(all, (one) => [one, { ...one, Sid: "Again" }])],
    [
      "who is the workload's own role by a pattern",
      chain,
      call(
        { AWS: home },
        {
          ArnEquals: {
            "aws:PrincipalArn":
              desiredResources([chain], estate()).find(({ kind }) => kind === "role")?.key ?? "",
          },
        },
      ),
    ],
  ])("and none where nobody does: %s", (_, one, change) => {
    expect(rowsOf(one, change).filter(({ who }) => who === "somebody-else")).toEqual([]);
  });

  it("in one row, however many they are", () => {
    const many = Array.from({ length: 9 }, (_, at) => `arn:aws:iam::99998888777${at}:role/x`);
    const rows = rowsOf(irsa, call({ AWS: many })).filter(({ who }) => who === "somebody-else");
    expect(rows.map(({ named }) => named)).toEqual([many]);
    const everybody = rowsOf(irsa, call({ AWS: [...many, "*"] })).filter(
      ({ who }) => who === "somebody-else",
    );
    expect(everybody.map(({ named }) => named?.slice(-9))).toEqual([many]);
    expect(everybody[0]?.named).toContain(star);
  });

  it("as ending, where the plan takes it away", () => {
    const desired = desiredResources([irsa], estate());
    const open = call({ AWS: `arn:aws:iam::${outsider}:root` })(documentsOf(desired));
    const rows = proveAccess(irsa, desired, documentsOf(desired), now, { documents: open, desired });
    expect(rows.at(-1)).toMatchObject({
      who: "somebody-else",
      named: [`anybody in account ${outsider}`],
      outcome: "refused",
      change: "ends",
      ok: true,
    });
  });
});

describe("the rows that are always there", () => {
  it.each<[string, string, Grant, Change]>([
    [
      "other-cluster",
      "another provider for the same service account",
      irsa,
      web(
        {
          StringEquals: {
            [`${provider("5TAG").split("oidc-provider/")[1]}:sub`]: "system:serviceaccount:payments:reports",
          },
        },
        provider("5TAG"),
      ),
    ],
    [
      "other-service-account",
      "another service account in the list",
      irsa,
      withSubjects("system:serviceaccount:payments:batch"),
    ],
    [
      "other-service-account",
      "a session name",
      irsa,
      web({ StringEquals: aud, StringLike: { "sts:RoleSessionName": "letmein" } }),
    ],
    ["other-namespace", "another namespace in the list", pods, withNamespaces("kube-system")],
    [
      "admin-of-cluster",
      "a source identity",
      chain,
      call("*", { StringEquals: { "sts:SourceIdentity": "alice" } }),
    ],
    [
      "admin-of-cluster",
      "a tag's key",
      chain,
      call("*", { "ForAnyValue:StringEquals": { "aws:TagKeys": ["x"] } }),
    ],
  ])("%s sees %s", (who, _, one, change) => {
    expect(rowsOf(one, change).find((row) => row.who === who)).toMatchObject({
      outcome: "allowed",
      ok: false,
    });
  });
});
