import { describe, expect, it } from "vitest";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";
import { beyond, patternWithin } from "./within.ts";

const document = (...statements: Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});
const objects: Statement = {
  Sid: "Objects",
  Effect: "Allow",
  Action: ["s3:GetObject", "s3:ListBucket"],
  Resource: "arn:aws:s3:::*",
};
const viaS3 = { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } };
const keys: Statement = { Effect: "Allow", Action: "kms:Decrypt", Resource: "*", Condition: viaS3 };
const noGifts: Statement = { Sid: "NoGifts", Effect: "Deny", Action: "s3:PutObject", Resource: "*" };
const limit = document(objects, keys, noGifts);

// What each row stands on: IAM User Guide, "IAM JSON policy elements: Action, Resource, Condition, NotAction".
const cases: [what: string, statements: Statement[], excess: string[]][] = [
  ["is the same", [objects, keys, noGifts], []],
  ["lacks statements", [objects, noGifts], []],
  ["names one bucket", [{ ...objects, Resource: "arn:aws:s3:::reports/*" }, noGifts], []],
  ["is written in another case", [{ ...objects, Action: "S3:getobject" }, noGifts], []],
  [
    "adds a condition",
    [{ ...keys, Condition: { ...viaS3, Bool: { "aws:ViaAWSService": true } } }, noGifts],
    [],
  ],
  ["adds a Deny", [objects, noGifts, { Effect: "Deny", Action: "*", Resource: "*" }], []],
  [
    "adds an action",
    [{ ...objects, Action: ["s3:GetObject", "iam:*"] }, noGifts],
    ["iam:* on arn:aws:s3:::*"],
  ],
  ["has a wildcard where names stood", [{ ...objects, Action: "s3:*" }, noGifts], ["s3:* on arn:aws:s3:::*"]],
  [
    "drops a condition",
    [{ Effect: "Allow", Action: "kms:Decrypt", Resource: "*" }, noGifts],
    ["kms:Decrypt on *"],
  ],
  [
    "widens a condition",
    [{ ...keys, Condition: { StringLike: { "kms:ViaService": "*" } } }, noGifts],
    ["kms:Decrypt on *"],
  ],
  [
    "makes a condition conditional",
    [{ ...keys, Condition: { StringLikeIfExists: viaS3.StringLike } }, noGifts],
    ["kms:Decrypt on *"],
  ],
  [
    "allows all but something",
    [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }, noGifts],
    ["everything but iam:*"],
  ],
  ["loses a Deny", [objects], ["what the Deny NoGifts kept out"]],
  [
    "takes its resource from elsewhere",
    [{ ...objects, Resource: "*" }, noGifts],
    ["s3:GetObject on *", "s3:ListBucket on *"],
  ],
];

describe("a document that", () => {
  it.each(cases)("%s", (_what, statements, excess) => {
    expect(beyond(document(...statements), limit)).toEqual(excess);
  });
});

describe("a pattern", () => {
  it.each<[string, string, boolean]>([
    ["a*c", "a*", true],
    ["a*", "a*c", false],
    ["a?", "a*", true],
    ["a?", "a?", true],
    ["a*", "a?", false],
    ["a.c", "a?c", true],
    ["abc", "a.c", false],
  ])("%s lies within %s: %s", (pattern, within, expected) => {
    expect(patternWithin(pattern, within)).toBe(expected);
  });

  it("of many wildcards is compared at once", () => {
    const started = performance.now();
    expect(patternWithin(`arn:aws:s3:::${"a".repeat(600)}`, `arn:aws:s3:::${"*a".repeat(100)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
