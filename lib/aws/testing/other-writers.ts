import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { isKind } from "../errors.ts";
import type { AccountClients } from "../sessions.ts";
import { region } from "./estate.ts";

/** Bucket and queue policies as another team reads and writes them: with none of the product's merging. */

async function queue(clients: AccountClients, arn: string): Promise<{ QueueUrl: string }> {
  const QueueName = arn.split(":").at(-1);
  const { QueueUrl = "" } = await clients.sqs(region).send(new GetQueueUrlCommand({ QueueName }));
  return { QueueUrl };
}

function bucket(arn: string): { Bucket: string } {
  return { Bucket: arn.replace("arn:aws:s3:::", "") };
}

const isQueue = (arn: string) => arn.startsWith("arn:aws:sqs:");

export async function storedPolicy(clients: AccountClients, arn: string): Promise<PolicyDocument | null> {
  if (isQueue(arn)) {
    const asked = { ...(await queue(clients, arn)), AttributeNames: ["Policy" as const] };
    const { Attributes } = await clients.sqs(region).send(new GetQueueAttributesCommand(asked));
    return Attributes?.Policy ? JSON.parse(Attributes.Policy) : null;
  }
  try {
    const { Policy = "" } = await clients.s3(region).send(new GetBucketPolicyCommand(bucket(arn)));
    return JSON.parse(Policy);
  } catch (error) {
    if (isKind(error, "not-found")) return null;
    throw error;
  }
}

/** Whatever was there; null takes the policy away. */
export async function storePolicy(
  clients: AccountClients,
  arn: string,
  document: PolicyDocument | null,
): Promise<void> {
  const Policy = document ? JSON.stringify(document) : "";
  if (isQueue(arn)) {
    const Attributes = { Policy };
    await clients
      .sqs(region)
      .send(new SetQueueAttributesCommand({ ...(await queue(clients, arn)), Attributes }));
  } else if (document) {
    await clients.s3(region).send(new PutBucketPolicyCommand({ ...bucket(arn), Policy }));
  } else {
    await clients.s3(region).send(new DeleteBucketPolicyCommand(bucket(arn)));
  }
}

type Next = (args: object) => Promise<object>;

/** The slice of an SDK client that is needed here; every client has it, each with types of its own. */
interface Instrumentable {
  middlewareStack: {
    add(
      middleware: (next: Next, context: { commandName: string }) => Next,
      options: { step: "initialize" },
    ): void;
  };
}

/** Runs `work` whenever a call of the client has taken effect, before its caller has the answer. */
export function afterCall(client: object, work: (operation: string) => Promise<void>): void {
  (client as Instrumentable).middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        await work(commandName.replace(/Command$/, ""));
        return answer;
      },
    { step: "initialize" },
  );
}
