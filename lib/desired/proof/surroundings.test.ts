import { describe, expect, it } from "vitest";
import type { Grant } from "#lib/model/grant.ts";
import type { ConditionBlock, Statement } from "#lib/model/policy-document.ts";
import { desiredResources } from "../desired-resources.ts";
import { type Change, documentsOf, onTarget, trustedToo, withTrust } from "../testing/documents.ts";
import { everyPattern } from "../testing/every-pattern.ts";
import { away, estate, home } from "../testing/organisation.ts";
import { proveAccess } from "./prove-access.ts";

/** Source of all rows: IAM User Guide, "AWS global condition context keys", availability and values of each key. */

const now = "2026-11-01T00:00:00Z";
const of = (name: string) => everyPattern.find((one) => one.name.startsWith(name))?.asked as Grant;
const irsa = of("irsa from prod");

/** What becomes of an asker: of its rows the one that lets in farthest. */
function outcome(one: Grant, who: string, change: Change): string {
  const desired = desiredResources([one], estate());
  const rows = proveAccess(one, desired, change(documentsOf(desired)), now);
  const found = rows.filter((row) => row.who === who).map((row) => row.outcome);
  return found.includes("allowed") ? "allowed" : found.includes("unknown") ? "unknown" : (found[0] ?? "none");
}

describe("a caller without credentials", () => {
  const open = { Effect: "Allow" as const, Principal: "*" as const, Action: "s3:*" };
  const openIf = (Condition: ConditionBlock) => onTarget(irsa, { ...open, Condition });
  const openUnless = (Condition: ConditionBlock) =>
    onTarget(irsa, open, { ...open, Effect: "Deny" as const, Condition });

  it.each<[string, Change, string]>([
    // "For anonymous requests, the request context returns anonymous."
    [
      "has the account anonymous",
      openIf({ StringEquals: { "aws:PrincipalAccount": "anonymous" } }),
      "allowed",
    ],
    ["has an account", openIf({ StringLike: { "aws:PrincipalAccount": "*" } }), "allowed"],
    ["does not lack an account", openIf({ Null: { "aws:PrincipalAccount": "false" } }), "allowed"],
    ["has no account of 12 digits", openIf({ StringLike: { "aws:PrincipalAccount": "1*" } }), "refused"],
    // "all requests, including anonymous requests"
    ["has some user id", openIf({ StringLike: { "aws:userid": "*" } }), "unknown"],
    ["has some principal type", openIf({ StringEquals: { "aws:PrincipalType": "Anonymous" } }), "unknown"],
    // "Anonymous requests do not include this key."
    [
      "is neither a service nor none",
      openUnless({ Bool: { "aws:PrincipalIsAWSService": "false" } }),
      "allowed",
    ],
    ["has no ARN", openIf({ ArnLike: { "aws:PrincipalArn": "*" } }), "refused"],
    ["is in no organisation", openIf({ StringLike: { "aws:PrincipalOrgID": "*" } }), "refused"],
  ])("%s", (_, change, expected) => {
    expect(outcome(irsa, "anonymous", change)).toBe(expected);
  });
});

describe("a call that opens a session", () => {
  const chain = of("role-chaining from prod to arn:aws:s3");
  const pods = of("pod-identity from agents to arn:aws:s3:::home-data");
  const web = "sts:AssumeRoleWithWebIdentity";
  const shut = (Action: string, Condition: ConditionBlock) =>
    trustedToo({ Effect: "Deny", Principal: "*", Action, Condition });
  const asking =
    (operator: string, key: string, fill: (statement: Statement) => string): Change =>
    (all) =>
      withTrust(all, (one) => ({
        ...one,
        Condition: { ...one.Condition, [operator]: { ...one.Condition?.[operator], [key]: fill(one) } },
      }));
  const providerOf = ({ Principal }: Statement) =>
    typeof Principal === "object" ? String(Principal.Federated) : "";

  it.each<[string, Grant, Change, string]>([
    // "always included in the request context for most service actions"
    [
      "has the role's account",
      chain,
      shut("sts:AssumeRole", { StringEquals: { "aws:ResourceAccount": away } }),
      "refused",
    ],
    [
      "has the role's account",
      irsa,
      shut(web, { StringNotEquals: { "aws:ResourceAccount": home } }),
      "allowed",
    ],
    // "only when the principal uses temporary credentials to make the request"
    [
      "has the time of the session before",
      chain,
      shut("sts:AssumeRole", { DateLessThan: { "aws:TokenIssueTime": "2030-01-01T00:00:00Z" } }),
      "refused",
    ],
    [
      "has the time of the session before",
      chain,
      shut("sts:AssumeRole", { DateLessThan: { "aws:TokenIssueTime": "2026-10-01T00:00:00Z" } }),
      "allowed",
    ],
    [
      "has a time of up to twelve hours before",
      chain,
      shut("sts:AssumeRole", { DateLessThan: { "aws:TokenIssueTime": "2026-10-31T23:00:00Z" } }),
      "unknown",
    ],
    [
      "has no such time with a token",
      irsa,
      shut(web, { DateLessThan: { "aws:TokenIssueTime": "2030-01-01T00:00:00Z" } }),
      "allowed",
    ],
    // "in the role-trust policy when an OIDC provider is used to call the AssumeRoleWithWebIdentity operation"
    [
      "has the token's provider",
      irsa,
      shut(web, { ArnLike: { "aws:FederatedProvider": "arn:aws:iam::*:oidc-provider/*" } }),
      "refused",
    ],
    ["has the token's provider", irsa, asking("ArnEquals", "aws:FederatedProvider", providerOf), "allowed"],
    [
      "has the provider of the session before",
      chain,
      shut("sts:AssumeRole", { Null: { "aws:FederatedProvider": "false" } }),
      "refused",
    ],
    // "only when the service principal calls": which of these EKS sends is not written
    [
      "may say for whom the agent calls",
      pods,
      asking("StringEquals", "aws:SourceAccount", () => home),
      "unknown",
    ],
    [
      "says of no pod for whom it calls",
      chain,
      shut("sts:AssumeRole", { Null: { "aws:SourceAccount": "false" } }),
      "allowed",
    ],
    // Where from, nobody knows.
    ["comes from a network", irsa, asking("StringEquals", "aws:VpceAccount", () => home), "unknown"],
    [
      "comes from a network",
      chain,
      shut("sts:AssumeRole", { StringNotEquals: { "aws:VpceOrgID": "o-1" } }),
      "unknown",
    ],
    // Claims of another cluster's token are none of this one's.
    [
      "has the claims of its own token only",
      irsa,
      asking("StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/0:sub", () => "x"),
      "refused",
    ],
  ])("%s", (_, one, change, expected) => {
    expect(outcome(one, "workload", change)).toBe(expected);
  });

  it("leaves everybody else refused by what it says", () => {
    const found = (one: Grant, change: Change) =>
      ["other-service-account", "other-namespace", "other-cluster"].map((who) => outcome(one, who, change));
    expect(
      found(
        pods,
        asking("StringEquals", "aws:SourceAccount", () => home),
      ),
    ).toEqual(Array(3).fill("refused"));
    expect(found(irsa, asking("ArnEquals", "aws:FederatedProvider", providerOf))).toEqual(
      Array(3).fill("refused"),
    );
  });
});

describe("a call on the target", () => {
  const denied = (one: Grant, Condition: ConditionBlock) =>
    onTarget(one, { Effect: "Deny", Principal: "*", Action: "*", Condition });
  const queue = of("role-chaining from prod to arn:aws:sqs");

  it.each<[string, Grant, ConditionBlock, string]>([
    // "only when the principal uses temporary credentials": of sessions on roles AWS does not say with which value
    ["may say whether there was MFA", irsa, { Bool: { "aws:MultiFactorAuthPresent": "false" } }, "unknown"],
    [
      "may say whether there was MFA",
      queue,
      { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
      "unknown",
    ],
    ["has a version of TLS", irsa, { NumericLessThan: { "s3:TlsVersion": "1.2" } }, "allowed"],
    [
      "has no version of TLS that is known but in S3",
      queue,
      { NumericLessThan: { "s3:TlsVersion": "1.2" } },
      "unknown",
    ],
    [
      "is of a session of at most twelve hours",
      irsa,
      { DateLessThan: { "aws:TokenIssueTime": "2026-10-31T00:00:00Z" } },
      "allowed",
    ],
  ])("%s", (_, one, Condition, expected) => {
    expect(outcome(one, "workload", denied(one, Condition))).toBe(expected);
  });
});
