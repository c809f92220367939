import { describe, expect, it } from "vitest";
import type { Grant } from "#lib/model/grant.ts";
import type { ConditionBlock } from "#lib/model/policy-document.ts";
import { desiredResources } from "./desired-resources.ts";
import { proveAccess } from "./prove-access.ts";
import { type Change, documentsOf, onTarget } from "./testing/documents.ts";
import { everyPattern } from "./testing/every-pattern.ts";
import { estate } from "./testing/organisation.ts";

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
