import { regionSchema } from "#lib/model/arn.ts";
import { sqsConditionKeys } from "./condition-keys.ts";
import { keyActionsOf } from "./custom-statements.ts";
import { reads, type TargetService, viaService, writes } from "./service.ts";
import { sqsActions } from "./sqs-actions.ts";
import { customBeyond, customChecks, customStatementsOf } from "./sqs-custom.ts";

const queueName = /^[A-Za-z0-9_-]{1,75}(\.fifo)?$|^[A-Za-z0-9_-]{1,80}$/;

/** Both sides of a queue look it up by name and read its attributes (SDK and KEDA scalers alike). */
const bothSides = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"];

// SQS Developer Guide, "Configure KMS permissions for Amazon SQS".
function keyActions(action: string): string[] {
  if (action === "sqs:ReceiveMessage") return ["kms:Decrypt"];
  return action === "sqs:SendMessage" ? ["kms:GenerateDataKey", "kms:Decrypt"] : [];
}

export const sqs: TargetService = {
  id: "sqs",
  name: "Amazon SQS",
  noun: "queue",
  exampleArn: "arn:aws:sqs:eu-west-1:444455556666:orders",
  objection(arn) {
    if (!arn.account || !arn.region)
      return {
        reason: "A queue's ARN names its Region and account.",
        nextStep:
          "Copy the ARN from the queue's details, for example arn:aws:sqs:eu-west-1:444455556666:orders.",
      };
    if (!regionSchema.safeParse(arn.region).success)
      return {
        reason: `"${arn.region}" is not an AWS Region.`,
        nextStep: "Copy the ARN from the queue's details; Regions look like eu-west-1.",
      };
    if (!queueName.test(arn.resource))
      return {
        reason: `"${arn.resource}" is not a valid queue name.`,
        nextStep: "Queue names have up to 80 letters, digits, hyphens and underscores, no wildcards.",
      };
    return undefined;
  },
  shortName: (arn) => arn.resource,
  levels: {
    read: "Receive and delete messages",
    write: "Send messages",
    "read-write": "Send, receive and delete messages",
  },
  actions: sqsActions,
  conditionKeys: sqsConditionKeys,
  statements(scope) {
    if (scope.level === "custom") return customStatementsOf(scope);
    const actions = [
      ...(reads(scope.level)
        ? ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
        : []),
      ...(writes(scope.level) ? ["sqs:SendMessage"] : []),
      ...bothSides,
    ];
    return [{ Action: actions, Resource: scope.arnText }];
  },
  // SQS Developer Guide, "Amazon SQS policy quotas": 8,192 bytes, 20 statements, 7 actions a statement.
  resourcePolicy: { maxBytes: 8_192, maxStatements: 20 },
  keyStatements(scope, region, keyArn) {
    const actions =
      scope.level === "custom"
        ? keyActionsOf(scope, keyActions)
        : // Producers need both (SQS Developer Guide, "Configure KMS permissions for producers and consumers").
          ["kms:Decrypt", ...(writes(scope.level) ? ["kms:GenerateDataKey"] : [])];
    if (actions.length === 0) return [];
    return [
      {
        Action: actions,
        Resource: keyArn,
        Condition: { StringEquals: { "kms:ViaService": viaService("sqs", region, scope.arn.partition) } },
      },
    ];
  },
  beyond(scope) {
    if (scope.level === "custom") return customBeyond(scope);
    return [
      ...(reads(scope.level) ? [] : ["sqs:ReceiveMessage", "sqs:DeleteMessage"]),
      ...(writes(scope.level) ? [] : ["sqs:SendMessage"]),
      "sqs:PurgeQueue",
      "sqs:SetQueueAttributes",
      "sqs:AddPermission",
      "sqs:DeleteQueue",
    ]
      .map((action) => ({ action, resource: scope.arnText }))
      .concat({ action: "sqs:ListQueues", resource: "*" });
  },
  keyActions,
  encryptionContext: (targetArn) => ({ "aws:sqs:arn": [targetArn] }),
  checks(scope) {
    if (scope.level === "custom") return customChecks(scope);
    return [
      { operation: "sqs:GetQueueAttributes", resource: scope.arnText },
      ...(writes(scope.level) ? [{ operation: "sqs:SendMessage", resource: scope.arnText }] : []),
      // Receiving in a check would hide a message from the application for its visibility timeout: the check asks
      // with a visibility timeout of zero.
      ...(reads(scope.level) ? [{ operation: "sqs:ReceiveMessage", resource: scope.arnText }] : []),
    ];
  },
};
