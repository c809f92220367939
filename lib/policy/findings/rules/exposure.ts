import type { FindingId } from "../catalogue.ts";
import { type CheckContext, type CheckedStatement, demandsKey, several } from "../context.ts";
import type { ResolvedAction } from "../resolve-actions.ts";
import { isWholeType, splitResource } from "./resource-types.ts";
import { isAnyResource, resourceKeys } from "./resource-width.ts";

interface Exposure {
  id: FindingId;
  actions: ReadonlySet<string>;
  /** Only where the statement is about any resource. */
  anyResource: boolean;
  /** Conditions that make it narrow enough; in lower case. */
  unless?: readonly string[];
  says: (names: string) => string;
}

const exposures: readonly Exposure[] = [
  {
    id: "exposure.all-objects",
    actions: new Set([
      "s3:GetObject",
      "s3:GetObjectVersion",
      "dynamodb:GetItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "sqs:ReceiveMessage",
      "kinesis:GetRecords",
    ]),
    anyResource: true,
    says: (names) => `${names}: the data of every such resource.`,
  },
  {
    id: "exposure.all-secrets",
    actions: new Set([
      "secretsmanager:GetSecretValue",
      "secretsmanager:BatchGetSecretValue",
      "ssm:GetParameter",
      "ssm:GetParameters",
      "ssm:GetParametersByPath",
    ]),
    anyResource: true,
    says: (names) => `${names}: every secret or parameter.`,
  },
  {
    id: "exposure.all-keys",
    actions: new Set(["kms:Decrypt", "kms:ReEncryptFrom"]),
    anyResource: true,
    unless: ["kms:viaservice", "kms:encryptioncontext:"],
    says: (names) => `${names} with every key that allows it.`,
  },
  {
    id: "exposure.audit-trail",
    actions: new Set([
      "cloudtrail:StopLogging",
      "cloudtrail:DeleteTrail",
      "cloudtrail:UpdateTrail",
      "cloudtrail:PutEventSelectors",
      "config:DeleteConfigurationRecorder",
      "config:StopConfigurationRecorder",
      "guardduty:DeleteDetector",
      "guardduty:UpdateDetector",
      "securityhub:DisableSecurityHub",
      "access-analyzer:DeleteAnalyzer",
      "ec2:DeleteFlowLogs",
    ]),
    anyResource: false,
    says: (names) => `${names}: records may be turned off.`,
  },
  {
    id: "exposure.deletes-target",
    actions: new Set([
      "s3:DeleteBucket",
      "sqs:DeleteQueue",
      "sns:DeleteTopic",
      "dynamodb:DeleteTable",
      "kms:ScheduleKeyDeletion",
      "kms:DisableKey",
      "secretsmanager:DeleteSecret",
      "rds:DeleteDBCluster",
      "rds:DeleteDBInstance",
    ]),
    anyResource: false,
    says: (names) => `${names}: what holds the data may be taken away.`,
  },
];

/** What an identity's Allow opens of others' data and records. */
export function checkExposure({ kind, statements, report }: CheckContext): void {
  if (kind !== "identity") return;
  for (const statement of statements) {
    if (statement.effect !== "Allow" || statement.actionElement !== "Action") continue;
    for (const { id, actions, anyResource, unless = [], says } of exposures) {
      if (anyResource && demandsKey(statement.conditions, unless)) continue;
      for (const [at, item] of statement.actions.entries()) {
        const names = (statement.resolved[at] ?? [])
          .filter((one) => actions.has(one.name) && (!anyResource || reachesAny(statement, one)))
          .map(({ name }) => name);
        if (names.length > 0) report(id, item.path, says(several(names)));
      }
    }
  }
}

/** Types that an action also names, and that are not what it is done to. */
const besides = new Set(["document"]);

/**
 * Whether the statement is about any resource, not limited by a condition: of everything or, where an action is given, of
 * a whole type that the action is done to. Account and Region don't matter: one account's are all of its teams'.
 */
export function reachesAny(
  { resources, resourceElement, conditions }: CheckedStatement,
  resolved?: ResolvedAction,
): boolean {
  const types = resolved?.action.resourceTypes.filter(({ name }) => !besides.has(name)) ?? [];
  const any =
    resourceElement === "NotResource" ||
    resources.some(
      ({ text }) => isAnyResource(text) || types.some((type) => isWholeType(splitResource(text), type)),
    );
  return any && !demandsKey(conditions, resourceKeys);
}
