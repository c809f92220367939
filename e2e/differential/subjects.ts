import type { FindingId } from "#lib/policy/findings/catalogue.ts";

/** What both sides can report, each in its own words. */
export interface Subject {
  /** parliament's issues */
  issues: string[];
  /** ours; none: we never report it */
  findings: FindingId[];
}

/** Every issue that parliament has is in one of these. */
export const subjects: Record<string, Subject> = {
  "JSON syntax": {
    issues: ["MALFORMED_JSON"],
    findings: [
      "json.syntax",
      "json.trailing-comma",
      "json.comment",
      "json.duplicate-key",
      "json.not-an-object",
    ],
  },
  grammar: {
    issues: ["MALFORMED"],
    findings: [
      "grammar.unknown-element",
      "grammar.element-case",
      "grammar.data-type",
      "grammar.missing-statement",
      "grammar.missing-effect",
      "grammar.invalid-effect",
      "grammar.missing-action",
      "grammar.missing-resource",
      "grammar.element-pair",
    ],
  },
  "Sid twice": { issues: ["DUPLICATE_SID"], findings: ["grammar.duplicate-sid"] },
  "characters of a Sid": { issues: ["INVALID_SID"], findings: ["grammar.sid-characters"] },
  "no Version": { issues: ["NO_VERSION"], findings: ["grammar.missing-version"] },
  "wrong Version": { issues: ["INVALID_VERSION"], findings: ["grammar.invalid-version"] },
  "old Version": { issues: ["OLD_VERSION"], findings: ["grammar.old-version"] },
  principal: {
    issues: ["UNKNOWN_PRINCIPAL", "UNKNOWN_FEDERATION_SOURCE"],
    findings: [
      "principal.unknown-kind",
      "principal.malformed",
      "principal.account-digits",
      "principal.partial-wildcard",
      "principal.not-a-service",
    ],
  },
  action: {
    issues: ["UNKNOWN_ACTION"],
    findings: ["action.malformed", "action.unknown", "action.matches-nothing"],
  },
  "service of an action": { issues: ["UNKNOWN_PREFIX"], findings: ["action.unknown-service"] },
  operator: {
    issues: ["UNKNOWN_OPERATOR"],
    findings: ["condition.unknown-operator", "condition.null-qualified"],
  },
  "type of a key": {
    issues: ["MISMATCHED_TYPE", "MISMATCHED_TYPE_OPERATION_TO_NULL"],
    findings: [
      "variable.not-for-operator",
      "condition.type-mismatch",
      "condition.invalid-value",
      "condition.invalid-date",
      "condition.invalid-cidr",
    ],
  },
  "ARN key under a string operator": { issues: ["MISMATCHED_TYPE_BUT_USABLE"], findings: [] },
  "key of an action": {
    issues: ["UNKNOWN_CONDITION_FOR_ACTION"],
    findings: [
      "condition.malformed-key",
      "condition.missing-tag-key",
      "condition.deprecated-key",
      "condition.not-of-action",
      "condition.unknown-service-key",
      "condition.unknown-global-key",
    ],
  },
  "MFA that proves nothing": { issues: ["BAD_PATTERN_FOR_MFA"], findings: [] },
  ARN: {
    issues: ["INVALID_ARN"],
    findings: [
      "resource.malformed",
      "resource.unknown-partition",
      "resource.invalid-region",
      "resource.invalid-account",
    ],
  },
  "resource of an action": {
    issues: ["RESOURCE_MISMATCH"],
    findings: [
      "resource.unknown-service",
      "resource.service-case",
      "resource.account-not-allowed",
      "resource.region-not-allowed",
      "resource.field-missing",
      "resource.of-no-type",
      "resource.not-of-action",
      "resource.action-needs-star",
      "variable.malformed",
    ],
  },
  "any resource": {
    issues: ["RESOURCE_STAR", "RESOURCE_EFFECTIVELY_STAR"],
    findings: [
      "resource.any",
      "resource.any-written",
      "action.everything",
      "action.not-action-allow",
      "escalation.pass-role-any",
      "escalation.assume-any-role",
      "escalation.service-linked-roles",
    ],
  },
  "access to permissions": {
    issues: ["RESOURCE_POLICY_PRIVILEGE_ESCALATION"],
    findings: ["action.changes-permissions", "action.everything"],
  },
};
