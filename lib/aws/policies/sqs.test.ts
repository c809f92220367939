import { GetQueueUrlCommand, QueueDoesNotExist, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import type { AccountId } from "#lib/model/arn.ts";
import { classify } from "../errors.ts";
import type { AccountClients } from "../sessions.ts";
import { sqsPolicyStore } from "./sqs.ts";

const region = "eu-west-1";
const accountId = "444455556666" as AccountId;
const location = { arn: `arn:aws:sqs:${region}:${accountId}:orders`, accountId, region };

/** SQS refuses GetQueueUrl with these words, and lists these queues; undefined: it lists none to us. */
async function answerOf(message: string, listed: string[] | undefined) {
  const client = new SQSClient({ region, credentials: { accessKeyId: "a", secretAccessKey: "s" } });
  client.send = (async (command: object) => {
    if (command instanceof GetQueueUrlCommand) throw new QueueDoesNotExist({ message, $metadata: {} });
    if (!listed) throw Object.assign(new Error("no"), { name: "AccessDenied" });
    return { QueueUrls: listed.map((name) => `https://sqs.${region}.amazonaws.com/${accountId}/${name}`) };
  }) as never;
  const clients = { sqs: () => client } as unknown as AccountClients;
  const error = await sqsPolicyStore(clients, location)
    .read()
    .catch((reason: unknown) => reason);
  return classify(error).kind;
}

// What SQS answers to GetQueueUrl that is denied (spring-attic/spring-cloud-aws#417).
const either = "The specified queue does not exist or you do not have access to it.";

describe("a queue that SQS does not find, or does not show", () => {
  it.each([
    ["is refused where the account has it", either, ["orders-dlq", "orders"], "access-denied"],
    ["is not there where the account has only others", either, ["orders-dlq"], "not-found"],
    ["is not there where nobody can tell", either, undefined, "not-found"],
    ["is taken at SQS's word", "The specified queue does not exist.", ["orders"], "not-found"],
  ])("%s", async (_, message, listed, kind) => {
    expect(await answerOf(message, listed)).toBe(kind);
  });
});
