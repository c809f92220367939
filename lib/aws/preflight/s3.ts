import {
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyStatusCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
} from "@aws-sdk/client-s3";
import { BucketTakenError, classify } from "../errors.ts";
import { bucketEncryption } from "../inventory/s3.ts";
import { bucketName, takenOr } from "../policies/s3.ts";
import { about, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";
import { keyFindings } from "./keys.ts";
import type { CheckedTarget } from "./targets.ts";

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
  target: CheckedTarget,
): Promise<PreflightFinding[]> {
  const { accountId, region, arn } = target;
  const bucket = { Bucket: bucketName(arn), ExpectedBucketOwner: accountId };
  const s3 = context.clients.s3(region);
  // Only statements for another account meet Block Public Access and who owns what others write.
  const granting = target.statements.length > 0;
  const place = { partition: context.clients.account.partition, region, accountId };
  const [missing, ...checks] = await Promise.all([
    orUnknown(context, target, "the bucket", async () => {
      try {
        await s3.send(new HeadBucketCommand(bucket));
        return [];
      } catch (error) {
        const cause = await takenOr(context.clients, arn, error);
        const finding = unreachable(context, target, cause);
        if (finding) return [finding];
        throw cause;
      }
    }),
    orUnknown(context, target, "Block Public Access", async () => {
      if (!granting) return [];
      const [block, status] = await Promise.all([
        ifSet(s3.send(new GetPublicAccessBlockCommand(bucket))),
        ifSet(s3.send(new GetBucketPolicyStatusCommand(bucket))),
      ]);
      const { RestrictPublicBuckets, BlockPublicPolicy } = block?.PublicAccessBlockConfiguration ?? {};
      const isPublic = status?.PolicyStatus?.IsPublic === true;
      return isPublic && (RestrictPublicBuckets || BlockPublicPolicy) ? [publicPolicy(target)] : [];
    }),
    orUnknown(context, target, "the bucket's encryption", async () =>
      keyFindings(context, target, await bucketEncryption(s3, bucket.Bucket, place)),
    ),
    orUnknown(context, target, "who owns new objects", async () => {
      if (!granting) return [];
      const controls = await ifSet(s3.send(new GetBucketOwnershipControlsCommand(bucket)));
      const ownership = controls?.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? "ObjectWriter";
      return ownership === "ObjectWriter" ? [writerOwns(target)] : [];
    }),
  ]);
  return missing.length > 0 ? missing : checks.flat();
}

function unreachable(
  { clients }: PreflightContext,
  resource: CheckedTarget,
  error: unknown,
): PreflightFinding | undefined {
  const bucket = bucketName(resource.arn);
  if (error instanceof BucketTakenError) {
    return about(resource, {
      id: "bucket.not-owned",
      severity: "error",
      title: "The bucket is not this account's",
      detail: error.message,
      nextStep: "Check which account owns the bucket, and ask for access to one that this account has.",
    });
  }
  const { kind } = classify(error);
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
  // A bucket that admits one network only is the account's own, and yet refuses whoever looks from elsewhere.
  return about(resource, {
    id: "bucket.not-owned",
    severity: "error",
    title: "The bucket is not this account's, or can't be reached",
    detail: `S3 refuses Drawbridge ${bucket} when account ${resource.accountId} is expected to own it: a Deny in its policy may do so too.`,
    nextStep: `If the account owns it, ask that the Denies in its policy spare ${clients.account.provisionerRoleArn}, or redeploy the onboarding template; else correct the account in the request.`,
  });
}

function publicPolicy(resource: CheckedTarget): PreflightFinding {
  return about(resource, {
    id: "bucket.public-policy",
    severity: "error",
    title: "Block Public Access stands in the way",
    detail:
      "The bucket's policy counts as public: RestrictPublicBuckets then refuses all other accounts, and BlockPublicPolicy every change.",
    nextStep: "Ask the bucket's owner to narrow the public statement first.",
  });
}

function writerOwns(resource: CheckedTarget): PreflightFinding {
  return about(resource, {
    id: "bucket.object-writer",
    severity: "warning",
    title: "Objects that the workload writes would belong to its own account",
    detail: "The bucket's object ownership is ObjectWriter, so the bucket's owner could not read them.",
    nextStep: "Ask the bucket's owner to set object ownership to BucketOwnerEnforced.",
  });
}
