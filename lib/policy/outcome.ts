/**
 * What looking at one element of a statement gives. `indeterminate` is what AWS would have refused to store, or
 * leaves undefined (an unknown operator, a malformed value, an element that may not be there).
 */
export type Outcome = "match" | "no-match" | "indeterminate";

/**
 * Whether an element counts as matched. In doubt the answer is the narrower one: an Allow does not apply, a Deny
 * does.
 */
export function holds(outcome: Outcome, effect: "Allow" | "Deny"): boolean {
  return outcome === "match" || (outcome === "indeterminate" && effect === "Deny");
}

export function negate(outcome: Outcome): Outcome {
  return outcome === "match" ? "no-match" : outcome === "no-match" ? "match" : "indeterminate";
}

/** Logical OR; `no-match` of nothing. */
export function anyOf(outcomes: Outcome[]): Outcome {
  if (outcomes.includes("match")) return "match";
  return outcomes.includes("indeterminate") ? "indeterminate" : "no-match";
}

/** Logical AND; `match` of nothing. */
export function allOf(outcomes: Outcome[]): Outcome {
  if (outcomes.includes("no-match")) return "no-match";
  return outcomes.includes("indeterminate") ? "indeterminate" : "match";
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
  /** why it is indeterminate, or what is worth knowing */
  note?: string;
}
