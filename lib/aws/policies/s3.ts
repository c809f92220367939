import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  paginateListBuckets,
} from "@aws-sdk/client-s3";
import { parseArn } from "#lib/model/arn.ts";
import { parseDocument } from "../documents.ts";
import { BucketTakenError, classify, isKind } from "../errors.ts";
import { type AccountClients, homeRegion } from "../sessions.ts";
import type { PolicyStoreFactory } from "./store.ts";

export function bucketName(arn: string): string {
  const name = parseArn(arn)?.resource;
  if (!name) throw new TypeError(`${arn} is not the ARN of a bucket`);
  return name;
}

/** What S3 says of somebody else's bucket, in this Region or another. Of the account's own it says the same at times. */
const perhapsTaken = new Set([
  "AccessDenied",
  "AllAccessDisabled",
  "AuthorizationHeaderMalformed",
  "Forbidden",
  "MethodNotAllowed",
  "PermanentRedirect",
  // HEAD has no body to say it in.
  "301",
  "403",
]);

/** Undefined: the account's list of buckets can't be read. */
async function isListed(clients: AccountClients, name: string): Promise<boolean | undefined> {
  const client = clients.s3(homeRegion(clients.account.partition));
  try {
    for await (const { Buckets } of paginateListBuckets({ client, pageSize: 1000 }, { Prefix: name })) {
      if (Buckets?.some(({ Name }) => Name === name)) return true;
    }
    return false;
  } catch (error) {
    // Thrown by a guard of ours around the call.
    if (isKind(error, "unknown")) throw error;
    return undefined;
  }
}

/**
 * Tells a bucket whose name somebody else has taken from one of the account's own that refuses: S3 answers both alike,
 * and the account's complete list of buckets has only the latter.
 *
 * Source: S3 User Guide, "Verifying bucket ownership with bucket owner condition"; S3 API reference, ListBuckets.
 *
 * @param error what S3 said when it was asked about the bucket
 * @returns what to throw: that the bucket is taken, or the error itself
 */
export async function takenOr(clients: AccountClients, arn: string, error: unknown): Promise<unknown> {
  const name = bucketName(arn);
  if (!perhapsTaken.has(classify(error).code)) return error;
  if ((await isListed(clients, name)) !== false) return error;
  return new BucketTakenError(
    `Account ${clients.account.id} has no bucket ${name}: the one of that name belongs to somebody else.`,
  );
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
        // The session of a step lists nothing: there it stays a refusal, and the next look tells.
        throw await takenOr(clients, arn, error);
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
