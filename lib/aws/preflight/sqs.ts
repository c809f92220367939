import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { classify } from "../errors.ts";
import { keyInWords } from "../inventory/s3.ts";
import { queueUrl } from "../policies/sqs.ts";
import { about, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";
import { keyFindings } from "./s3.ts";

/** Whether the queue is there, and which key encrypts it. */
export async function checkQueue(
  { clients }: PreflightContext,
  resource: CloudResource<"resource-policy-statements">,
): Promise<PreflightFinding[]> {
  const { accountId, region, body } = resource;
  return orUnknown(resource, "the queue", async () => {
    let QueueUrl: string;
    try {
      QueueUrl = await queueUrl(clients, { arn: body.resourceArn, accountId, region });
    } catch (error) {
      if (classify(error).kind !== "not-found") throw error;
      return [
        about(resource, {
          id: "queue.missing",
          severity: "error",
          title: "The queue does not exist",
          detail: `${body.resourceArn} was not found.`,
          nextStep: "Check the name, Region and account in the request, or make the queue first.",
        }),
      ];
    }
    const { Attributes } = await clients
      .sqs(region)
      .send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["KmsMasterKeyId"] }));
    const key = Attributes?.KmsMasterKeyId;
    const place = { partition: clients.account.partition, region, accountId };
    return keyFindings(resource, key ? keyInWords(key, place) : null);
  });
}
