import { type ParsedOperator, parseOperator } from "./operators.ts";

/** One condition of a statement: operator, key, values as written; or what stands where one should. */
export type ConditionPart = { operator: string; key: string; values: string[] } | { malformed: string };

/** Text from a policy in quotes, with anything that could pass for something else escaped. */
export function quote(text: string): string {
  return JSON.stringify(text);
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
 * is said, because that is what readers overlook.
 */
export function conditionPhrase(part: ConditionPart): string {
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
  return `${subject} ${relation} ${list}${absent}`;
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
