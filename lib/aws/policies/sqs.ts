import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  paginateListQueues,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { parseArn } from "#lib/model/arn.ts";
import { parseDocument } from "../documents.ts";
import { classify, isKind, QueueRefusedError } from "../errors.ts";
import type { AccountClients } from "../sessions.ts";
import type { PolicyLocation, PolicyStoreFactory } from "./store.ts";

/** False also where the list can't be read: the session of a step lists nothing, and the look before it has told. */
async function isListed(clients: AccountClients, region: string, name: string): Promise<boolean> {
  const client = clients.sqs(region);
  try {
    for await (const { QueueUrls } of paginateListQueues(
      { client, pageSize: 1000 },
      { QueueNamePrefix: name },
    ))
      if (QueueUrls?.some((url) => url.split("/").at(-1) === name)) return true;
    return false;
  } catch (error) {
    // Thrown by a guard of ours around the call.
    if (isKind(error, "unknown")) throw error;
    return false;
  }
}

/**
 * What to throw for a queue that SQS says "does not exist or you do not have access to it": taken at its word, a
 * revocation would end with our statements still in the policy.
 *
 * Source: spring-attic/spring-cloud-aws#417, fluent/fluent-plugin-s3#342 (SQS's answer to a denied GetQueueUrl).
 */
async function refusedOr(
  clients: AccountClients,
  { arn, region }: PolicyLocation,
  name: string,
  error: unknown,
): Promise<unknown> {
  const { kind, message } = classify(error);
  if (kind !== "not-found" || !/do not have access/i.test(message)) return error;
  if (!(await isListed(clients, region, name))) return error;
  return new QueueRefusedError(
    `SQS lists ${arn}, and does not let Drawbridge's provisioner role look at it.`,
  );
}

/** A queue's URL; SQS answers it, since it can't be made from the ARN for every endpoint. */
export async function queueUrl(clients: AccountClients, location: PolicyLocation): Promise<string> {
  const QueueName = parseArn(location.arn)?.resource;
  if (!QueueName) throw new TypeError(`${location.arn} is not the ARN of a queue`);
  try {
    const answer = await clients
      .sqs(location.region)
      .send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId: location.accountId }));
    return answer.QueueUrl ?? "";
  } catch (error) {
    throw await refusedOr(clients, location, QueueName, error);
  }
}

/**
 * Queue policies: the attribute `Policy`, empty for none. There is no revision to write against.
 *
 * Source: SQS API reference, GetQueueAttributes and SetQueueAttributes (an empty Policy removes it).
 */
export const sqsPolicyStore: PolicyStoreFactory = (clients, location) => {
  const sqs = clients.sqs(location.region);
  let found: Promise<string> | undefined;
  const url = () => {
    found ??= queueUrl(clients, location);
    return found;
  };
  const set = async (Policy: string) => {
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: await url(), Attributes: { Policy } }));
  };
  return {
    async read() {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: await url(), AttributeNames: ["Policy"] }),
      );
      return Attributes?.Policy ? parseDocument(Attributes.Policy, location.arn) : undefined;
    },
    write: (document) => set(JSON.stringify(document)),
    remove: () => set(""),
  };
};
