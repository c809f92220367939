import * as sqs from "@aws-sdk/client-sqs";
import { documentText } from "../documents.ts";
import { md5Hex } from "../identifiers.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import type { Queue } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import {
  applyQueueKey,
  checkQueueName,
  invalidAttribute,
  newQueue,
  noSuchQueue,
  queueAccess,
  queueOrThrow,
  queueUrl,
  readAttributes,
} from "./sqs-queues.ts";

function attributesOf(call: Call, queue: Queue): Record<string, string> {
  const waiting = queue.messages.filter((message) => message.visibleAt <= call.now).length;
  return {
    ...queue.attributes,
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    ApproximateNumberOfMessages: String(waiting),
    ApproximateNumberOfMessagesNotVisible: String(queue.messages.length - waiting),
    ...(queue.policy && { Policy: documentText(call.sandbox, queue.policy) }),
  };
}

function getAttributes(
  call: Call,
  input: sqs.GetQueueAttributesCommandInput,
): Output<sqs.GetQueueAttributesCommandOutput> {
  const all = attributesOf(call, queueOrThrow(call, input.QueueUrl));
  const wanted: string[] = input.AttributeNames ?? [];
  if (wanted.includes("All")) return { Attributes: all };
  const unknown = wanted.find(
    (name) => !(name in all) && !Object.values<string>(sqs.QueueAttributeName).includes(name),
  );
  if (unknown) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))) };
}

function createQueue(call: Call, input: sqs.CreateQueueCommandInput): Output<sqs.CreateQueueCommandOutput> {
  const name = checkQueueName(input.QueueName ?? "");
  const queues = call.sandbox.account(call.accountId)?.queues ?? {};
  const { policy, attributes } = readAttributes(call, input.Attributes ?? {});
  const held = queues[`${call.region}/${name}`];
  if (held) {
    const same = Object.entries(attributes).every(([key, value]) => held.attributes[key] === value);
    if (same) return { QueueUrl: queueUrl(call, held) };
    throw new AwsError(
      "QueueNameExists",
      `A queue already exists with the same name and a different value for an attribute`,
    );
  }
  const queue = newQueue(call.sandbox, call.accountId, call.region, name, call.now);
  Object.assign(queue.attributes, attributes);
  if (policy !== undefined) queue.policy = policy;
  queues[`${call.region}/${name}`] = queue;
  return { QueueUrl: queueUrl(call, queue) };
}

function sendMessage(call: Call, input: sqs.SendMessageCommandInput): Output<sqs.SendMessageCommandOutput> {
  const queue = queueOrThrow(call, input.QueueUrl);
  const body = input.MessageBody ?? "";
  if (body === "" || Buffer.byteLength(body) > 1_048_576) {
    throw new AwsError("InvalidParameterValue", "The message body must have 1 to 1,048,576 bytes");
  }
  applyQueueKey(call, queue, ["GenerateDataKey", "Decrypt"]);
  const id = crypto.randomUUID();
  const visibleAt = call.now + (input.DelaySeconds ?? 0) * 1000;
  queue.messages.push({ id, body, sentAt: call.now, visibleAt, receiptHandle: null, receiveCount: 0 });
  return { MessageId: id, MD5OfMessageBody: md5Hex(body) };
}

/** Short polling only: the sandbox never makes a caller wait. */
function receiveMessage(
  call: Call,
  input: sqs.ReceiveMessageCommandInput,
): Output<sqs.ReceiveMessageCommandOutput> {
  const queue = queueOrThrow(call, input.QueueUrl);
  const maximum = input.MaxNumberOfMessages ?? 1;
  if (maximum < 1 || maximum > 10) throw invalidAttribute("MaxNumberOfMessages must be between 1 and 10");
  applyQueueKey(call, queue, ["Decrypt"]);
  const hidden = input.VisibilityTimeout ?? Number(queue.attributes.VisibilityTimeout ?? 30);
  const taken = queue.messages.filter((message) => message.visibleAt <= call.now).slice(0, maximum);
  for (const message of taken) {
    message.receiptHandle = crypto.randomUUID();
    message.visibleAt = call.now + hidden * 1000;
    message.receiveCount += 1;
  }
  if (taken.length === 0) return {};
  return {
    Messages: taken.map((message) => ({
      MessageId: message.id,
      Body: message.body,
      MD5OfBody: md5Hex(message.body),
      ...(message.receiptHandle && { ReceiptHandle: message.receiptHandle }),
    })),
  };
}

export const sqsOperations: Operation[] = [
  operation(sqs.ListQueues$, {
    access: (call) => [{ action: "sqs:ListQueues", resource: "*", resourceAccount: call.accountId }],
    handle: (call, input: sqs.ListQueuesCommandInput): Output<sqs.ListQueuesCommandOutput> => {
      const urls = Object.values(call.sandbox.account(call.accountId)?.queues ?? {})
        .filter((queue) => queue.region === call.region && queue.name.startsWith(input.QueueNamePrefix ?? ""))
        .map((queue) => queueUrl(call, queue))
        .sort();
      const start = Number(input.NextToken ?? 0) || 0;
      const end = start + (input.MaxResults ?? 1000);
      return {
        QueueUrls: urls.slice(start, end),
        ...(end < urls.length && input.MaxResults && { NextToken: String(end) }),
      };
    },
  }),
  operation(sqs.GetQueueUrl$, {
    access: (call, input: sqs.GetQueueUrlCommandInput) => {
      const owner = input.QueueOwnerAWSAccountId ?? call.accountId;
      return queueAccess(call, "GetQueueUrl", owner, input.QueueName ?? "");
    },
    handle: (call, input: sqs.GetQueueUrlCommandInput): Output<sqs.GetQueueUrlCommandOutput> => {
      const owner = input.QueueOwnerAWSAccountId ?? call.accountId;
      const queue = call.sandbox.account(owner)?.queues[`${call.region}/${input.QueueName}`];
      if (!queue) throw noSuchQueue();
      return { QueueUrl: queueUrl(call, queue) };
    },
  }),
  operation(sqs.CreateQueue$, {
    access: (call, input: sqs.CreateQueueCommandInput) =>
      queueAccess(call, "CreateQueue", call.accountId, input.QueueName ?? ""),
    handle: createQueue,
  }),
  operation(sqs.GetQueueAttributes$, {
    access: (call, input: sqs.GetQueueAttributesCommandInput) =>
      queueAccess(call, "GetQueueAttributes", input.QueueUrl),
    handle: getAttributes,
  }),
  operation(sqs.ListQueueTags$, {
    access: (call, input: sqs.ListQueueTagsCommandInput) =>
      queueAccess(call, "ListQueueTags", input.QueueUrl),
    handle: (call, input: sqs.ListQueueTagsCommandInput): Output<sqs.ListQueueTagsCommandOutput> => {
      const { tags = {} } = queueOrThrow(call, input.QueueUrl);
      return Object.keys(tags).length === 0 ? {} : { Tags: tags };
    },
  }),
  operation(sqs.SetQueueAttributes$, {
    access: (call, input: sqs.SetQueueAttributesCommandInput) =>
      queueAccess(call, "SetQueueAttributes", input.QueueUrl),
    handle: (call, input: sqs.SetQueueAttributesCommandInput): object => {
      const queue = queueOrThrow(call, input.QueueUrl);
      const { policy, attributes } = readAttributes(call, input.Attributes ?? {}, queue);
      Object.assign(queue.attributes, attributes);
      if (policy !== undefined) queue.policy = policy;
      return {};
    },
  }),
  operation(sqs.SendMessage$, {
    access: (call, input: sqs.SendMessageCommandInput) => queueAccess(call, "SendMessage", input.QueueUrl),
    handle: sendMessage,
  }),
  operation(sqs.ReceiveMessage$, {
    access: (call, input: sqs.ReceiveMessageCommandInput) =>
      queueAccess(call, "ReceiveMessage", input.QueueUrl),
    handle: receiveMessage,
  }),
  operation(sqs.DeleteMessage$, {
    access: (call, input: sqs.DeleteMessageCommandInput) =>
      queueAccess(call, "DeleteMessage", input.QueueUrl),
    handle: (call, input: sqs.DeleteMessageCommandInput): object => {
      const queue = queueOrThrow(call, input.QueueUrl);
      const held = queue.messages.find((message) => message.receiptHandle === input.ReceiptHandle);
      if (!held) throw new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
      queue.messages = queue.messages.filter((message) => message !== held);
      return {};
    },
  }),
];
