import { emptyLimit } from "./findings/limits.ts";
import { foldCase } from "./glob.ts";
import { type ParsedOperator, parseOperator, validValue } from "./operators.ts";

/** One condition of a statement: operator, key, values as written; or what stands where one should. */
export type ConditionPart = { operator: string; key: string; values: string[] } | { malformed: string };

/**
 * Text from a policy in quotes, with anything that could pass for something else escaped: quotes, backslashes, and
 * whatever is no printable ASCII, such as marks that are not seen, turn the line around or look like another letter.
 */
export function quote(text: string): string {
  return shown(text);
}

/** Any value of a document as JSON, escaped like `quote`; it says so where something is. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? "nothing";
  const plain = json.replace(
    /[^\x20-\x7e]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return plain === json ? json : `${plain} (where each \\u… is one character that is not plain ASCII)`;
}

/** `a`, `a and b`, `a, b and c`; says so when there is nothing. */
export function listPhrase(items: string[], word: "and" | "or"): string {
  if (items.length === 0) return "nothing";
  const last = items.at(-1) ?? "";
  return items.length === 1 ? last : `${items.slice(0, -1).join(", ")} ${word} ${last}`;
}

/** What stands between key and values; negated operators hold when no value fits. */
const RELATIONS: ReadonlyMap<string, string> = new Map([
  ["StringEquals", "is"],
  ["StringNotEquals", "is not"],
  ["StringEqualsIgnoreCase", "is (in any case)"],
  ["StringNotEqualsIgnoreCase", "is not (in any case)"],
  ["StringLike", "matches the pattern"],
  ["StringNotLike", "does not match the pattern"],
  ["NumericEquals", "equals the number"],
  ["NumericNotEquals", "does not equal the number"],
  ["NumericLessThan", "is less than"],
  ["NumericLessThanEquals", "is at most"],
  ["NumericGreaterThan", "is greater than"],
  ["NumericGreaterThanEquals", "is at least"],
  ["DateEquals", "is the time"],
  ["DateNotEquals", "is not the time"],
  ["DateLessThan", "is before"],
  ["DateLessThanEquals", "is no later than"],
  ["DateGreaterThan", "is after"],
  ["DateGreaterThanEquals", "is no earlier than"],
  ["Bool", "is the truth value"],
  ["BinaryEquals", "is the binary value"],
  ["IpAddress", "is an address in"],
  ["NotIpAddress", "is not an address in"],
  ["ArnEquals", "is an ARN matching"],
  ["ArnLike", "is an ARN matching"],
  ["ArnNotEquals", "is not an ARN matching"],
  ["ArnNotLike", "is not an ARN matching"],
]);

/**
 * One condition in words. Whatever makes it hold without a value (`…IfExists`, `ForAllValues:`, a negated operator)
 * or with any is said, because that is what readers overlook.
 */
export function conditionPhrase(part: ConditionPart): string {
  return conditionPhraseWith(part, true);
}

/** @param variables false: the document's Version takes variables as plain text */
export function conditionPhraseWith(part: ConditionPart, variables: boolean): string {
  if ("malformed" in part) return part.malformed;
  const parsed = parseOperator(part.operator);
  const key = quote(part.key);
  const values = part.values.map(quote);
  if (parsed === null) {
    return `${key} meets the unknown operator ${quote(part.operator)} for ${listPhrase(values, "or")}`;
  }
  if (parsed.operator === null) return nullPhrase(key, part.values);
  const relation = RELATIONS.get(parsed.name) ?? `meets ${parsed.name}`;
  const list = listPhrase(values, "or");
  const subject =
    parsed.quantifier === "ForAllValues"
      ? `every value of ${key}`
      : parsed.quantifier === "ForAnyValue"
        ? `at least one value of ${key}`
        : key;
  const absent = holdsWhenAbsent(parsed) ? ` (or ${key} is absent)` : "";
  const empty = leavesNobodyOut(parsed, part, variables) ? " (which every request with that key meets)" : "";
  return `${subject} ${relation} ${list}${empty}${absent}`;
}

/** Whether what reads like a limit is none: a key's own variable, all addresses, a pattern that every value fits. */
function leavesNobodyOut(
  parsed: ParsedOperator,
  { key, values }: { key: string; values: string[] },
  variables: boolean,
): boolean {
  const texts = values.filter((text) => validValue(parsed, text) && (variables || !text.includes("${")));
  return emptyLimit({ parsed, folded: foldCase(key), texts }) !== undefined;
}

function holdsWhenAbsent(parsed: ParsedOperator): boolean {
  if (parsed.ifExists || parsed.quantifier === "ForAllValues") return true;
  return parsed.quantifier === null && parsed.operator?.negated === true;
}

function nullPhrase(key: string, values: string[]): string {
  const phrases = values.map((value) => {
    const folded = value.toLowerCase();
    if (folded === "true") return "absent";
    return folded === "false" ? "present" : `meets the unknown Null value ${quote(value)}`;
  });
  return `${key} is ${listPhrase(phrases, "or")}`;
}
