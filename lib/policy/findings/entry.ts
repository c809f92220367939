import type { Severity } from "./finding.ts";

/** What the findings are about; the order of the documentation. */
export const groups = {
  json: "JSON as it is written",
  grammar: "Grammar of a policy",
  action: "Actions",
  resource: "Resources",
  condition: "Conditions",
  variable: "Policy variables",
  principal: "Principals",
  trust: "Trust policies",
  escalation: "Privilege escalation",
  exposure: "Exposure of data",
  redundancy: "Said twice",
  quota: "Size and count",
  "service-account": "Kubernetes service accounts",
  preflight: "What preflight meets in AWS",
} as const;
export type Group = keyof typeof groups;

/** One row of the catalogue. */
export interface FindingEntry {
  /** For preflight's the worst that it can have. */
  severity: Severity;
  group: Group;
  /** A few words, no full stop. */
  title: string;
  why: string;
  mend: string;
  /** The page of AWS or Kubernetes that says so. */
  reference: string;
}

/** A page of the IAM User Guide. */
export function guide(page: string): string {
  return `https://docs.aws.amazon.com/IAM/latest/UserGuide/${page}`;
}

/** The same check of IAM Access Analyzer, e.g. `error-invalid-action`. */
export function analyzer(check: string): string {
  return guide(
    `access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-${check}`,
  );
}
