import { listOf, type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import type { Access } from "../authorise.ts";
import { readDocument, sqsDocumentErrors } from "../documents.ts";
import type { Call } from "../operation.ts";
import { limits } from "../quotas.ts";
import type { Sandbox } from "../sandbox.ts";
import type { Queue } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { applyKey, type KeyErrors, type KeyUse } from "./kms-keys.ts";

/** Rules that all SQS handlers share. Source: SQS API Reference and "Amazon SQS policy quotas". */

export function noSuchQueue(): AwsError {
  return new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
}

export function invalidAttribute(message: string): AwsError {
  return new AwsError("InvalidAttributeValue", message);
}

export function checkQueueName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,80}$|^[A-Za-z0-9_-]{1,75}\.fifo$/.test(name)) return name;
  throw new AwsError(
    "InvalidParameterValue",
    "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
  );
}

export function newQueue(
  sandbox: Sandbox,
  accountId: string,
  region: string,
  name: string,
  now: number,
): Queue {
  const partition = sandbox.account(accountId)?.partition ?? "aws";
  return {
    name,
    accountId,
    region,
    arn: `arn:${partition}:sqs:${region}:${accountId}:${name}`,
    createdAt: now,
    attributes: {
      VisibilityTimeout: "30",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: "345600",
      DelaySeconds: "0",
      ReceiveMessageWaitTimeSeconds: "0",
      SqsManagedSseEnabled: "true",
    },
    policy: null,
    messages: [],
  };
}

export function queueUrl(call: Call, queue: Queue): string {
  return `${call.sandbox.url}/${queue.accountId}/${queue.name}`;
}

function queueArn(call: Call, name: string, accountId = call.accountId): string {
  const partition = call.sandbox.account(accountId)?.partition ?? "aws";
  return `arn:${partition}:sqs:${call.region}:${accountId}:${name}`;
}

/** Account and name of a queue URL: the sandbox's own, or AWS's `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`. */
function parseUrl(call: Call, url: string | undefined): { region: string; accountId: string; name: string } {
  const [, host = "", accountId, name] = /^https?:\/\/([^/]+)\/(\d{12})\/([^/?#]+)$/.exec(url ?? "") ?? [];
  if (!accountId || !name)
    throw new AwsError("InvalidAddress", `The address ${url} is not valid for this endpoint.`, 404);
  const region = /^sqs\.([a-z0-9-]+)\.amazonaws\.com/.exec(host)?.[1] ?? call.region;
  return { region, accountId, name };
}

function find(call: Call, url: string | undefined): Queue | undefined {
  const { region, accountId, name } = parseUrl(call, url);
  return call.sandbox.account(accountId)?.queues[`${region}/${name}`];
}

export function queueOrThrow(call: Call, url: string | undefined): Queue {
  const queue = find(call, url);
  if (!queue) throw noSuchQueue();
  return queue;
}

/** What an action on a queue needs. The queue is named by URL, or by owner and name. */
export function queueAccess(
  call: Call,
  action: string,
  urlOrOwner: string | undefined,
  name?: string,
): Access[] {
  const at =
    name === undefined
      ? parseUrl(call, urlOrOwner)
      : { region: call.region, accountId: urlOrOwner ?? "", name };
  const queue = call.sandbox.account(at.accountId)?.queues[`${at.region}/${at.name}`];
  return [
    {
      action: `sqs:${action}`,
      resource: queue?.arn ?? queueArn(call, at.name, at.accountId),
      resourceAccount: at.accountId,
      ...(queue?.policy && {
        resourcePolicy: { name: `policy of queue ${queue.name}`, document: queue.policy },
      }),
    },
  ];
}

/** SQS's words for what KMS refuses. Source: SQS API Reference, SendMessage, "Errors". */
const keyErrors: KeyErrors = {
  denied: (message) => new AwsError("KmsAccessDenied", message),
  disabled: (message) => new AwsError("KmsDisabled", message),
  invalidState: (message) => new AwsError("KmsInvalidState", message),
  notFound: (message) => new AwsError("KmsNotFound", message),
};

/**
 * SQS uses the queue's key with the permissions of the producer and the consumer. In AWS it remembers a data key for
 * minutes, so that a permission that was taken away may still work; here it never does.
 *
 * Source: SQS Developer Guide, "Amazon SQS Key management".
 */
export function applyQueueKey(call: Call, queue: Queue, actions: KeyUse["actions"]): void {
  const reference = queue.attributes.KmsMasterKeyId;
  if (!reference) return;
  const encryptionContext = { "aws:sqs:arn": queue.arn };
  applyKey(call, { actions, reference, place: queue, service: "sqs", encryptionContext }, keyErrors);
}

const settable = [
  "DelaySeconds",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "VisibilityTimeout",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "SqsManagedSseEnabled",
  "FifoQueue",
  "ContentBasedDeduplication",
];

/** `policy` is undefined when the call does not speak of it, and null when it clears it with an empty text. */
export function readAttributes(
  call: Call,
  given: Record<string, string | undefined>,
  queue?: Queue,
): { policy?: PolicyDocument | null; attributes: Record<string, string> } {
  const attributes: Record<string, string> = {};
  let policy: PolicyDocument | null | undefined;
  for (const [name, value = ""] of Object.entries(given)) {
    if (name === "Policy") policy = value === "" ? null : readQueuePolicy(call, value, queue);
    else if (settable.includes(name)) attributes[name] = value;
    else throw new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
  }
  return { attributes, ...(policy !== undefined && { policy }) };
}

function readQueuePolicy(call: Call, text: string, queue: Queue | undefined): PolicyDocument {
  if (Buffer.byteLength(text) > limits.queuePolicyBytes) {
    throw new AwsError("OverLimit", `The policy has more than ${limits.queuePolicyBytes} bytes.`, 403);
  }
  const document = readDocument(call.sandbox, text, "resource", sqsDocumentErrors);
  const statements = statementsOf(document);
  if (statements.length > limits.queuePolicyStatements) {
    throw new AwsError(
      "OverLimit",
      `The policy has more than ${limits.queuePolicyStatements} statements.`,
      403,
    );
  }
  for (const statement of statements) {
    const actions = [...listOf(statement.Action), ...listOf(statement.NotAction)];
    if (actions.length > limits.queueStatementActions) {
      throw new AwsError("OverLimit", `${actions.length} actions were found, maximum allowed is 7.`, 403);
    }
    if (actions.some((action) => action !== "*" && !action.toLowerCase().startsWith("sqs:"))) {
      throw sqsDocumentErrors.malformed("Reason: an action is not of SQS.");
    }
    const foreign = [...listOf(statement.Resource), ...listOf(statement.NotResource)].some(
      (resource) => queue && resource !== queue.arn && resource !== "*",
    );
    if (foreign) throw sqsDocumentErrors.malformed("Reason: the resource is not this queue.");
  }
  return document;
}
