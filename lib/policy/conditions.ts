import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { type Context, expandVariables } from "./context.ts";
import { fits, foldCase, globPattern } from "./glob.ts";
import { type Operator, type ParsedOperator, parseOperator, validValue } from "./operators.ts";
import { allOf, anyOf, type ElementResult, negate, type Outcome } from "./outcome.ts";

type Version = NonNullable<PolicyDocument["Version"]>;

/**
 * A statement's `Condition` against the request context: one result a key, in the order written; all have to
 * hold. Nothing throws: what IAM would have refused to store gives `indeterminate` and a note.
 *
 * - Values are alternatives: any for a positive operator, none for a negated one.
 * - Missing key: positive operators don't match, negated ones do, `…IfExists` and `ForAllValues:` do,
 *   `ForAnyValue:` doesn't; of `ForAnyValue:…IfExists` AWS says both, and it is `indeterminate`.
 * - A key whose value is not known here gives `unknown`, unless each value that it may have gives the same.
 * - A multi-valued key needs `ForAnyValue:` or `ForAllValues:`; without, AWS leaves the result undefined.
 *
 * Source: IAM User Guide, "Condition operators", "Multivalued context keys" and "Single-valued vs. multivalued".
 */
export function evaluateConditions(block: unknown, context: Context, version: Version): ElementResult[] {
  if (block === undefined) return [];
  if (!isRecord(block)) return [broken("", "", [], "Condition is not an object")];
  return Object.entries(block).flatMap(([written, keys]) => {
    if (!isRecord(keys) || Object.keys(keys).length === 0) {
      return [broken(written, "", [], "the operator has no keys")];
    }
    const parsed = parseOperator(written);
    return Object.entries(keys).map(([key, value]): ElementResult => {
      const values = textsOf(value);
      if (parsed === null) return broken(written, key, values ?? [], "IAM has no such operator");
      if (values === null) return broken(written, key, [], "the value is not a string or a list of strings");
      const malformed = values.find((text) => !validValue(parsed, text));
      if (malformed !== undefined) {
        return broken(written, key, values, `"${malformed}" is not a value for ${parsed.name}`);
      }
      const actual = context.get(foldCase(key)) ?? null;
      const condition = { element: "Condition" as const, operator: written, key, expected: values };
      if (actual === "unknown") {
        const begins = context.beginning(foldCase(key));
        const possible =
          context.possible(foldCase(key)) ?? (begins === undefined ? [] : beginningWith(begins, values));
        const verdict = agreed(possible.map((one) => evaluateKey(parsed, values, [one], context, version)));
        return verdict === null
          ? { ...condition, actual: null, outcome: "unknown", dependsOn: [key] }
          : { ...condition, actual: begins === undefined ? [...possible] : [`${begins}…`], ...verdict };
      }
      return {
        ...condition,
        actual: actual === null ? null : [...actual],
        ...evaluateKey(parsed, values, actual, context, version),
      };
    });
  });
}

/**
 * Values that begin so and stand for all that do: for each pattern one that fits it, if any does, and one that fits
 * none but those that fit all. None where a pattern has variables.
 */
function beginningWith(begins: string, patterns: readonly string[]): string[] {
  if (patterns.some((pattern) => pattern.includes("${"))) return [];
  const fitting = patterns.flatMap((pattern) => {
    const codes = globPattern(foldCase(pattern));
    return codes.flatMap((_, at) =>
      fits(codes.slice(0, at), foldCase(begins)) ? [begins + pattern.slice(at).replace(/[*?]/g, "x")] : [],
    );
  });
  // No id and no session's name has a tilde.
  return [`${begins}~any~`, ...fitting];
}

/** What comes out whichever of the values the key has; null when that is not the same, or there are none. */
function agreed(verdicts: Verdict[]): Verdict | null {
  const [first] = verdicts;
  if (first === undefined || first.outcome === "unknown") return null;
  return verdicts.every(({ outcome }) => outcome === first.outcome) ? first : null;
}

interface Verdict {
  outcome: Outcome;
  fits?: string[];
  dependsOn?: string[];
  note?: string;
}

function evaluateKey(
  parsed: ParsedOperator,
  values: string[],
  actual: readonly string[] | null,
  context: Context,
  version: Version,
): Verdict {
  if (parsed.operator === null) return evaluateNull(values, actual);
  const policy = expandAll(parsed.operator, values, context, version);
  if ("outcome" in policy) return policy;

  if (actual === null) return { ...missingKey(parsed, parsed.operator), ...doubt(policy, parsed) };
  // "… or if the key values resolve to a null data set, such as an empty string"
  if (parsed.quantifier !== null && actual.every((value) => value === "")) {
    return { ...missingKey({ ...parsed, ifExists: false }, parsed.operator), ...doubt(policy, parsed) };
  }
  if (parsed.quantifier === null && actual.length > 1) {
    return { outcome: "indeterminate", note: "several values, but the operator is for one" };
  }
  const { negated, family } = parsed.operator;
  const fitting = new Set<string>();
  const one = (value: string): Outcome => {
    const hits = policy.expected.map((expected): Outcome => {
      const hit = family.test(expected, value);
      if (hit) fitting.add(expected.written);
      return hit === null ? "indeterminate" : hit ? "match" : "no-match";
    });
    // An unresolved variable equals nothing; yet "equal to none of these" must not follow from its absence.
    if (negated && policy.missing !== null) hits.push("indeterminate");
    return negated ? negate(anyOf(hits)) : anyOf(hits);
  };
  const outcomes = actual.map(one);
  const outcome = parsed.quantifier === "ForAllValues" ? allOf(outcomes) : anyOf(outcomes);
  const fits = fitting.size > 0 ? { fits: [...fitting] } : {};
  if (outcome === "indeterminate" && policy.missing === null) {
    return { outcome, ...fits, note: `the value in the request is not one for ${parsed.name}` };
  }
  if (policy.missing !== null) return { outcome, ...fits, note: unresolved(policy.missing) };
  const strange = actual.find((_, at) => outcomes[at] === "no-match");
  return outcome === "no-match" && parsed.quantifier === "ForAllValues" && strange !== undefined
    ? { outcome, ...fits, note: `"${strange}" is one of the request's values` }
    : { outcome, ...fits };
}

interface ExpandedValues {
  expected: { written: string; text: string; pattern: readonly number[] }[];
  /** a variable whose key the request lacks */
  missing: string | null;
}

function expandAll(
  operator: Operator,
  values: string[],
  context: Context,
  version: Version,
): ExpandedValues | Verdict {
  const expected: ExpandedValues["expected"] = [];
  let missing: string | null = null;
  for (const value of values) {
    const expansion = expandVariables(value, operator.family.variables ? version : "2008-10-17", context);
    if (expansion.ok) {
      if (!operator.family.valid(expansion.text)) {
        return { outcome: "indeterminate", note: `"${expansion.text}" is not a value for the operator` };
      }
      expected.push({ written: value, text: expansion.text, pattern: expansion.pattern });
    } else if (expansion.why === "malformed") {
      return { outcome: "indeterminate", note: `"${expansion.variable}" is not a policy variable` };
    } else if (expansion.why === "unknown") {
      return { outcome: "unknown", dependsOn: [expansion.variable] };
    } else {
      missing = expansion.variable;
    }
  }
  return { expected, missing };
}

function missingKey(parsed: ParsedOperator, operator: Operator): Verdict {
  if (parsed.ifExists && parsed.quantifier === "ForAnyValue") {
    // "evaluate the condition element as true" says IfExists, "if the key does not exist, … false" ForAnyValue.
    return { outcome: "indeterminate", note: "ForAnyValue and IfExists disagree on a key that is not there" };
  }
  if (parsed.ifExists) return { outcome: "match" };
  if (parsed.quantifier === "ForAllValues") return { outcome: "match" };
  if (parsed.quantifier === "ForAnyValue") return { outcome: "no-match" };
  return { outcome: operator.negated ? "match" : "no-match" };
}

/** With an unresolved variable a match that rests on the key's absence is in doubt. */
function doubt(policy: ExpandedValues, parsed: ParsedOperator): Partial<Verdict> {
  if (policy.missing === null) return {};
  const natural = parsed.operator === null ? "no-match" : missingKey(parsed, parsed.operator).outcome;
  return natural === "match"
    ? { outcome: "indeterminate", note: unresolved(policy.missing) }
    : { note: unresolved(policy.missing) };
}

function unresolved(variable: string): string {
  return `the request has no single value for the variable ${variable}`;
}

/** `Null: "true"` wants the key absent, `"false"` present. */
function evaluateNull(values: string[], actual: readonly string[] | null): Verdict {
  if (actual?.every((value) => value === "")) {
    // The User Guide calls an empty value null, yet a tag with an empty value exists: not settled by AWS's text.
    return { outcome: "indeterminate", note: "the key is there with an empty value" };
  }
  const absent = actual === null;
  return {
    outcome: anyOf(values.map((text) => ((foldCase(text) === "true") === absent ? "match" : "no-match"))),
  };
}

function broken(operator: string, key: string, expected: string[], note: string): ElementResult {
  return { element: "Condition", outcome: "indeterminate", operator, key, expected, actual: null, note };
}

/** The value of a condition key as texts (`true` is `"true"`); null when it isn't one, or the list is empty. */
export function textsOf(value: unknown): string[] | null {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return null;
  const texts: string[] = [];
  for (const item of list) {
    if (typeof item !== "string" && typeof item !== "number" && typeof item !== "boolean") return null;
    texts.push(String(item));
  }
  return texts;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
