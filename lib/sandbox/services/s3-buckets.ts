import { listOf, type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import type { Access, RequestContext } from "../authorise.ts";
import { readDocument, s3DocumentErrors } from "../documents.ts";
import type { Call } from "../operation.ts";
import { awsPrincipals } from "../principals.ts";
import { limits } from "../quotas.ts";
import type { Sandbox } from "../sandbox.ts";
import type { Bucket } from "../state.ts";
import { AwsError } from "../wire/error.ts";

/** Rules that all S3 handlers share. */

export interface BucketInput {
  Bucket?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

export function bucketOrThrow(call: Call, name: string | undefined): Bucket {
  const bucket = call.sandbox.state.buckets[name ?? ""];
  if (bucket) return bucket;
  throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: name ?? "" });
}

/**
 * The bucket of a request. S3 answers before any policy is read that a bucket does not exist, is in another
 * Region, or is not owned by whom the caller expects.
 */
function requestedBucket(call: Call, input: BucketInput, anyRegion = false): Bucket {
  const bucket = bucketOrThrow(call, input.Bucket);
  if (!anyRegion && call.region && call.region !== bucket.region) {
    throw new AwsError(
      "PermanentRedirect",
      "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
      301,
      { BucketName: bucket.name, "x-amz-bucket-region": bucket.region },
    );
  }
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== bucket.accountId) {
    throw new AwsError("AccessDenied", "Access Denied", 403);
  }
  return bucket;
}

function partitionOf(sandbox: Sandbox, accountId: string): string {
  return sandbox.account(accountId)?.partition ?? "aws";
}

function bucketArn(sandbox: Sandbox, bucket: Bucket): string {
  return `arn:${partitionOf(sandbox, bucket.accountId)}:s3:::${bucket.name}`;
}

/** What an action on a bucket, or on one of its keys, needs. */
export function bucketAccess(
  call: Call,
  action: string,
  input: BucketInput,
  more: { key?: string | undefined; context?: RequestContext; anyRegion?: boolean } = {},
): Access[] {
  const bucket = requestedBucket(call, input, more.anyRegion);
  const arn = bucketArn(call.sandbox, bucket);
  return [
    {
      action: `s3:${action}`,
      resource: more.key === undefined ? arn : `${arn}/${more.key}`,
      resourceAccount: bucket.accountId,
      context: { "s3:ResourceAccount": bucket.accountId, ...more.context },
      ...(bucket.policy && {
        resourcePolicy: { name: `policy of bucket ${bucket.name}`, document: bucket.policy },
      }),
    },
  ];
}

/** A bucket policy as S3 takes it: size, grammar, principals, and nothing outside the bucket. */
export function readBucketPolicy(call: Call, bucket: Bucket, text: string): PolicyDocument {
  if (Buffer.byteLength(text) > limits.bucketPolicyBytes) {
    throw new AwsError(
      "PolicyTooLarge",
      `Policy exceeds the maximum allowed document size of ${limits.bucketPolicyBytes} bytes`,
    );
  }
  const document = readDocument(call.sandbox, text, "resource", s3DocumentErrors);
  const arn = bucketArn(call.sandbox, bucket);
  for (const statement of statementsOf(document)) {
    const resources = [...listOf(statement.Resource), ...listOf(statement.NotResource)];
    if (resources.some((resource) => resource !== arn && !resource.startsWith(`${arn}/`))) {
      throw new AwsError("MalformedPolicy", "Policy has invalid resource");
    }
    const actions = [...listOf(statement.Action), ...listOf(statement.NotAction)];
    if (actions.some((action) => action !== "*" && !action.toLowerCase().startsWith("s3:"))) {
      throw new AwsError("MalformedPolicy", "Policy has invalid action");
    }
  }
  if (bucket.publicAccessBlock.BlockPublicPolicy && isPublic(document)) {
    throw new AwsError(
      "AccessDenied",
      "User is not authorized to perform: s3:PutBucketPolicy because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
      403,
    );
  }
  return document;
}

/** Keys that, with a fixed value, narrow a grant to everyone enough for S3 to call it not public. */
const narrowingKeys = [
  "aws:sourceip",
  "aws:sourcearn",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:sourceowner",
  "aws:sourceaccount",
  "aws:userid",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "s3:dataaccesspointaccount",
  "s3:dataaccesspointarn",
];

/** Source: S3 User Guide, "The meaning of public". Conservative: a wildcard value narrows nothing. */
export function isPublic(document: PolicyDocument): boolean {
  return statementsOf(document).some((statement) => {
    if (statement.Effect !== "Allow" || !awsPrincipals(statement).includes("*")) return false;
    const narrowed = Object.entries(statement.Condition ?? {}).some(
      ([operator, keys]) =>
        !/IfExists$|^Null$|Not/.test(operator) &&
        Object.entries(keys).some(
          ([key, value]) =>
            narrowingKeys.includes(key.toLowerCase()) &&
            !listOf(value).some((one) => String(one).includes("*")),
        ),
    );
    return !narrowed;
  });
}
