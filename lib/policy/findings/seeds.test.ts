import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { awsMetadata } from "../metadata/aws.ts";
import type { FindingId } from "./catalogue.ts";
import { type CheckOptions, checkPolicy } from "./check-policy.ts";
import { checkServiceAccount } from "./check-service-account.ts";

/**
 * The examples of the five documents that the product grew from, letter by letter as they stand there: flattened by a web
 * page, with its HTML entities broken, and with the mistakes of their authors.
 */
const seed = (name: string) => readFileSync(new URL(`./cases/seeds/${name}.txt`, import.meta.url), "utf8");

/** Each with what it deserves, and why. */
const policies: [name: string, options: Omit<CheckOptions, "metadata">, FindingId[]][] = [
  // A comma after the last action, and an account of eight digits. (The Sid with spaces is fine on a bucket.)
  [
    "moj-bucket-policy.json",
    { kind: "resource", service: "s3" },
    ["json.trailing-comma", "principal.account-digits"],
  ],
  // The page's entity &region-arn; is broken. The root lets in the whole account A (the page says so below it), and
  // nothing stands in for an ExternalId; its empty Condition limits nothing.
  [
    "aws-trust-of-account-b.json",
    { kind: "trust", accountId: "444455556666" },
    [
      "grammar.placeholder",
      "principal.whole-account",
      "trust.missing-external-id",
      "grammar.empty-condition",
    ],
  ],
  // Two broken entities, in the provider and in the claim; and no sub: any service account of the cluster.
  [
    "aws-trust-of-account-a.json",
    { kind: "trust", accountId: "111122223333" },
    ["grammar.placeholder", "grammar.placeholder", "trust.missing-sub"],
  ],
  // Right but for the broken entity.
  [
    "aws-permission-of-account-a.json",
    { kind: "identity", accountId: "111122223333" },
    ["grammar.placeholder"],
  ],
  // A template with three places to fill in; and no aud.
  [
    "kuberocketci-trust.json",
    { kind: "trust" },
    ["grammar.placeholder", "grammar.placeholder", "grammar.placeholder", "trust.missing-aud"],
  ],
];

const manifests: [name: string, FindingId[]][] = [
  // No metadata, and the annotation lacks its key; the account has ten digits.
  [
    "teracloud-service-account.yaml",
    ["service-account.yaml", "service-account.annotations", "service-account.role-arn-account"],
  ],
  // One line is no YAML; the ARN lacks arn:aws:.
  ["aws-service-account.yaml", ["service-account.yaml", "service-account.role-arn-prefix"]],
  // The page lost the indentation, so that nothing is under metadata; places to fill in.
  ["kuberocketci-service-account.yaml", ["service-account.no-metadata", "grammar.placeholder"]],
];

describe("the seeds' own examples", () => {
  it.each(policies)("%s", (name, options, expected) => {
    const found = checkPolicy(seed(name), { ...options, metadata: awsMetadata });
    expect(found.map(({ id }) => id)).toEqual(expected);
    for (const { range } of found) expect(range?.end.offset).toBeGreaterThan(range?.start.offset ?? 0);
  });

  it.each(manifests)("%s", (name, expected) => {
    expect(checkServiceAccount(seed(name)).map(({ id }) => id)).toEqual(expected);
  });

  it("eksctl's policy of the cluster autoscaler may end any machine of any team", () => {
    const { iam } = parse(seed("eksctl-cluster-config.yaml")) as {
      iam: { serviceAccounts: { attachPolicy?: unknown }[] };
    };
    const policy = iam.serviceAccounts.find(({ attachPolicy }) => attachPolicy)?.attachPolicy;
    const found = checkPolicy(policy, { kind: "identity", metadata: awsMetadata });
    expect(found.map(({ id }) => id)).toEqual(["resource.any-written"]);
  });

  it("marks the comma of the first where it stands", () => {
    const text = seed("moj-bucket-policy.json");
    const [comma] = checkPolicy(text, { kind: "resource", metadata: awsMetadata });
    expect(comma).toMatchObject({
      id: "json.trailing-comma",
      path: "/Statement/0/Action",
      statement: { index: 0, sid: "Cross IAM permissions" },
      range: { start: { line: 12, column: 21 } },
    });
    expect(text[comma?.range?.start.offset ?? 0]).toBe(",");
  });
});
