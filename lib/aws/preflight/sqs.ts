import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { classify } from "../errors.ts";
import { keyInWords } from "../inventory/s3.ts";
import { queueUrl } from "../policies/sqs.ts";
import { about, orUnknown, type PreflightContext, type PreflightFinding } from "./finding.ts";
import { keyFindings } from "./keys.ts";
import type { CheckedTarget } from "./targets.ts";

/** Whether the queue is there, and which key encrypts it. */
export async function checkQueue(
  context: PreflightContext,
  target: CheckedTarget,
): Promise<PreflightFinding[]> {
  const { clients } = context;
  const { accountId, region, arn } = target;
  return orUnknown(context, target, "the queue", async () => {
    let QueueUrl: string;
    try {
      QueueUrl = await queueUrl(clients, { arn, accountId, region });
    } catch (error) {
      if (classify(error).kind !== "not-found") throw error;
      return [
        about(target, {
          id: "queue.missing",
          severity: "error",
          title: "The queue does not exist",
          detail: `${arn} was not found.`,
          nextStep: "Check the name, Region and account in the request, or make the queue first.",
        }),
      ];
    }
    const { Attributes } = await clients
      .sqs(region)
      .send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["KmsMasterKeyId"] }));
    const key = Attributes?.KmsMasterKeyId;
    const place = { partition: clients.account.partition, region, accountId };
    return keyFindings(context, target, key ? keyInWords(key, place) : null);
  });
}
