import type { PolicyMetadata } from "../metadata/metadata.ts";
import type { Report } from "./finding.ts";
import type { CheckKind } from "./kinds.ts";
import type { ResolvedAction } from "./resolve-actions.ts";
import type { ConditionView, StatementView } from "./view.ts";

export interface CheckOptions {
  kind: CheckKind;
  metadata: PolicyMetadata;
  /** The account that the document is in; without it nothing is said about other accounts. */
  accountId?: string;
  /** Of a resource policy: the prefix of the service, e.g. `s3`. */
  service?: string;
  /** For end dates; without it none is over. */
  now?: Date;
}

/** A statement, and what its actions stand for. */
export interface CheckedStatement extends StatementView {
  /** By the entries of `actions`: what each expands to; null: everything, or not an action of AWS's. */
  resolved: (readonly ResolvedAction[] | null)[];
}

/** What the rules see. Each reports what is its own to find. */
export interface CheckContext extends CheckOptions {
  document: Record<string, unknown>;
  statements: readonly CheckedStatement[];
  report: Report;
}

/** Conditions that a request has to carry the key for, to meet them. */
export function demands(conditions: readonly ConditionView[]): ConditionView[] {
  return conditions.filter(
    ({ parsed, values }) =>
      parsed?.operator &&
      !parsed.operator.negated &&
      !parsed.ifExists &&
      parsed.quantifier !== "ForAllValues" &&
      !values.some(({ text }) => text === "*"),
  );
}

/** Whether some condition demands a key that begins so; `prefixes` in lower case. */
export function demandsKey(conditions: readonly ConditionView[], prefixes: readonly string[]): boolean {
  return demands(conditions).some(({ folded }) => prefixes.some((prefix) => folded.startsWith(prefix)));
}

/** Up to five names, and how many more. */
export function several(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const more = unique.length > 5 ? ` and ${unique.length - 5} more` : "";
  return `${unique.slice(0, 5).join(", ")}${more}`;
}
