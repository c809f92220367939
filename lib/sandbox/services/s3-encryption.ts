import type { Call } from "../operation.ts";
import type { Sandbox } from "../sandbox.ts";
import type { Bucket, StoredObject } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { applyKey, findKey, type KeyErrors, type KeyUse } from "./kms-keys.ts";

/**
 * S3's words for what KMS refuses: a missing permission is an AccessDenied of its own, with KMS's sentence; all else
 * carries KMS's code.
 *
 * Source: S3 API Reference, "Error responses"; AWS re:Post, "Why do I get an Access Denied error … AWS KMS key".
 */
const errors: KeyErrors = {
  denied: (message) => new AwsError("AccessDenied", message, 403),
  disabled: (message) => new AwsError("KMS.DisabledException", message),
  invalidState: (message) => new AwsError("KMS.KMSInvalidStateException", message),
  notFound: (message) => new AwsError("KMS.NotFoundException", message),
};

type Encryption = Pick<StoredObject, "encryption">;

/** What a new object is stored with: as the request says, else the bucket's default. */
export function objectEncryption(
  sandbox: Sandbox,
  bucket: Bucket,
  asked: {
    ServerSideEncryption?: string | undefined;
    SSEKMSKeyId?: string | undefined;
    BucketKeyEnabled?: boolean | undefined;
  } = {},
): Encryption {
  const { algorithm, kmsKeyId, bucketKey } = bucket.encryption;
  if ((asked.ServerSideEncryption ?? algorithm) !== "aws:kms") return {};
  const ofBucket = algorithm === "aws:kms" ? kmsKeyId : null;
  const reference = asked.SSEKMSKeyId ?? ofBucket ?? "alias/aws/s3";
  const key = findKey(sandbox, bucket, reference);
  return {
    encryption: { keyArn: key?.arn ?? reference, bucketKey: asked.BucketKeyEnabled ?? bucketKey },
  };
}

/**
 * S3 asks KMS for a data key when an object is stored, and to decrypt it when it is read, with the caller's
 * permissions. The encryption context is the ARN of the bucket with S3 Bucket Keys, else that of the object.
 *
 * Source: S3 User Guide, "Using server-side encryption with AWS KMS keys" and "Reducing the cost of SSE-KMS with
 * Amazon S3 Bucket Keys".
 */
export function applyObjectKey(
  call: Call,
  bucket: Bucket,
  key: string,
  { encryption }: Encryption,
  action: KeyUse["actions"][number],
): void {
  if (!encryption) return;
  const partition = call.sandbox.account(bucket.accountId)?.partition ?? "aws";
  const bucketArn = `arn:${partition}:s3:::${bucket.name}`;
  const { keyArn, bucketKey } = encryption;
  applyKey(
    call,
    {
      actions: [action],
      reference: keyArn,
      place: bucket,
      service: "s3",
      encryptionContext: { "aws:s3:arn": bucketKey ? bucketArn : `${bucketArn}/${key}` },
    },
    errors,
  );
}

/** As S3's answers say it. */
export function encryptionHeaders({ encryption }: Encryption) {
  return encryption
    ? {
        ServerSideEncryption: "aws:kms" as const,
        SSEKMSKeyId: encryption.keyArn,
        ...(encryption.bucketKey && { BucketKeyEnabled: true }),
      }
    : { ServerSideEncryption: "AES256" as const };
}
