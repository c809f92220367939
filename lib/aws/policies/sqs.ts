import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { parseArn } from "#lib/model/arn.ts";
import { parseDocument } from "../documents.ts";
import type { AccountClients } from "../sessions.ts";
import type { PolicyLocation, PolicyStoreFactory } from "./store.ts";

/** A queue's URL; SQS answers it, since it can't be made from the ARN for every endpoint. */
export async function queueUrl(clients: AccountClients, location: PolicyLocation): Promise<string> {
  const QueueName = parseArn(location.arn)?.resource;
  if (!QueueName) throw new TypeError(`${location.arn} is not the ARN of a queue`);
  const answer = await clients
    .sqs(location.region)
    .send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId: location.accountId }));
  return answer.QueueUrl ?? "";
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
