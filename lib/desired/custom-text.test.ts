import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conditionRanges, customText, readCustomText } from "./custom-text.ts";
import { s3 } from "./services/s3.ts";
import { sqs } from "./services/sqs.ts";
import { anyCustom } from "./testing/any-custom.ts";

const read = (text: string, prefix: string | null = null) => readCustomText(text, prefix, s3);
const statement = (inner: string) => `{"Statement": [{${inner}}]}`;

describe("custom access as text", () => {
  it("comes back as it was written", () => {
    const texts = fc
      .constantFrom(s3, sqs)
      .chain((service) => anyCustom(service, null).map((one) => ({ service, one })));
    fc.assert(
      fc.property(texts, ({ service, one }) => {
        const { custom, problems } = readCustomText(customText(one), null, service);
        expect(problems).toEqual([]);
        expect(custom?.map(({ actions }) => actions)).toEqual(one.map(({ actions }) => actions));
        for (const [at, { conditions }] of one.entries())
          expect(custom?.[at]?.conditions).toEqual(expect.arrayContaining(conditions));
      }),
      { numRuns: 200 },
    );
  });

  it("may have one for a list of one, and truth values and numbers as IAM takes them", () => {
    const text = `{"Statement": {"Action": "s3:ListBucket", "Condition": {
      "Bool": {"aws:SecureTransport": true}, "NumericLessThanEquals": {"s3:max-keys": 50}}}}`;
    expect(read(text)).toEqual({
      custom: [
        {
          actions: ["s3:ListBucket"],
          conditions: [
            { operator: "Bool", key: "aws:SecureTransport", values: ["true"] },
            { operator: "NumericLessThanEquals", key: "s3:max-keys", values: ["50"] },
          ],
        },
      ],
      problems: [],
    });
  });

  const get = '"Action": ["s3:GetObject"]';
  it.each<[string, string, RegExp]>([
    ["a key twice", statement(`${get}, "Action": ["s3:PutObject"]`), /"Action" twice/],
    ["keys that differ in case", statement(`${get}, "action": ["s3:PutObject"]`), /differ in case/],
    [
      "a condition key twice",
      statement(
        `${get}, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8", "aws:SourceIp": "11.0.0.0/8"}}`,
      ),
      /"aws:SourceIp" twice/,
    ],
    ["a comment", `${statement(get)} // all`, /comments/],
    ["a trailing comma", statement(`${get},`), /comma/],
    ["half a text", '{"Statement": [', /not JSON/],
    ["a list instead", "[]", /no object/],
    ["a version", `{"Version": "2012-10-17", "Statement": []}`, /"Version" is not asked/],
    ...["Sid", "Effect", "Resource", "NotResource", "Principal", "NotPrincipal", "NotAction"].map(
      (name): [string, string, RegExp] => [
        name,
        statement(`${get}, "${name}": "*"`),
        new RegExp(`^${name} is not`),
      ],
    ),
    ["an unknown element", statement(`${get}, "Resources": "*"`), /"Resources" is no element/],
    ["an element that every object has", statement(`${get}, "__proto__": {}`), /"__proto__" is no element/],
    [
      "a key that every object has",
      statement(`${get}, "Condition": {"Bool": {"__proto__": "x"}}`),
      /__proto__/,
    ],
    ["an operator without a key", statement(`${get}, "Condition": {"Bool": {}}`), /at least one key/],
    ["conditions without any", statement(`${get}, "Condition": {}`), /no condition/],
    ["an action that is no text", statement('"Action": [{}]'), /no text/],
    ["a wildcard", statement('"Action": ["s3:*"]'), /wildcard/],
    ["nothing", '{"Statement": []}', /no action/],
  ])("with %s is refused where it stands", (_, text, reason) => {
    const { problems } = read(text);
    expect(problems.map((one) => one.reason).join("\n")).toMatch(reason);
    for (const { range, nextStep } of problems) {
      expect(range.end.offset).toBeGreaterThanOrEqual(range.start.offset);
      expect(nextStep).not.toBe("");
    }
  });

  it("shows the statement and the element that is refused", () => {
    const text = `{"Statement": [{${get}}, {"Action": ["s3:PutBucketPolicy"]}]}`;
    const [problem] = read(text).problems;
    expect(text.slice(problem?.range.start.offset, problem?.range.end.offset)).toBe('["s3:PutBucketPolicy"]');
  });
});

describe("the place of a condition", () => {
  const text = `{"Statement": [
    {"Action": "s3:GetObject", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}},
    {"Action": ["s3:PutObject"], "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8", "aws:SourceIp": "203.0.113.0/24"}}}
  ]}`;
  const at = (action: string, key: string, of = text, values = ["10.0.0.0/8"]) =>
    conditionRanges(of, { operator: "IpAddress", key, values, actions: [action] }).map(
      ({ start }) => start.line,
    );

  it("is in the statement of its actions", () => {
    expect(at("s3:GetObject", "aws:VpcSourceIp")).toEqual([2]);
    expect(at("s3:PutObject", "aws:VpcSourceIp")).toEqual([3]);
    expect(at("s3:GetObject", "aws:SourceIp")).toEqual([]);
  });

  it("is told from another of the same key by its values", () => {
    expect(at("s3:GetObject", "aws:VpcSourceIp", text, ["10.0.0.0/16"])).toEqual([]);
  });

  it("is nowhere in a text that does not say it, or is none", () => {
    for (const other of [
      "",
      "[]",
      "{",
      "null",
      '{"Statement": 1}',
      '{"Statement": [null, {"Condition": []}]}',
    ])
      expect(at("s3:GetObject", "aws:VpcSourceIp", other)).toEqual([]);
    expect(at("s3:GetObject", "aws:VpcSourceIp", text.slice(0, 90))).toEqual([]);
  });

  it("is the key itself", () => {
    const [range] = conditionRanges(text, {
      operator: "IpAddress",
      key: "aws:SourceIp",
      values: ["203.0.113.0/24"],
      actions: ["s3:PutObject"],
    });
    expect(text.slice(range?.start.offset, range?.end.offset)).toBe('"aws:SourceIp"');
  });
});
