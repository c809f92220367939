import { expect, it } from "vitest";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import { desiredResources } from "../desired-resources.ts";
import { documentsOf, onTarget } from "../testing/documents.ts";
import { everyPattern } from "../testing/every-pattern.ts";
import { estate } from "../testing/organisation.ts";
import { proveAccess } from "./prove-access.ts";

/**
 * A role's unique id and its sessions' names: what nobody has read is neither this one nor certainly another.
 *
 * Source: IAM User Guide, "IAM identifiers" (a deleted principal shows as its id, and no new one ever has it),
 * "AWS global condition context keys" (`aws:userid` is `role-id:session-name`); AWS Security Blog, "How to restrict
 * Amazon S3 bucket access to a specific IAM role".
 */

const now = "2026-11-01T00:00:00Z";
const id = "AROAREALROLEID12345";
const of = (name: string) => everyPattern.find((one) => one.name.startsWith(name))?.asked as Grant;
const irsa = of("irsa from prod");
const byPolicy = of("resource-policy from prod to arn:aws:s3");

const roleOf = (one: Grant) =>
  desiredResources([one], estate()).find(({ kind }) => kind === "role") as CloudResource<"role">;
const sessionOf = (one: Grant, name: string) =>
  `arn:aws:sts::${roleOf(one).accountId}:assumed-role/${roleOf(one).body.name}/${name}`;

/** What becomes of the workload: where nobody has read the id, where it was read, and where the role is not made yet. */
function outcomes(one: Grant, statement: Omit<Statement, "Resource" | "Effect">): (string | undefined)[] {
  const desired = desiredResources([one], estate());
  const documents = onTarget(one, { Effect: "Deny", ...statement })(documentsOf(desired));
  return [undefined, id, null].map((known) => {
    const roleIds = new Map(known === undefined ? [] : [[roleOf(one).key, known] as const]);
    const [workload] = proveAccess(one, desired, { ...documents, roleIds }, now);
    return workload?.outcome;
  });
}

const everybody = { Principal: "*" as const, Action: "s3:*" };

it.each([
  ["its sessions", { StringLike: { "aws:userid": `${id}:*` } }, ["unknown", "refused", "allowed"]],
  [
    "all but its sessions",
    { StringNotLike: { "aws:userid": [`${id}:*`, "1111"] } },
    ["unknown", "allowed", "refused"],
  ],
  ["another's sessions", { StringLike: { "aws:userid": "AROAOTHER:*" } }, ["unknown", "allowed", "allowed"]],
  [
    "sessions of some name",
    { StringLike: { "aws:userid": "*:botocore-session-*" } },
    ["unknown", "unknown", "unknown"],
  ],
  [
    "its sessions of some name",
    { StringLike: { "aws:userid": `${id}:botocore*` } },
    ["unknown", "unknown", "allowed"],
  ],
  ["one session", { StringEquals: { "aws:userid": `${id}:pod` } }, ["unknown", "unknown", "allowed"]],
  ["sessions of users", { StringLike: { "aws:userid": "AIDA*" } }, ["allowed", "allowed", "allowed"]],
  ["all sessions of roles", { StringLike: { "aws:userid": "AROA*" } }, ["refused", "refused", "refused"]],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable.
  ["a variable", { StringLike: { "aws:userid": "${aws:PrincipalTag/x}" } }, Array(3).fill("unknown")],
])("a Deny of %s", (_, Condition, expected) => {
  expect(outcomes(irsa, { ...everybody, Condition })).toEqual(expected);
});

it.each([
  ["its id", id, ["unknown", "refused", "allowed"]],
  ["another id", "AROAOTHERROLEID1234", ["unknown", "allowed", "allowed"]],
  ["one of its sessions", sessionOf(byPolicy, "botocore-session-1"), ["unknown", "unknown", "unknown"]],
  [
    "a session of another role",
    "arn:aws:sts::111122223333:assumed-role/other/pod",
    ["allowed", "allowed", "allowed"],
  ],
])("a Deny that names %s", (_, AWS, expected) => {
  expect(outcomes(byPolicy, { Principal: { AWS }, Action: "s3:*" })).toEqual(expected);
});

it("says what it hangs on, and lets nobody else in by it", () => {
  const desired = desiredResources([byPolicy], estate());
  const dangling = { Effect: "Allow" as const, Principal: { AWS: "AROAOFAROLEOFTHEPAST" }, Action: "s3:*" };
  const rows = proveAccess(byPolicy, desired, onTarget(byPolicy, dangling)(documentsOf(desired)), now);
  expect(rows.filter(({ outcome }) => outcome === "unknown").map(({ who }) => who)).toEqual([]);
  const deny = { ...dangling, Effect: "Deny" as const };
  const [workload] = proveAccess(byPolicy, desired, onTarget(byPolicy, deny)(documentsOf(desired)), now);
  expect(workload).toMatchObject({
    outcome: "unknown",
    ok: true,
    dependsOn: ["AWS:AROAOFAROLEOFTHEPAST"],
  });
});
