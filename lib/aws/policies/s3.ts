import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { parseArn } from "#lib/model/arn.ts";
import { parseDocument } from "../documents.ts";
import { classify } from "../errors.ts";
import type { PolicyStoreFactory } from "./store.ts";

export function bucketName(arn: string): string {
  const name = parseArn(arn)?.resource;
  if (!name) throw new TypeError(`${arn} is not the ARN of a bucket`);
  return name;
}

/**
 * Bucket policies. There is no revision to write against. ExpectedBucketOwner goes with every call, because a
 * bucket's name says nothing about its owner.
 *
 * Source: S3 API reference, GetBucketPolicy (NoSuchBucketPolicy), PutBucketPolicy, DeleteBucketPolicy.
 */
export const s3PolicyStore: PolicyStoreFactory = (clients, { arn, accountId, region }) => {
  const bucket = { Bucket: bucketName(arn), ExpectedBucketOwner: accountId };
  const s3 = clients.s3(region);
  return {
    async read() {
      try {
        const { Policy } = await s3.send(new GetBucketPolicyCommand(bucket));
        return Policy ? parseDocument(Policy, arn) : undefined;
      } catch (error) {
        if (classify(error).code === "NoSuchBucketPolicy") return undefined;
        throw error;
      }
    },
    async write(document) {
      await s3.send(new PutBucketPolicyCommand({ ...bucket, Policy: JSON.stringify(document) }));
    },
    async remove() {
      await s3.send(new DeleteBucketPolicyCommand(bucket));
    },
  };
};
