import type { FindingOrigin } from "#lib/plan/findings.ts";
import type { Severity } from "#lib/policy/findings/finding.ts";

/** Something wrong, as the pages read it (`FindingView` of the queries): plain data. */
export type FindingData = {
  key: string;
  /** A row of the catalogue. */
  id: string | null;
  source: "document" | "live";
  severity: Severity;
  title: string;
  detail: string;
  why: string;
  mend: string;
  /** JSON that the remedy speaks of, to be taken over. */
  snippet: { title: string; json: string } | null;
  reference: string | null;
  origin: FindingOrigin;
  accountName: string;
  place: {
    stepKey: string;
    resource: string;
    document: string | null;
    statement: string | null;
    lines: { from: number; to: number } | null;
    /** The condition of a grant's own permissions that it is about, and the actions beside it. */
    condition: { grantId: string; operator: string; key: string; values: string[]; actions: string[] } | null;
  } | null;
};

export type FindingsData = { documents: number; rules: number; items: readonly FindingData[] };

/** "1 error", "2 warnings" for the severities that occur, worst first. */
export function severityCounts(
  items: readonly Pick<FindingData, "severity">[],
): { severity: Severity; text: string }[] {
  return counted.flatMap(([severity, one, many]) => {
    const count = items.filter((item) => item.severity === severity).length;
    return count === 0 ? [] : [{ severity, text: count === 1 ? `1 ${one}` : `${count} ${many}` }];
  });
}

const counted: [severity: Severity, one: string, many: string][] = [
  ["error", "error", "errors"],
  ["security-warning", "security warning", "security warnings"],
  ["warning", "warning", "warnings"],
  ["suggestion", "note", "notes"],
];

/** "Nothing found in 4 policies, checked against 92 rules." */
export function checkedWords({ documents, rules, items }: FindingsData): string {
  const policies = documents === 1 ? "1 policy" : `${documents} policies`;
  const against = `checked against ${rules} rules`;
  return items.length === 0 ? `Nothing found: ${policies} ${against}.` : `${policies} ${against}.`;
}
