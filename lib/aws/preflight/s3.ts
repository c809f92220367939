import {
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyStatusCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
} from "@aws-sdk/client-s3";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { classify } from "../errors.ts";
import { bucketEncryption } from "../inventory/s3.ts";
import { bucketName } from "../policies/s3.ts";
import { about, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";

type Resource = CloudResource<"resource-policy-statements">;

/** The answer, or undefined where S3 says that nothing of the kind is set. */
async function ifSet<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (classify(error).kind === "not-found") return undefined;
    throw error;
  }
}

/**
 * Whether the bucket is there and owned by whom the request says, and what on it would defeat a statement of ours.
 *
 * Source: S3 User Guide, "Blocking public access", "Verifying bucket ownership with bucket owner condition",
 * "Controlling ownership of objects".
 */
export async function checkBucket(
  context: PreflightContext,
  resource: Resource,
): Promise<PreflightFinding[]> {
  const { accountId, region, body } = resource;
  const bucket = { Bucket: bucketName(body.resourceArn), ExpectedBucketOwner: accountId };
  const s3 = context.clients.s3(region);
  try {
    await s3.send(new HeadBucketCommand(bucket));
  } catch (error) {
    const finding = unreachable(resource, bucket.Bucket, classify(error).kind);
    if (finding) return [finding];
    return orUnknown(resource, "the bucket", () => Promise.reject(error));
  }
  const place = { partition: context.clients.account.partition, region, accountId };
  const checks = await Promise.all([
    orUnknown(resource, "Block Public Access", async () => {
      const block = await ifSet(s3.send(new GetPublicAccessBlockCommand(bucket)));
      const status = await ifSet(s3.send(new GetBucketPolicyStatusCommand(bucket)));
      const { RestrictPublicBuckets, BlockPublicPolicy } = block?.PublicAccessBlockConfiguration ?? {};
      const isPublic = status?.PolicyStatus?.IsPublic === true;
      return isPublic && (RestrictPublicBuckets || BlockPublicPolicy) ? [publicPolicy(resource)] : [];
    }),
    orUnknown(resource, "the bucket's encryption", async () =>
      keyFindings(resource, await bucketEncryption(s3, bucket.Bucket, place)),
    ),
    orUnknown(resource, "who owns new objects", async () => {
      const controls = await ifSet(s3.send(new GetBucketOwnershipControlsCommand(bucket)));
      const ownership = controls?.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? "ObjectWriter";
      return ownership === "ObjectWriter" ? [writerOwns(resource)] : [];
    }),
  ]);
  return checks.flat();
}

function unreachable(resource: Resource, bucket: string, kind: string): PreflightFinding | undefined {
  if (kind === "not-found") {
    return about(resource, {
      id: "bucket.missing",
      severity: "error",
      title: "The bucket does not exist",
      detail: `There is no bucket ${bucket}.`,
      nextStep: "Check its name in the request, or make the bucket first.",
    });
  }
  if (kind !== "access-denied") return undefined;
  return about(resource, {
    id: "bucket.not-owned",
    severity: "error",
    title: "The bucket is not this account's, or can't be reached",
    detail: `S3 refuses ${bucket} when account ${resource.accountId} is expected to own it.`,
    nextStep:
      "Check which account owns the bucket and correct the request; else redeploy the onboarding template.",
  });
}

function publicPolicy(resource: Resource): PreflightFinding {
  return about(resource, {
    id: "bucket.public-policy",
    severity: "error",
    title: "Block Public Access stands in the way",
    detail:
      "The bucket's policy counts as public: RestrictPublicBuckets then refuses all other accounts, and BlockPublicPolicy every change.",
    nextStep: "Ask the bucket's owner to narrow the public statement first.",
  });
}

function writerOwns(resource: Resource): PreflightFinding {
  return about(resource, {
    id: "bucket.object-writer",
    severity: "warning",
    title: "Objects that the workload writes would belong to its own account",
    detail: "The bucket's object ownership is ObjectWriter, so the bucket's owner could not read them.",
    nextStep: "Ask the bucket's owner to set object ownership to BucketOwnerEnforced.",
  });
}

/** A key's policy has to let the other account in; an AWS managed key's never does. */
export function keyFindings(resource: Resource, encryption: string | null): PreflightFinding[] {
  if (encryption === null) return [];
  if (encryption === "aws-managed") {
    return [
      about(resource, {
        id: "key.aws-managed",
        severity: "error",
        title: "The encryption key can't be shared",
        detail: "The default key is AWS managed; no role of another account can use it.",
        nextStep:
          "Choose a role in the target account (auto does), or ask the owner to encrypt with a customer managed key.",
      }),
    ];
  }
  return [
    about(resource, {
      id: "key.customer-managed",
      severity: "warning",
      title: "A customer managed key encrypts the resource",
      detail: `The workload's role also needs ${encryption}; its key policy must allow the role.`,
      nextStep: "Make sure that the plan holds the key's statements, and that the key's owner approves.",
    }),
  ];
}
