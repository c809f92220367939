import { expect, it } from "vitest";
import { awsMetadata } from "#lib/policy/metadata/aws.ts";
import { checkPolicy } from "./check-policy.ts";
import { MAX_POLICY_LENGTH } from "./json-source.ts";
import { whatInstead } from "./not-json.ts";

const policy = '{"Version": "2012-10-17", "Statement": []}';

it.each([
  ["URL-encoded", encodeURIComponent(policy)],
  ["byte order mark", `\uFEFF${policy}`],
  [
    "Terraform",
    'data "aws_iam_policy_document" "reports" {\n  statement {\n    actions = ["s3:GetObject"]\n  }\n}',
  ],
  [
    "Terraform",
    'resource "aws_iam_policy" "reports" {\n  policy = jsonencode({ Version = "2012-10-17" })\n}',
  ],
  ["Terraform", '  statement {\n    effect = "Allow"\n  }'],
  ["YAML", "Version: '2012-10-17'\nStatement:\n  - Effect: Allow"],
  ["YAML", "---\nPolicyDocument:\n  Version: '2012-10-17'"],
  ["YAML", "# of the reports\n- Effect: Allow\n  Action: s3:GetObject"],
  ["Terraform", 'resource "aws_iam_policy" "reports" {\n  policy = <<EOF\n{"Version": "2012-10-17"}\nEOF\n}'],
  ["single", "{'Version': '2012-10-17'}"],
  ["no quotation marks", '{ Version: "2012-10-17" }'],
  ["escaped", '{\\"Version\\": \\"2012-10-17\\"}'],
  ["typographic", "{\u201CVersion\u201D: \u201C2012-10-17\u201D}"],
])("says that it is %s", (words, text) => {
  const [finding] = checkPolicy(text, { kind: "identity", metadata: awsMetadata });
  expect(finding).toMatchObject({ id: "json.syntax", detail: expect.stringContaining(words) });
  expect(finding?.detail).toMatch(/^This is not JSON at character \d+\. [^.]+\.$/);
});

it.each([
  "",
  policy,
  policy.slice(0, -1),
  '{"Version": "2012-10-17" "Statement": []}',
  '{"Id": "jsonencode(", "Sid": "aws_iam_policy_document" "Statement": []}',
  '{"Id": "the \u201Cteam\u201D" "Statement": []}',
  "error: NoSuchBucketPolicy: the bucket has none",
  '"a: b"',
  "hello",
])("does not guess about %j", (text) => {
  for (const { detail } of checkPolicy(text, { kind: "identity", metadata: awsMetadata }))
    expect(detail).not.toMatch(/It |Its /);
});

it.each([" ", "\n", "\t\n", "{ ", "-", "a", "--- ", '\\"', "# \n", 'resource "', "statement "])(
  "is quick about a long text of %j",
  (part) => {
    const started = performance.now();
    whatInstead(part.repeat(MAX_POLICY_LENGTH / part.length), 0);
    expect(performance.now() - started).toBeLessThan(1_000);
  },
);
