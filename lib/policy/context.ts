import { fits, foldCase, globPattern, literalPattern, type Pattern } from "./glob.ts";

/** The request context by folded key. */
export interface Context {
  /** The key's values; undefined when the request has none; `unknown` when it may have some that nobody here knows. */
  get(foldedKey: string): readonly string[] | "unknown" | undefined;
  /** Of an unknown key: the values of which it has one, where so much is known. */
  possible(foldedKey: string): readonly string[] | undefined;
  /** Of an unknown key: how its value begins, where so much is known. */
  beginning(foldedKey: string): string | undefined;
}

/** What is known of a request's context. */
export interface KnownContext {
  context: Record<string, string | string[]>;
  unknownKeys?: readonly string[];
  absentKeys?: readonly string[];
  possibleValues?: Readonly<Record<string, readonly string[]>>;
  /** Of the unknown keys, the ones of which it is known how their value begins, by folded key. */
  beginnings?: Readonly<Record<string, string>>;
}

/**
 * The request context for look-up: key names are not case-sensitive (IAM User Guide, "Condition").
 * Two keys that differ in case only would leave it open which value counts; the answer is then the key.
 */
export function readContext({
  context: record,
  unknownKeys = [],
  absentKeys = [],
  possibleValues = {},
  beginnings = {},
}: KnownContext): { ok: true; context: Context } | { ok: false; key: string } {
  const context = new Map<string, readonly string[]>();
  const seen = new Set<string>();
  for (const [key, value] of Object.entries(record)) {
    const folded = foldCase(key);
    if (seen.has(folded)) return { ok: false, key };
    seen.add(folded);
    const values = Array.isArray(value) ? value : [value];
    if (values.length > 0 && value !== undefined) context.set(folded, values);
  }
  if (unknownKeys.length === 0) {
    return {
      ok: true,
      context: { get: (key) => context.get(key), possible: () => undefined, beginning: () => undefined },
    };
  }
  const possible = new Map(Object.entries(possibleValues).map(([key, values]) => [foldCase(key), values]));
  const unknown = unknownKeys.map((key) => globPattern(foldCase(key)));
  const absent = absentKeys.map((key) => globPattern(foldCase(key)));
  const within = (patterns: Pattern[], key: string) => patterns.some((pattern) => fits(pattern, key));
  return {
    ok: true,
    context: {
      get: (key) =>
        context.get(key) ??
        (seen.has(key) || !within(unknown, key) || within(absent, key) ? undefined : "unknown"),
      possible: (key) => possible.get(key),
      beginning: (key) => beginnings[key],
    },
  };
}

export type Expansion =
  | { ok: true; text: string; pattern: Pattern }
  | { ok: false; why: "missing" | "unknown" | "malformed"; variable: string };

/** Words and the spaces between them apart, so that a long run of spaces is read once and not cubed. */
const VARIABLE = /^\$\{\s*([^{},'"$\s]+(?:\s+[^{},'"$\s]+)*)\s*(?:,\s*'([^']*)'\s*)?\}/;
const ESCAPE = /^\$\{([*?$])\}/;

/**
 * A policy value with its variables replaced: `${aws:PrincipalTag/team}`, `${key, 'default'}` and the escapes
 * `${*}`, `${?}`, `${$}`. Only Version 2012-10-17 has variables; in an older document they are literal text.
 * `text` is for exact comparison (wildcards are ordinary characters in it), `pattern` for Like and Resource.
 *
 * A key that is absent, or has several values (variables take single-valued keys only), and has no default
 * makes the value unusable: `missing`; one that nobody here knows: `unknown`. A `${` which is no variable is
 * `malformed`.
 *
 * Source: IAM User Guide, "IAM policy elements: Variables and tags".
 */
export function expandVariables(value: string, version: string, context: Context): Expansion {
  if (version !== "2012-10-17" || !value.includes("${")) {
    return { ok: true, text: value, pattern: globPattern(value) };
  }
  let text = "";
  let unknown: string | null = null;
  const pattern: number[] = [];
  let at = 0;
  while (at < value.length) {
    const next = value.indexOf("${", at);
    const plain = value.slice(at, next < 0 ? value.length : next);
    text += plain;
    pattern.push(...globPattern(plain));
    if (next < 0) break;
    const escaped = ESCAPE.exec(value.slice(next, next + 4))?.[1];
    if (escaped !== undefined) {
      text += escaped;
      pattern.push(...literalPattern(escaped));
      at = next + 4;
      continue;
    }
    const found = VARIABLE.exec(value.slice(next));
    const key = found?.[1];
    if (found === null || key === undefined) {
      return { ok: false, why: "malformed", variable: value.slice(next) };
    }
    const values = context.get(foldCase(key));
    if (values === "unknown") {
      // Read on: what is malformed further on is so whatever the value.
      unknown ??= key;
      at = next + found[0].length;
      continue;
    }
    const single = values === undefined ? found[2] : values.length === 1 ? values[0] : undefined;
    if (single === undefined) return { ok: false, why: "missing", variable: key };
    text += single;
    // Literal: a tag whose value is "*" must not turn into a wildcard.
    pattern.push(...literalPattern(single));
    at = next + found[0].length;
  }
  return unknown === null ? { ok: true, text, pattern } : { ok: false, why: "unknown", variable: unknown };
}
