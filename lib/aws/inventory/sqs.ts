import { GetQueueAttributesCommand, ListQueueTagsCommand, paginateListQueues } from "@aws-sdk/client-sqs";
import { classificationOf } from "#lib/model/classification.ts";
import { parseDocument } from "../documents.ts";
import { mapLimited } from "../limiter.ts";
import { keyInWords } from "./s3.ts";
import { type Gap, policyKey, readsAtATime, type SectionContext } from "./section.ts";

const section = "queues";

/** The queues in each of the account's Regions; one call a queue tells its key and its policy, another its tags. */
export async function readQueues(context: SectionContext): Promise<void> {
  const { partition, id, regions } = context.account;
  for (const region of regions) {
    const prefix = `arn:${partition}:sqs:${region}:${id}:`;
    const urls: string[] = [];
    await context.attempt({ section, gap: { of: "list", prefix }, region }, async () => {
      const client = context.clients.sqs(region);
      for await (const page of paginateListQueues({ client, pageSize: 1000 }, {})) {
        urls.push(...(page.QueueUrls ?? []));
      }
    });
    await mapLimited(urls, readsAtATime, async (url) => {
      // A queue's URL ends with its name.
      const key = `${prefix}${url.split("/").at(-1)}`;
      await context.attempt({ section, gap: { of: "resource", key }, region }, () =>
        readQueue(context, region, url),
      );
    });
  }
}

async function readQueue(context: SectionContext, region: string, QueueUrl: string): Promise<void> {
  const { clients, account, snapshot } = context;
  const { Attributes: attributes = {} } = await clients
    .sqs(region)
    .send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn", "KmsMasterKeyId", "Policy"] }),
    );
  const arn = attributes.QueueArn;
  if (!arn) return;
  const place = { partition: account.partition, region, accountId: account.id };
  const key = attributes.KmsMasterKeyId;
  const gap: Gap = { of: "detail" };
  const tags = await context.attempt({ section: "tags", subject: arn, gap, region }, async () => {
    const { Tags = {} } = await clients.sqs(region).send(new ListQueueTagsCommand({ QueueUrl }));
    return Object.entries(Tags).map(([key, value]) => ({ key, value }));
  });
  snapshot.items.push({
    arn,
    accountId: account.id,
    service: "sqs",
    name: arn.split(":").at(-1) ?? arn,
    region,
    encryption: key ? keyInWords(key, place) : null,
    ...(tags && { classification: classificationOf(tags, context.classificationTag) }),
  });
  const body = { service: "sqs", resourceArn: arn, statements: [] };
  snapshot.observed[policyKey(arn)] = attributes.Policy
    ? { state: "present", body, ours: false, surrounding: parseDocument(attributes.Policy, arn) }
    : { state: "absent" };
}
