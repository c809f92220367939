import { expect, it } from "vitest";
import { placeAt } from "#lib/policy/editing/place.ts";
import { suggestionsFor } from "#lib/policy/editing/suggestions.ts";
import { customVocabulary } from "./custom-vocabulary.ts";
import { s3 } from "./services/s3.ts";

/** What is suggested where `|` stands. */
async function suggested(text: string): Promise<string[]> {
  const at = text.indexOf("|");
  const place = placeAt(text.replace("|", ""), at);
  if (!place) return [];
  const found = await suggestionsFor(place.wanted, text.slice(place.from, at), customVocabulary(s3));
  return found?.suggestions.map((one) => one.text) ?? [];
}

it.each([
  ["elements of the document", '{"|"}', ["Statement"]],
  ["elements of a statement", '{"Statement": [{"|"}]}', ["Action", "Condition"]],
  ["services", '{"Statement": [{"Action": ["|"]}]}', ["s3:"]],
  [
    "operators",
    '{"Statement": [{"Condition": {"|"}}]}',
    [
      "StringEquals",
      "StringLike",
      "IpAddress",
      "Bool",
      "NumericLessThanEquals",
      "NumericGreaterThanEquals",
      "NumericEquals",
    ],
  ],
])("suggests %s that may be asked for, and no others", async (_, text, expected) => {
  expect((await suggested(text)).sort()).toEqual([...expected].sort());
});

it("suggests the actions of the table alone", async () => {
  const found = await suggested('{"Statement": [{"Action": ["s3:|"]}]}');
  expect(found).toEqual(s3.actions.map(({ action }) => action));
  expect(found).not.toContain("s3:PutBucketPolicy");
});

it("suggests the keys that the statement's requests carry", async () => {
  const found = await suggested(
    '{"Statement": [{"Action": ["s3:ListBucket"], "Condition": {"StringLike": {"|"}}}]}',
  );
  expect(found).toEqual(expect.arrayContaining(["s3:prefix", "s3:max-keys", "aws:SourceIp"]));
  expect(found).not.toContain("s3:x-amz-storage-class");
  expect(found).not.toContain("aws:CurrentTime");
});
