import type { FindingId } from "../catalogue.ts";
import { type CheckContext, type CheckedStatement, demandsKey, several } from "../context.ts";
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
    const any = reachesAny(statement);
    for (const { id, actions, anyResource, unless = [], says } of exposures) {
      if (anyResource && (!any || demandsKey(statement.conditions, unless))) continue;
      for (const [at, item] of statement.actions.entries()) {
        const names = (statement.resolved[at] ?? [])
          .filter(({ name }) => actions.has(name))
          .map(({ name }) => name);
        if (names.length > 0) report(id, item.path, says(several(names)));
      }
    }
  }
}

/** Whether the statement is about any resource, not limited by a condition. */
export function reachesAny({ resources, resourceElement, conditions }: CheckedStatement): boolean {
  const any = resourceElement === "NotResource" || resources.some(({ text }) => isAnyResource(text));
  return any && !demandsKey(conditions, resourceKeys);
}
