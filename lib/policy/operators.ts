import { fits, foldCase, type Pattern } from "./glob.ts";
import { inCidr, parseCidr } from "./ip.ts";
import { memoized } from "./memo.ts";

/** A policy value after its variables were replaced. */
interface Expected {
  text: string;
  pattern: Pattern;
}

/** How values of one family are compared. `null` from `test`: the value in the request is malformed. */
interface Family {
  /** policy variables may stand in its values: string and ARN operators only */
  variables: boolean;
  /** whether the policy's value is well-formed */
  valid(text: string): boolean;
  test(expected: Expected, actual: string): boolean | null;
}

export interface Operator {
  family: Family;
  negated: boolean;
}

function string(test: (expected: Expected, actual: string) => boolean): Family {
  return { variables: true, valid: () => true, test };
}

/** A family whose values are numbers underneath. */
function ordered(
  parse: (text: string) => number | null,
  test: (expected: number, actual: number) => boolean,
): Family {
  return {
    variables: false,
    valid: (text) => parse(text) !== null,
    test(expected, actual) {
      const left = parse(expected.text);
      const right = parse(actual);
      return left === null || right === null ? null : test(left, right);
    },
  };
}

function parseNumber(text: string): number | null {
  return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : null;
}

const ISO_DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?(?:Z|([+-])(\d{2}):?(\d{2})))?)?)?$/;

/**
 * Milliseconds since 1970 of a W3C ISO 8601 date or of epoch seconds; null when it is neither or no such day
 * exists. A time without an offset is refused: which zone it means would be a guess.
 */
export function parseDate(text: string): number | null {
  if (/^(0|\d{9,11})(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const found = ISO_DATE.exec(text);
  if (found === null) return null;
  const part = (at: number, fallback: number): number =>
    found[at] === undefined ? fallback : Number(found[at]);
  const [year, month, day] = [part(1, 0), part(2, 1), part(3, 1)];
  const [hour, minute, second] = [part(4, 0), part(5, 0), part(6, 0)];
  if (hour > 23 || minute > 59 || second > 59 || part(9, 0) > 23 || part(10, 0) > 59) return null;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
  const offset = (part(9, 0) * 60 + part(10, 0)) * (found[8] === "-" ? -1 : 1);
  return midnight.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + part(7, 0) * 1000;
}

function parseBoolean(text: string): boolean | null {
  const folded = foldCase(text);
  return folded === "true" ? true : folded === "false" ? false : null;
}

/** The five segments before the resource, and the resource, which may hold colons of its own. */
function segmentsOf<T>(parts: T[], join: (rest: T[]) => T): T[] | null {
  return parts.length < 6 ? null : [...parts.slice(0, 5), join(parts.slice(5))];
}

function splitPattern(pattern: Pattern): Pattern[] | null {
  const parts: number[][] = [[]];
  for (const code of pattern) {
    if (code === 58 && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(code);
  }
  return parts.length < 6 ? null : parts;
}

const ARN: Family = {
  variables: true,
  valid: (text) => text.startsWith("arn:") && text.split(":").length >= 6,
  // "Each of the six colon-delimited components of the ARN is checked separately", so no wildcard crosses one.
  test(expected, actual) {
    const patterns = splitPattern(expected.pattern);
    const segments = segmentsOf(actual.split(":"), (rest) => rest.join(":"));
    if (patterns === null || segments === null) return null;
    return segments.every((segment, at) => fits(patterns[at] ?? [], segment));
  },
};

const IP: Family = {
  variables: false,
  valid: (text) => parseCidr(text) !== null,
  test: (expected, actual) => inCidr(expected.text, actual),
};

const BOOL: Family = {
  variables: false,
  valid: (text) => parseBoolean(text) !== null,
  test(expected, actual) {
    const value = parseBoolean(actual);
    return value === null ? null : value === parseBoolean(expected.text);
  },
};

const BINARY: Family = {
  variables: false,
  valid: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  test: (expected, actual) => expected.text === actual,
};

const EXACT = string((expected, actual) => expected.text === actual);
const IGNORE_CASE = string((expected, actual) => foldCase(expected.text) === foldCase(actual));
const LIKE = string((expected, actual) => fits(expected.pattern, actual));

function comparisons(prefix: string, parse: (text: string) => number | null): [string, Operator][] {
  const make = (test: (expected: number, actual: number) => boolean, negated = false): Operator => ({
    family: ordered(parse, test),
    negated,
  });
  return [
    [`${prefix}Equals`, make((expected, actual) => actual === expected)],
    [`${prefix}NotEquals`, make((expected, actual) => actual === expected, true)],
    [`${prefix}LessThan`, make((expected, actual) => actual < expected)],
    [`${prefix}LessThanEquals`, make((expected, actual) => actual <= expected)],
    [`${prefix}GreaterThan`, make((expected, actual) => actual > expected)],
    [`${prefix}GreaterThanEquals`, make((expected, actual) => actual >= expected)],
  ];
}

/** Every operator but `Null`, spelled as in IAM User Guide, "Condition operators". */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ["StringEquals", { family: EXACT, negated: false }],
  ["StringNotEquals", { family: EXACT, negated: true }],
  ["StringEqualsIgnoreCase", { family: IGNORE_CASE, negated: false }],
  ["StringNotEqualsIgnoreCase", { family: IGNORE_CASE, negated: true }],
  ["StringLike", { family: LIKE, negated: false }],
  ["StringNotLike", { family: LIKE, negated: true }],
  ...comparisons("Numeric", parseNumber),
  ...comparisons("Date", parseDate),
  ["Bool", { family: BOOL, negated: false }],
  ["BinaryEquals", { family: BINARY, negated: false }],
  ["IpAddress", { family: IP, negated: false }],
  ["NotIpAddress", { family: IP, negated: true }],
  ["ArnEquals", { family: ARN, negated: false }],
  ["ArnLike", { family: ARN, negated: false }],
  ["ArnNotEquals", { family: ARN, negated: true }],
  ["ArnNotLike", { family: ARN, negated: true }],
] satisfies [string, Operator][]);

/** All that may be followed by `IfExists` or preceded by a quantifier, and `Null`. */
export const operatorNames: readonly string[] = [...OPERATORS.keys(), "Null"];

const BY_FOLDED_NAME = new Map(
  [...OPERATORS].map(([name, operator]) => [foldCase(name), { name, operator }]),
);

export interface ParsedOperator {
  quantifier: "ForAnyValue" | "ForAllValues" | null;
  ifExists: boolean;
  /** spelled as AWS does */
  name: string;
  /** null: `Null` */
  operator: Operator | null;
}

/**
 * An operator as written, e.g. `ForAllValues:StringLikeIfExists`; null when IAM has no such operator. Case is
 * ignored: where IAM accepted a document with another spelling, it meant the operator.
 */
export const parseOperator: (written: string) => ParsedOperator | null = memoized((written) => {
  const found = /^(?:(foranyvalue|forallvalues):)?([a-z]+?)(ifexists)?$/.exec(foldCase(written));
  const base = found?.[2];
  if (base === undefined) return null;
  const quantifier =
    found?.[1] === undefined ? null : found[1] === "foranyvalue" ? "ForAnyValue" : "ForAllValues";
  const ifExists = found?.[3] !== undefined;
  if (base === "null") {
    return quantifier !== null || ifExists ? null : { quantifier, ifExists, name: "Null", operator: null };
  }
  const known = BY_FOLDED_NAME.get(base);
  return known === undefined ? null : { quantifier, ifExists, ...known };
});

/** The one spelling under which AWS documents the operator. */
export function spellingOf(parsed: ParsedOperator): string {
  return `${parsed.quantifier === null ? "" : `${parsed.quantifier}:`}${parsed.name}${parsed.ifExists ? "IfExists" : ""}`;
}

/** Whether values of this operator are well-formed; `Null` takes true and false. */
export function validValue(parsed: ParsedOperator, text: string): boolean {
  if (parsed.operator === null) return parseBoolean(text) !== null;
  const { family } = parsed.operator;
  // With variables in it a value can only be judged once they are replaced.
  return (family.variables && text.includes("${")) || family.valid(text);
}
