import { expect, it } from "vitest";
import { awsMetadata } from "../metadata/aws.ts";
import { statementRanges } from "./statement-ranges.ts";
import { toldDocument } from "./told-document.ts";

const options = { kind: "identity" as const, metadata: awsMetadata };
const read = '{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::archive/*"}';

it("a finding comes with its place, why it matters and how to mend it", () => {
  const { findings } = toldDocument(
    `{"Version":"2012-10-17","Version":"2012-10-17","Statement":${read}}`,
    options,
  );
  expect(findings[0]).toMatchObject({
    id: "json.duplicate-key",
    title: "The same key twice",
    range: { start: { offset: 24 } },
  });
  expect(findings[0]?.why).not.toBe("");
  expect(findings[0]?.mend).not.toBe("");
  expect(findings[0]?.reference).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
});

it("each statement has its sentence, and what is wrong with one takes none from the others", () => {
  const text = `{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"},${read},7]}`;
  const { sentences } = toldDocument(text, options);
  expect(sentences).toEqual([null, expect.stringContaining('"s3:GetObject"'), null]);
});

it.each([
  "",
  "[]",
  "null",
  '{"Statement":null}',
  '{"Statement":{"Condition":{"a":null}}}',
  "{".repeat(10_000),
])("nothing throws, whatever is typed", (text) => {
  expect(() => toldDocument(text, options)).not.toThrow();
});

it("finds the statements in the text, alone or in a list", () => {
  const text = `{"Statement":[ ${read}, ${read} ]}`;
  const ranges = statementRanges(text);
  expect(ranges.map(({ start, end }) => text.slice(start.offset, end.offset))).toEqual([read, read]);
  expect(ranges[1]?.start.offset).toBeGreaterThan(ranges[0]?.end.offset ?? 0);
  expect(statementRanges(`{"Statement":${read}}`)).toHaveLength(1);
  expect(statementRanges("{")).toEqual([]);
  expect(statementRanges("{}")).toEqual([]);
});

it("a text that breaks a rule ten thousand times is answered with the worst, and not with all of it", () => {
  const text = `{"Statement":[${'{"a":1,"a":1},'.repeat(4_500)}{}]}`;
  const { findings } = toldDocument(text, { kind: "identity", metadata: awsMetadata });
  expect(findings).toHaveLength(500);
  expect(findings[0]?.severity).toBe("error");
});
