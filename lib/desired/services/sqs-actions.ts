import { actionTable } from "./custom-actions.ts";

/**
 * What custom access to a queue may list. ListQueueTags and the message move tasks are missing because a queue's policy
 * can't give them to another account.
 *
 * Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SQS"; SQS Developer
 * Guide, "Limitations of Amazon SQS custom policies", on cross-account access.
 */
export const sqsActions = actionTable("sqs", [
  ["ReceiveMessage", "read", "queue", "Receive messages"],
  ["GetQueueAttributes", "read", "queue", "Read the queue's attributes, such as its length"],
  ["GetQueueUrl", "read", "queue", "Look the queue up by its name"],
  ["ListDeadLetterSourceQueues", "read", "queue", "List the queues whose dead letters come here"],
  ["SendMessage", "write", "queue", "Send messages"],
  ["DeleteMessage", "write", "queue", "Delete received messages"],
  ["ChangeMessageVisibility", "write", "queue", "Change how long a received message stays hidden"],
  ["PurgeQueue", "write", "queue", "Delete all messages"],
]);
