import * as s3 from "@aws-sdk/client-s3";
import { decide, type RequestContext } from "../authorise.ts";
import { md5Hex } from "../identifiers.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import type { StoredObject } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { bucketAccess, bucketOrThrow } from "./s3-buckets.ts";
import { applyObjectKey, encryptionHeaders, objectEncryption } from "./s3-encryption.ts";

/** The keys of a listing; absent parameters are absent keys. */
function listContext(input: s3.ListObjectsV2CommandInput): RequestContext {
  return {
    ...(input.Prefix !== undefined && { "s3:prefix": input.Prefix }),
    ...(input.Delimiter !== undefined && { "s3:delimiter": input.Delimiter }),
    ...(input.MaxKeys !== undefined && { "s3:max-keys": String(input.MaxKeys) }),
  };
}

function listObjects(call: Call, input: s3.ListObjectsV2CommandInput): Output<s3.ListObjectsV2CommandOutput> {
  const bucket = bucketOrThrow(call, input.Bucket);
  const { Prefix = "", Delimiter, MaxKeys = 1000 } = input;
  const prefixes = new Set<string>();
  const keys: string[] = [];
  for (const key of Object.keys(bucket.objects).sort()) {
    if (!key.startsWith(Prefix)) continue;
    const cut = Delimiter ? key.indexOf(Delimiter, Prefix.length) : -1;
    if (Delimiter && cut >= 0) prefixes.add(key.slice(0, cut + Delimiter.length));
    else keys.push(key);
  }
  const start = Number(input.ContinuationToken ?? 0) || 0;
  const end = start + MaxKeys;
  const shown = keys.slice(start, end);
  return {
    Name: bucket.name,
    Prefix,
    ...(Delimiter && { Delimiter }),
    MaxKeys,
    KeyCount: shown.length + prefixes.size,
    IsTruncated: end < keys.length,
    ...(end < keys.length && { NextContinuationToken: String(end) }),
    Contents: shown.map((Key) => ({ Key, ...facts(bucket.objects[Key]), StorageClass: "STANDARD" })),
    CommonPrefixes: [...prefixes].map((one) => ({ Prefix: one })),
  };
}

function facts(object: StoredObject | undefined) {
  return {
    ETag: `"${object?.etag ?? ""}"`,
    Size: Buffer.byteLength(object?.body ?? "", "base64"),
    LastModified: new Date(object?.modifiedAt ?? 0),
  };
}

/**
 * A key that is not there: 404 for callers who may list the bucket, else 403, so that nobody can probe for names.
 * Source: S3 API Reference, GetObject, "Permissions".
 */
function objectOrThrow(
  call: Call,
  input: { Bucket?: string | undefined; Key?: string | undefined },
): StoredObject {
  const object = bucketOrThrow(call, input.Bucket).objects[input.Key ?? ""];
  if (object) return object;
  const mayList = bucketAccess(call, "ListBucket", { Bucket: input.Bucket }).every(
    (access) => decide(call.sandbox, call.caller, access, call.facts).effect === "allow",
  );
  throw mayList
    ? new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: input.Key ?? "" })
    : new AwsError("AccessDenied", "Access Denied", 403);
}

function present(object: StoredObject) {
  const { ETag, Size, LastModified } = facts(object);
  const { contentType: ContentType } = object;
  return { ETag, LastModified, ContentLength: Size, ContentType, ...encryptionHeaders(object) };
}

async function putObject(
  call: Call,
  input: s3.PutObjectCommandInput,
): Promise<Output<s3.PutObjectCommandOutput>> {
  const bucket = bucketOrThrow(call, input.Bucket);
  // The wire layer hands the body over as bytes; the SDK's type allows streams, which only clients have.
  const bytes =
    input.Body instanceof Uint8Array ? Buffer.from(input.Body) : Buffer.from(String(input.Body ?? ""));
  if (bucket.ownership === "BucketOwnerEnforced" && input.ACL && input.ACL !== "bucket-owner-full-control") {
    throw new AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs");
  }
  const { Key = "" } = input;
  const encryption = objectEncryption(call.sandbox, bucket, input);
  applyObjectKey(call, bucket, Key, encryption, "GenerateDataKey");
  const etag = md5Hex(bytes);
  bucket.objects[Key] = {
    body: bytes.toString("base64"),
    contentType: input.ContentType ?? "application/octet-stream",
    etag,
    modifiedAt: call.now,
    ...encryption,
  };
  return { ETag: `"${etag}"`, ...encryptionHeaders(encryption) };
}

export const objectOperations: Operation[] = [
  operation(s3.ListObjectsV2$, {
    access: (call, input: s3.ListObjectsV2CommandInput) =>
      bucketAccess(call, "ListBucket", input, { context: listContext(input) }),
    handle: listObjects,
  }),
  operation(s3.GetObject$, {
    access: (call, input: s3.GetObjectCommandInput) =>
      bucketAccess(call, "GetObject", input, { key: input.Key }),
    handle: (call, input: s3.GetObjectCommandInput) => {
      const object = objectOrThrow(call, input);
      applyObjectKey(call, bucketOrThrow(call, input.Bucket), input.Key ?? "", object, "Decrypt");
      return { ...present(object), Body: Buffer.from(object.body, "base64") };
    },
  }),
  operation(s3.HeadObject$, {
    access: (call, input: s3.HeadObjectCommandInput) =>
      bucketAccess(call, "GetObject", input, { key: input.Key }),
    handle: (call, input: s3.HeadObjectCommandInput): Output<s3.HeadObjectCommandOutput> =>
      present(objectOrThrow(call, input)),
  }),
  operation(s3.PutObject$, {
    access: (call, input: s3.PutObjectCommandInput) =>
      bucketAccess(call, "PutObject", input, {
        key: input.Key,
        context: {
          ...(input.ACL && { "s3:x-amz-acl": input.ACL }),
          ...(input.ServerSideEncryption && {
            "s3:x-amz-server-side-encryption": input.ServerSideEncryption,
          }),
        },
      }),
    handle: putObject,
  }),
  operation(s3.DeleteObject$, {
    access: (call, input: s3.DeleteObjectCommandInput) =>
      bucketAccess(call, "DeleteObject", input, { key: input.Key }),
    handle: (call, input: s3.DeleteObjectCommandInput): object => {
      delete bucketOrThrow(call, input.Bucket).objects[input.Key ?? ""];
      return {};
    },
  }),
];
