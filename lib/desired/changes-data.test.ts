import { expect, it } from "vitest";
import { changesData } from "./changes-data.ts";
import { away, bucketArn, grant, queueArn } from "./testing/organisation.ts";

const bucket = { arn: bucketArn, accountId: away };
const queue = { arn: queueArn, accountId: away };
const custom = (...actions: string[]) => ({
  level: "custom" as const,
  custom: [{ actions, conditions: [] }],
});

it.each([
  ["reading", { level: "read" as const }, false],
  ["writing", { level: "write" as const }, true],
  ["both", { level: "read-write" as const }, true],
  ["actions that read", custom("s3:GetObject", "s3:ListBucketVersions", "s3:GetBucketTagging"), false],
  ["one action that writes among others", custom("s3:GetObject", "s3:DeleteObjectVersion"), true],
  ["tags", custom("s3:PutObjectTagging"), true],
  [
    "receiving and deleting messages",
    { target: queue, ...custom("sqs:ReceiveMessage", "sqs:DeleteMessage") },
    false,
  ],
  ["emptying a queue", { target: queue, ...custom("sqs:PurgeQueue") }, true],
])("%s", (_, asked, expected) => {
  expect(changesData(grant({ target: bucket, ...asked }))).toBe(expected);
});
