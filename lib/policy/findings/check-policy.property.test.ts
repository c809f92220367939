import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awsMetadata } from "../metadata/aws.ts";
import { checkPolicy } from "./check-policy.ts";
import { checkServiceAccount } from "./check-service-account.ts";
import { severities } from "./finding.ts";
import { checkKinds } from "./kinds.ts";

const text = fc.constantFrom(
  "*",
  "s3:*",
  "s3:GetObject",
  "sts:AssumeRole",
  "iam:PassRole",
  "arn:aws:s3:::reports/*",
  "arn:aws:iam::111122223333:root",
  "arn:",
  "",
  "aws:SourceIp",
  "$".concat("{aws:x"),
  "__proto__",
  "<PLACE>",
);
const elements = [
  "Sid",
  "Effect",
  "Principal",
  "NotAction",
  "Action",
  "Resource",
  "NotResource",
  "Condition",
];
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constant(null),
    fc.integer(),
    fc.boolean(),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom("StringLike", "Bool", "AWS", ...elements)), tie("any")),
  ),
})).any;
const statement = fc.dictionary(fc.constantFrom(...elements), value);
const policy = fc.record(
  { Version: fc.oneof(fc.constant("2012-10-17"), value), Statement: fc.oneof(fc.array(statement), value) },
  { requiredKeys: [] },
);
const kind = fc.constantFrom(...checkKinds);

function list(length: number, item: (at: number) => string): string[] {
  return Array.from({ length }, (_, at) => item(at));
}

describe("checking a policy", () => {
  it("never throws, says the same each time, and worst first", () => {
    fc.assert(
      fc.property(policy, kind, (document, where) => {
        const options = { kind: where, accountId: "111122223333", metadata: awsMetadata };
        const found = checkPolicy(document, options);
        expect(checkPolicy(structuredClone(document), options)).toEqual(found);
        const ranks = found.map(({ severity }) => severities.indexOf(severity));
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });

  it("finds in the text what it finds in the document, and where it stands", () => {
    fc.assert(
      fc.property(policy, kind, (document, where) => {
        const options = { kind: where, metadata: awsMetadata };
        const json = JSON.stringify(document, null, 1);
        const fromText = checkPolicy(json, options);
        fc.pre(!fromText.some(({ id }) => id.startsWith("json.")));
        for (const { range } of fromText) {
          expect(range && range.start.offset <= range.end.offset && range.end.offset <= json.length).toBe(
            true,
          );
        }
        const bare = fromText.map(({ range: _, ...finding }) => finding);
        expect(bare).toEqual(checkPolicy(JSON.parse(json), options));
      }),
      { numRuns: 300 },
    );
  });

  it("takes any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), kind, (json, where) => {
        checkPolicy(json, { kind: where, metadata: awsMetadata });
        checkServiceAccount(json);
      }),
      { numRuns: 500 },
    );
  });

  it("answers at once, however long or deep the text", () => {
    const started = performance.now();
    const options = { kind: "identity", metadata: awsMetadata } as const;
    expect(checkPolicy(`"${"x".repeat(10_000_000)}"`, options)[0]?.id).toBe("json.too-long");
    expect(checkPolicy(`${"[".repeat(10_000)}${"]".repeat(10_000)}`, options)[0]?.id).toBe("json.too-deep");
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it.each([
    [
      "resources that are all wildcards",
      { Action: "iot:*", Resource: list(120, () => `arn:aws:iot:*:*:${"*a".repeat(240)}`) },
    ],
    ["one resource of wildcards", { Action: "ec2:*", Resource: `arn:aws:ec2:*:*:${"*a".repeat(30_000)}` }],
    [
      "long resources",
      { Action: "iot:*", Resource: list(25, () => `arn:aws:iot:*:*:*${"a".repeat(2_000)}`) },
    ],
    ["patterns of actions", { Action: list(6_000, (at) => `s3:${at}*`), Resource: "*" }],
    ["unknown actions", { Action: list(3_000, (at) => `ec2:DescribeX${at}`), Resource: "*" }],
    ["everything of everything", { Action: list(400, (at) => `ec2:*${"*".repeat(at % 50)}`), Resource: "*" }],
    ["one pattern", { Action: list(4_000, () => "iam:*"), Resource: "*" }],
    [
      "openings of variables in a resource",
      { Action: "s3:*", Resource: `arn:aws:s3:::${"$".concat("{").repeat(30_000)}` },
    ],
    [
      "openings of variables in a condition",
      {
        Action: "s3:*",
        Resource: "*",
        Condition: { StringLike: { "aws:userid": "$".concat("{").repeat(30_000) } },
      },
    ],
    [
      "values",
      {
        Action: "s3:*",
        Resource: "*",
        Condition: { StringLike: { "aws:userid": list(7_000, (at) => `${at}*`) } },
      },
    ],
  ])("answers within two seconds, however much there is of %s", (_, statement) => {
    const json = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", ...statement } });
    const started = process.cpuUsage();
    expect(checkPolicy(json, { kind: "identity", metadata: awsMetadata })[0]?.id).not.toBe("json.too-long");
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });

  it("answers within two seconds, however many statements pass a role", () => {
    const statement = { Effect: "Allow", Action: ["ec2:*", "iam:*", "s3:*"], Resource: "*" };
    const json = JSON.stringify({
      Version: "2012-10-17",
      Statement: list(700, () => "").map(() => statement),
    });
    const started = process.cpuUsage();
    const found = checkPolicy(json, { kind: "identity", metadata: awsMetadata });
    expect(found.map(({ id }) => id)).toContain("escalation.pass-role-and-run");
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });

  it("answers within two seconds, however many statements there are", () => {
    const json = `{"Statement":[${list(4_000, () => '{"Effect":1}').join(",")}]}`;
    const started = process.cpuUsage();
    expect(checkPolicy(json, { kind: "trust", metadata: awsMetadata }).length).toBeGreaterThan(10_000);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });
});
