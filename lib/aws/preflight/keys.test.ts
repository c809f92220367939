import { describe, expect, it } from "vitest";
import type { PreflightContext } from "./finding.ts";
import { keyFindings } from "./keys.ts";
import type { CheckedTarget } from "./targets.ts";

const accountId = "444455556666";
const keyArn = `arn:aws:kms:eu-west-1:${accountId}:key/0b1c2d3e-aaaa-bbbb-cccc-111122223333`;
const role = `arn:aws:iam::${accountId}:role/drawbridge/acme/app`;

/** What is found where a plan's role is given these actions on the target, and nothing on the key. */
async function found(service: string, arn: string, Resource: string, Action: string[]): Promise<string[]> {
  const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] };
  const plan = [{ kind: "role-policy", key: `${role}#access`, accountId, body: { document } }];
  const context = { plan, clientsOf: new Map() } as unknown as PreflightContext;
  const target = { arn, accountId, region: "eu-west-1", service, kind: "target", key: arn, statements: [] };
  const findings = await keyFindings(context, target as CheckedTarget, keyArn);
  return findings.map(({ severity, id }) => `${severity} ${id}`);
}

const bucket = "arn:aws:s3:::ledger";
const queue = `arn:aws:sqs:eu-west-1:${accountId}:orders`;
const notOpened = ["error key.not-opened"];

describe("a customer managed key behind the target that no permission of the plan opens", () => {
  it.each<[what: string, expected: string[], ...Parameters<typeof found>]>([
    ["listing a bucket", [], "s3", bucket, bucket, ["s3:ListBucket"]],
    ["deleting objects", [], "s3", bucket, `${bucket}/*`, ["s3:DeleteObject", "s3:AbortMultipartUpload"]],
    ["deleting messages", [], "sqs", queue, queue, ["sqs:DeleteMessage", "sqs:GetQueueAttributes"]],
    ["reading objects", notOpened, "s3", bucket, `${bucket}/*`, ["s3:DeleteObject", "s3:GetObject"]],
    ["sending messages", notOpened, "sqs", queue, queue, ["sqs:SendMessage", "sqs:GetQueueUrl"]],
  ])("%s", async (_, expected, ...asked) => {
    expect(await found(...asked)).toEqual(expected);
  });
});
