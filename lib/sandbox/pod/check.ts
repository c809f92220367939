import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { z } from "zod";
import type { PodReport } from "#lib/model/pod-report.ts";
import { credentialsFor } from "./credentials.ts";
import { failure } from "./failure.ts";

/** What the manifest's `DRAWBRIDGE_CHECKS` lists. */
export const checkSchema = z.object({
  operation: z.string(),
  /** ARN; for S3 `arn:aws:s3:::BUCKET/KEY-OR-PREFIX`. */
  resource: z.string(),
  region: z.string(),
  /** Of the AWS config file; null for the default credentials. */
  profile: z.string().nullable().default(null),
});
export type Check = z.output<typeof checkSchema>;
type CheckResult = PodReport["checks"][number];

function clientConfig(check: Pick<Check, "region" | "profile">) {
  return { region: check.region, credentials: () => credentialsFor(check), maxAttempts: 3 };
}

function bucketOf(resource: string): { Bucket: string; Key: string } {
  const path = resource.split(":").slice(5).join(":");
  const [Bucket = "", ...key] = path.split("/");
  return { Bucket, Key: key.join("/") };
}

async function onBucket(check: Check): Promise<void> {
  const client = new S3Client(clientConfig(check));
  const { Bucket, Key } = bucketOf(check.resource);
  switch (check.operation) {
    case "s3:ListBucket":
      await client.send(new ListObjectsV2Command({ Bucket, Prefix: Key, MaxKeys: 1 }));
      return;
    case "s3:GetObject":
      await (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToByteArray();
      return;
    case "s3:PutObject":
      await client.send(new PutObjectCommand({ Bucket, Key, Body: "drawbridge-check" }));
      return;
    case "s3:DeleteObject":
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
      return;
    default:
      throw new Error(`This pod does not know the operation ${check.operation}.`);
  }
}

async function onQueue(check: Check): Promise<void> {
  const client = new SQSClient(clientConfig(check));
  const [, , , , owner, name] = check.resource.split(":");
  const { QueueUrl } = await client.send(
    new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: owner }),
  );
  switch (check.operation) {
    case "sqs:SendMessage":
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "drawbridge-check" }));
      return;
    case "sqs:ReceiveMessage":
      // No visibility timeout: a message that is there stays visible to the application.
      await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, WaitTimeSeconds: 0 }));
      return;
    case "sqs:GetQueueAttributes":
      await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
      return;
    default:
      throw new Error(`This pod does not know the operation ${check.operation}.`);
  }
}

/** Tries one operation with the SDK's own default chain of credentials. */
export async function tryCheck(check: Check): Promise<CheckResult> {
  const { operation, resource } = check;
  try {
    await (operation.startsWith("sqs:") ? onQueue(check) : onBucket(check));
    return { operation, resource, outcome: "allowed", detail: "" };
  } catch (error) {
    return { operation, resource, ...(await failure(error)) };
  }
}
