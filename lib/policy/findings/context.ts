import type { PolicyMetadata } from "../metadata/metadata.ts";
import type { Report } from "./finding.ts";
import type { CheckKind } from "./kinds.ts";
import { anybodyMeets, emptyLimit, type Limit } from "./limits.ts";
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

/** What a condition says of its key, for `limits.ts`. */
export function limitOf({ parsed, folded, values }: ConditionView): Limit {
  return { parsed, folded, texts: values.map(({ text }) => text) };
}

/** Conditions that a request has to carry the key for, to meet them, and not with just any value. */
export function demands(conditions: readonly ConditionView[]): ConditionView[] {
  return conditions.filter((one) => needsKey(one) && emptyLimit(limitOf(one)) === undefined);
}

/** Whether a request has to carry the key to meet the condition; what is said of the value may be nothing. */
export function needsKey({ parsed }: ConditionView): boolean {
  return Boolean(
    parsed?.operator && !parsed.operator.negated && !parsed.ifExists && parsed.quantifier !== "ForAllValues",
  );
}

/** Whether some condition demands a key that begins so; `prefixes` in lower case. */
export function demandsKey(conditions: readonly ConditionView[], prefixes: readonly string[]): boolean {
  return demands(conditions).some(({ folded }) => prefixes.some((prefix) => folded.startsWith(prefix)));
}

/** Whether some condition keeps people of other accounts out; by `keys` only, where they are given. */
export function keepsStrangersOut(conditions: readonly ConditionView[], keys?: ReadonlySet<string>): boolean {
  return conditions.some(
    (one) => (keys?.has(one.folded) ?? true) && needsKey(one) && !anybodyMeets(limitOf(one)),
  );
}

/** Up to five names, and how many more. */
export function several(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const more = unique.length > 5 ? ` and ${unique.length - 5} more` : "";
  return `${unique.slice(0, 5).join(", ")}${more}`;
}
