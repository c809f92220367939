import { circumvented, customStatements, listing, unlisted } from "./custom-statements.ts";
import type { AccessCheck, AccessStatement, BeyondRequest, TargetScope } from "./service.ts";
import { sqsActions } from "./sqs-actions.ts";

/** SQS Developer Guide, "Amazon SQS policy quotas": 7 actions a statement. */
const actionsPerStatement = 7;

export function customStatementsOf(scope: TargetScope): AccessStatement[] {
  return customStatements(scope, sqsActions, () => ({ Resource: scope.arnText }), actionsPerStatement);
}

/** What changes permissions or ends the queue, which no access may. */
const never = ["sqs:SetQueueAttributes", "sqs:AddPermission", "sqs:DeleteQueue"];

export function customBeyond(scope: TargetScope): BeyondRequest[] {
  const queue = scope.arnText;
  return [
    ...unlisted(scope, sqsActions, () => queue),
    ...circumvented(scope, sqsActions, () => queue),
    ...never.map((action) => ({ action, resource: queue })),
    { action: "sqs:ListQueues", resource: "*" },
  ];
}

/** A check finds the queue by its name first; receiving is tried with a visibility timeout of zero, as for every level. */
export function customChecks(scope: TargetScope): AccessCheck[] {
  if (listing(scope, "sqs:GetQueueUrl").length === 0) return [];
  const safe = ["sqs:GetQueueAttributes", "sqs:ReceiveMessage"].find(
    (action) => listing(scope, action).length > 0,
  );
  return safe ? [{ operation: safe, resource: scope.arnText }] : [];
}
