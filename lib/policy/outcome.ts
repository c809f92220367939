/**
 * What looking at one element of a statement gives. `indeterminate` is what AWS would have refused to store, or
 * leaves undefined (an unknown operator, a malformed value, an element that may not be there). `unknown` is what
 * AWS would decide by a value that is not known here.
 */
export type Outcome = "match" | "no-match" | "unknown" | "indeterminate";

/**
 * Whether an element counts as matched; nothing is said of `unknown`, which the caller sets apart. In doubt the answer is the narrower one: an Allow does not apply, a Deny
 * does.
 */
export function holds(outcome: Outcome, effect: "Allow" | "Deny"): boolean {
  return outcome === "match" || (outcome === "indeterminate" && effect === "Deny");
}

export function negate(outcome: Outcome): Outcome {
  return outcome === "match" ? "no-match" : outcome === "no-match" ? "match" : outcome;
}

/** Logical OR; `no-match` of nothing. */
export function anyOf(outcomes: Outcome[]): Outcome {
  if (outcomes.includes("match")) return "match";
  return inDoubt(outcomes) ?? "no-match";
}

/** Logical AND; `match` of nothing. */
export function allOf(outcomes: Outcome[]): Outcome {
  if (outcomes.includes("no-match")) return "no-match";
  return inDoubt(outcomes) ?? "match";
}

/** `unknown` before `indeterminate`: it leaves both answers open, and so covers the other. */
function inDoubt(outcomes: Outcome[]): Outcome | null {
  if (outcomes.includes("unknown")) return "unknown";
  return outcomes.includes("indeterminate") ? "indeterminate" : null;
}

/** One element compared: what the policy says, what the request has (null: nothing). */
export interface ElementResult {
  element:
    | "Statement"
    | "Principal"
    | "NotPrincipal"
    | "Action"
    | "NotAction"
    | "Resource"
    | "NotResource"
    | "Condition";
  outcome: Outcome;
  /** of a condition: operator and key as written */
  operator?: string;
  key?: string;
  expected: string[];
  actual: string[] | null;
  /** which of `expected` the request fits; absent: none */
  fits?: string[];
  /** condition keys that an `unknown` outcome hangs on, as written */
  dependsOn?: string[];
  /** why it is indeterminate, or what is worth knowing */
  note?: string;
}
