import {
  GetBucketEncryptionCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  paginateListBuckets,
  type S3Client,
} from "@aws-sdk/client-s3";
import { classificationOf } from "#lib/model/classification.ts";
import { classify } from "../errors.ts";
import { mapLimited } from "../limiter.ts";
import { policyStore } from "../policies/store.ts";
import { homeRegion } from "../sessions.ts";
import { type Gap, policyKey, readsAtATime, type SectionContext } from "./section.ts";

const section = "buckets";

/** AWS managed keys carry an alias of the service; everything else is a key of the customer's. */
export function keyInWords(
  keyId: string | undefined,
  place: { partition: string; region: string; accountId: string },
): string {
  if (!keyId || /(^|:)alias\/aws\//.test(keyId)) return "aws-managed";
  if (keyId.startsWith("arn:")) return keyId;
  const resource = keyId.startsWith("alias/") ? keyId : `key/${keyId}`;
  return `arn:${place.partition}:kms:${place.region}:${place.accountId}:${resource}`;
}

/** The key that encrypts new objects by default; null for S3's own (SSE-S3). */
export async function bucketEncryption(
  s3: S3Client,
  Bucket: string,
  place: { partition: string; region: string; accountId: string },
): Promise<string | null> {
  try {
    const { ServerSideEncryptionConfiguration: configuration } = await s3.send(
      new GetBucketEncryptionCommand({ Bucket, ExpectedBucketOwner: place.accountId }),
    );
    const rule = configuration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
    if (!rule?.SSEAlgorithm?.startsWith("aws:kms")) return null;
    return keyInWords(rule.KMSMasterKeyID, place);
  } catch (error) {
    if (classify(error).code === "ServerSideEncryptionConfigurationNotFoundError") return null;
    throw error;
  }
}

/** S3 answers with an error where there is none (S3 API reference, GetBucketTagging: NoSuchTagSet). */
async function bucketTags(
  s3: S3Client,
  Bucket: string,
  ExpectedBucketOwner: string,
): Promise<{ key: string; value: string }[]> {
  try {
    const { TagSet = [] } = await s3.send(new GetBucketTaggingCommand({ Bucket, ExpectedBucketOwner }));
    return TagSet.map(({ Key: key = "", Value: value = "" }) => ({ key, value }));
  } catch (error) {
    if (classify(error).code === "NoSuchTagSet") return [];
    throw error;
  }
}

function bucketArn(partition: string, name: string): string {
  return `arn:${partition}:s3:::${name}`;
}

/** All buckets of the account, in whatever Region, with their default encryption and policy. */
export async function readBuckets(context: SectionContext): Promise<void> {
  const { clients, account } = context;
  const s3 = clients.s3(homeRegion(account.partition));
  const buckets: { name: string; region: string | undefined }[] = [];
  const all: Gap = { of: "list", prefix: bucketArn(account.partition, "") };
  await context.attempt({ section, gap: all }, async () => {
    for await (const page of paginateListBuckets({ client: s3, pageSize: 1000 }, {})) {
      for (const { Name, BucketRegion } of page.Buckets ?? []) {
        if (Name) buckets.push({ name: Name, region: BucketRegion });
      }
    }
  });
  await mapLimited(buckets, readsAtATime, async ({ name, region }) => {
    const key = bucketArn(account.partition, name);
    await context.attempt({ section, gap: { of: "resource", key } }, () => readBucket(context, name, region));
  });
}

async function readBucket(
  context: SectionContext,
  name: string,
  listedRegion: string | undefined,
): Promise<void> {
  const { clients, account, snapshot } = context;
  const arn = bucketArn(account.partition, name);
  const gap: Gap = { of: "detail" };
  const region = listedRegion ?? (await bucketRegion(context, name));
  const place = { partition: account.partition, region, accountId: account.id };
  const encryption = await context.attempt({ section, subject: arn, gap, region }, () =>
    bucketEncryption(clients.s3(region), name, place),
  );
  const tags = await context.attempt({ section: "tags", subject: arn, gap, region }, () =>
    bucketTags(clients.s3(region), name, account.id),
  );
  snapshot.items.push({
    arn,
    accountId: account.id,
    service: "s3",
    name,
    region,
    ...(encryption !== undefined && { encryption }),
    ...(tags && { classification: classificationOf(tags, context.classificationTag) }),
  });
  const document = await policyStore(clients, "s3", { arn, accountId: account.id, region }).read();
  const body = { service: "s3", resourceArn: arn, statements: [] };
  snapshot.observed[policyKey(arn)] = document
    ? { state: "present", body, ours: false, surrounding: document }
    : { state: "absent" };
}

/** ListBuckets answers the Region of late; HeadBucket always has. */
async function bucketRegion({ clients, account }: SectionContext, Bucket: string): Promise<string> {
  const home = homeRegion(account.partition);
  const head = new HeadBucketCommand({ Bucket, ExpectedBucketOwner: account.id });
  return (await clients.s3(home).send(head)).BucketRegion ?? home;
}
