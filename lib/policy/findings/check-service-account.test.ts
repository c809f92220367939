import { describe, expect, it } from "vitest";
import { catalogue, type FindingId } from "./catalogue.ts";
import { checkServiceAccount } from "./check-service-account.ts";

/** A manifest with these lines under metadata. */
function manifest(...metadata: string[]): string {
  return ["apiVersion: v1", "kind: ServiceAccount", "metadata:", ...metadata.map((line) => `  ${line}`)].join(
    "\n",
  );
}

const names = ["name: reports", "namespace: payments"];
function annotated(...annotations: string[]): string {
  return manifest(...names, "annotations:", ...annotations.map((line) => `  ${line}`));
}

const role = "eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/drawbridge/src";
const good = annotated(role);

const cases: [FindingId, hit: string, near: string][] = [
  ["service-account.yaml", "metadata: {name: [reports", good],
  ["service-account.other-kind", good.replace("ServiceAccount", "Pod"), `kind: Pod\n---\n${good}`],
  ["service-account.no-metadata", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n", good],
  [
    "service-account.name",
    manifest("name: Reports", "namespace: payments"),
    manifest("name: reports.v2", "namespace: p"),
  ],
  ["service-account.no-namespace", manifest("name: reports"), good],
  [
    "service-account.annotations",
    manifest(...names, "annotations: arn:aws:iam::111122223333:role/src"),
    good,
  ],
  [
    "service-account.annotation-type",
    annotated(role, "eks.amazonaws.com/token-expiration: 3600"),
    annotated(role, 'eks.amazonaws.com/token-expiration: "3600"'),
  ],
  ["service-account.no-role", manifest(...names), good],
  [
    "service-account.unknown-annotation",
    annotated(role, "eks.amazonaws.com/rolearn: x"),
    annotated(role, "example.com/rolearn: x"),
  ],
  ["service-account.role-arn", annotated("eks.amazonaws.com/role-arn: src"), good],
  [
    "service-account.role-arn-prefix",
    annotated("eks.amazonaws.com/role-arn: iam::111122223333:role/src"),
    good,
  ],
  [
    "service-account.role-arn-account",
    annotated("eks.amazonaws.com/role-arn: arn:aws:iam::5554444333:role/s3"),
    annotated("eks.amazonaws.com/role-arn: arn:aws:iam::005554444333:role/s3"),
  ],
  [
    "service-account.audience",
    annotated(role, "eks.amazonaws.com/audience: sts.amazonaws.com.cn"),
    annotated(role, "eks.amazonaws.com/audience: sts.amazonaws.com"),
  ],
  [
    "service-account.token-expiration",
    annotated(role, 'eks.amazonaws.com/token-expiration: "300"'),
    annotated(role, 'eks.amazonaws.com/token-expiration: "600"'),
  ],
  [
    "service-account.global-sts",
    annotated(role, 'eks.amazonaws.com/sts-regional-endpoints: "false"'),
    annotated(role, 'eks.amazonaws.com/sts-regional-endpoints: "true"'),
  ],
];

const ids = (text: string) => checkServiceAccount(text).map(({ id }) => id);

describe("each finding of a service account", () => {
  it.each(cases)("%s is made, and not for a near miss", (id, hit, near) => {
    expect(ids(hit)).toContain(id);
    expect(ids(near)).not.toContain(id);
  });

  it("has a case", () => {
    const about = Object.entries(catalogue).filter(([, { group }]) => group === "service-account");
    expect(cases.map(([id]) => id).sort()).toEqual(about.map(([id]) => id).sort());
  });

  it("says where, in the text and in the manifest", () => {
    const [found] = checkServiceAccount(annotated("eks.amazonaws.com/role-arn: iam::111122223333:role/src"));
    expect(found).toMatchObject({
      path: "/metadata/annotations/eks.amazonaws.com~1role-arn",
      range: { start: { line: 7, column: 33 }, end: { line: 7, column: 59 } },
    });
  });

  it("finds nothing in what is right, and answers a text of any size or depth at once", () => {
    expect(ids(good)).toEqual([]);
    const started = performance.now();
    expect(ids("x".repeat(10_000_000))).toEqual(["service-account.yaml"]);
    expect(ids("[".repeat(10_000))).toContain("service-account.yaml");
    expect(ids("- ".repeat(10_000)).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
