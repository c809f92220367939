import * as s3 from "@aws-sdk/client-s3";
import { documentText } from "../documents.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import type { Bucket, PublicAccessBlock } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { bucketAccess, bucketOrThrow, isPublic, readBucketPolicy } from "./s3-buckets.ts";
import { objectOperations } from "./s3-objects.ts";

/** What a new bucket has since April 2023: everything public blocked, ACLs off, SSE-S3. */
export function newBucket(name: string, accountId: string, region: string, now: number): Bucket {
  return {
    name,
    accountId,
    region,
    createdAt: now,
    policy: null,
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    ownership: "BucketOwnerEnforced",
    encryption: { algorithm: "AES256", kmsKeyId: null, bucketKey: false },
    objects: {},
  };
}

function createBucket(call: Call, input: s3.CreateBucketCommandInput): Output<s3.CreateBucketCommandOutput> {
  const name = input.Bucket ?? "";
  if (!/^(?!xn--)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes("..")) {
    throw new AwsError("InvalidBucketName", "The specified bucket is not valid.");
  }
  const held = call.sandbox.state.buckets[name];
  if (held?.accountId === call.accountId) {
    throw new AwsError(
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
      409,
    );
  }
  if (held) {
    throw new AwsError(
      "BucketAlreadyExists",
      "The requested bucket name is not available. The bucket namespace is shared by all users of the system.",
      409,
    );
  }
  const region = input.CreateBucketConfiguration?.LocationConstraint ?? "us-east-1";
  if (region !== call.region) {
    throw new AwsError(
      "IllegalLocationConstraintException",
      `The ${region} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  call.sandbox.state.buckets[name] = newBucket(name, call.accountId, region, call.now);
  return { Location: `/${name}` };
}

function encryptionRule(bucket: Bucket): s3.ServerSideEncryptionRule {
  const { algorithm, kmsKeyId, bucketKey } = bucket.encryption;
  return {
    ApplyServerSideEncryptionByDefault: {
      SSEAlgorithm: algorithm,
      ...(kmsKeyId && { KMSMasterKeyID: kmsKeyId }),
    },
    BucketKeyEnabled: bucketKey,
  };
}

function policyOrThrow(call: Call, name: string | undefined) {
  const { policy } = bucketOrThrow(call, name);
  if (policy) return policy;
  throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, {
    BucketName: name ?? "",
  });
}

const bucketOperations: Operation[] = [
  operation(s3.ListBuckets$, {
    access: (call) => [{ action: "s3:ListAllMyBuckets", resource: "*", resourceAccount: call.accountId }],
    handle: (call, input: s3.ListBucketsCommandInput): Output<s3.ListBucketsCommandOutput> => {
      const found = Object.values(call.sandbox.state.buckets)
        .filter((bucket) => bucket.accountId === call.accountId)
        .filter((bucket) => bucket.name.startsWith(input.Prefix ?? ""))
        .filter((bucket) => !input.BucketRegion || bucket.region === input.BucketRegion)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const start = Number(input.ContinuationToken ?? 0) || 0;
      const end = start + (input.MaxBuckets ?? 10_000);
      return {
        Buckets: found.slice(start, end).map((bucket) => ({
          Name: bucket.name,
          CreationDate: new Date(bucket.createdAt),
          BucketRegion: bucket.region,
        })),
        Owner: { ID: call.accountId.padStart(64, "0") },
        ...(end < found.length && { ContinuationToken: String(end) }),
      };
    },
  }),
  operation(s3.CreateBucket$, {
    access: (call, input: s3.CreateBucketCommandInput) => [
      {
        action: "s3:CreateBucket",
        resource: `arn:aws:s3:::${input.Bucket}`,
        resourceAccount: call.accountId,
      },
    ],
    handle: createBucket,
  }),
  operation(s3.HeadBucket$, {
    access: (call, input: s3.HeadBucketCommandInput) => bucketAccess(call, "ListBucket", input),
    handle: (call, input: s3.HeadBucketCommandInput): Output<s3.HeadBucketCommandOutput> => ({
      BucketRegion: bucketOrThrow(call, input.Bucket).region,
    }),
  }),
  operation(s3.GetBucketLocation$, {
    // Answered from any Region: it is how clients find the right one.
    access: (call, input: s3.GetBucketLocationCommandInput) =>
      bucketAccess(call, "GetBucketLocation", input, { anyRegion: true }),
    handle: (call, input: s3.GetBucketLocationCommandInput) => {
      const { region } = bucketOrThrow(call, input.Bucket);
      // us-east-1 has no constraint: the element is there, and empty.
      return { LocationConstraint: region === "us-east-1" ? "" : region };
    },
  }),
  operation(s3.GetBucketPolicy$, {
    access: (call, input: s3.GetBucketPolicyCommandInput) => bucketAccess(call, "GetBucketPolicy", input),
    handle: (call, input: s3.GetBucketPolicyCommandInput): Output<s3.GetBucketPolicyCommandOutput> => ({
      Policy: documentText(call.sandbox, policyOrThrow(call, input.Bucket)),
    }),
  }),
  operation(s3.PutBucketPolicy$, {
    access: (call, input: s3.PutBucketPolicyCommandInput) => bucketAccess(call, "PutBucketPolicy", input),
    handle: (call, input: s3.PutBucketPolicyCommandInput): object => {
      const bucket = bucketOrThrow(call, input.Bucket);
      bucket.policy = readBucketPolicy(call, bucket, input.Policy ?? "");
      return {};
    },
  }),
  operation(s3.DeleteBucketPolicy$, {
    access: (call, input: s3.DeleteBucketPolicyCommandInput) =>
      bucketAccess(call, "DeleteBucketPolicy", input),
    handle: (call, input: s3.DeleteBucketPolicyCommandInput): object => {
      bucketOrThrow(call, input.Bucket).policy = null;
      return {};
    },
  }),
  operation(s3.GetBucketPolicyStatus$, {
    access: (call, input: s3.GetBucketPolicyStatusCommandInput) =>
      bucketAccess(call, "GetBucketPolicyStatus", input),
    handle: (
      call,
      input: s3.GetBucketPolicyStatusCommandInput,
    ): Output<s3.GetBucketPolicyStatusCommandOutput> => ({
      PolicyStatus: { IsPublic: isPublic(policyOrThrow(call, input.Bucket)) },
    }),
  }),
  operation(s3.GetPublicAccessBlock$, {
    access: (call, input: s3.GetPublicAccessBlockCommandInput) =>
      bucketAccess(call, "GetBucketPublicAccessBlock", input),
    handle: (
      call,
      input: s3.GetPublicAccessBlockCommandInput,
    ): Output<s3.GetPublicAccessBlockCommandOutput> => ({
      PublicAccessBlockConfiguration: bucketOrThrow(call, input.Bucket).publicAccessBlock,
    }),
  }),
  operation(s3.PutPublicAccessBlock$, {
    access: (call, input: s3.PutPublicAccessBlockCommandInput) =>
      bucketAccess(call, "PutBucketPublicAccessBlock", input),
    handle: (call, input: s3.PutPublicAccessBlockCommandInput): object => {
      const given = input.PublicAccessBlockConfiguration;
      const block: PublicAccessBlock = {
        BlockPublicAcls: given?.BlockPublicAcls ?? false,
        IgnorePublicAcls: given?.IgnorePublicAcls ?? false,
        BlockPublicPolicy: given?.BlockPublicPolicy ?? false,
        RestrictPublicBuckets: given?.RestrictPublicBuckets ?? false,
      };
      bucketOrThrow(call, input.Bucket).publicAccessBlock = block;
      return {};
    },
  }),
  operation(s3.GetBucketOwnershipControls$, {
    access: (call, input: s3.GetBucketOwnershipControlsCommandInput) =>
      bucketAccess(call, "GetBucketOwnershipControls", input),
    handle: (
      call,
      input: s3.GetBucketOwnershipControlsCommandInput,
    ): Output<s3.GetBucketOwnershipControlsCommandOutput> => ({
      OwnershipControls: { Rules: [{ ObjectOwnership: bucketOrThrow(call, input.Bucket).ownership }] },
    }),
  }),
  operation(s3.GetBucketTagging$, {
    access: (call, input: s3.GetBucketTaggingCommandInput) => bucketAccess(call, "GetBucketTagging", input),
    handle: (call, input: s3.GetBucketTaggingCommandInput): Output<s3.GetBucketTaggingCommandOutput> => {
      const tags = Object.entries(bucketOrThrow(call, input.Bucket).tags ?? {});
      if (tags.length === 0) throw new AwsError("NoSuchTagSet", "The TagSet does not exist", 404);
      return { TagSet: tags.map(([Key, Value]) => ({ Key, Value })) };
    },
  }),
  operation(s3.GetBucketEncryption$, {
    access: (call, input: s3.GetBucketEncryptionCommandInput) =>
      bucketAccess(call, "GetEncryptionConfiguration", input),
    handle: (
      call,
      input: s3.GetBucketEncryptionCommandInput,
    ): Output<s3.GetBucketEncryptionCommandOutput> => ({
      ServerSideEncryptionConfiguration: { Rules: [encryptionRule(bucketOrThrow(call, input.Bucket))] },
    }),
  }),
];

export const s3Operations: Operation[] = [...bucketOperations, ...objectOperations];
