import { readJson } from "./findings/json-source.ts";

export interface Problem {
  /** where, e.g. `Statement[0].Action`; empty for the whole document */
  path: string;
  message: string;
}

export type ParsedJson = { ok: true; value: unknown } | { ok: false; problems: Problem[] };

/**
 * Reads policy JSON as written by somebody else. Stricter than `JSON.parse`, which keeps the last of two equal
 * keys, so that what a person reads and what a machine takes could differ: an object with two keys that are equal,
 * or differ in case only, is refused. Length and depth are checked before anything is parsed.
 *
 * @returns the value, or why not and where; never throws
 */
export function parsePolicyJson(text: string): ParsedJson {
  const { value, problems } = readJson(text);
  if (problems.length === 0 && value !== null) return { ok: true, value: value.json };
  return {
    ok: false,
    problems: problems.map(({ path, detail }) => ({ path: dotted(path), message: detail })),
  };
}

/** `Statement[0].Action`. */
export function dotted(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}
