import { foldCase } from "./glob.ts";

export interface Problem {
  /** where, e.g. `Statement[0].Action`; empty for the whole document */
  path: string;
  message: string;
}

export type ParsedJson = { ok: true; value: unknown } | { ok: false; problems: Problem[] };

/** More than twice the largest policy that AWS stores (KMS: 32 KB). */
export const MAX_POLICY_LENGTH = 65_536;
/** Document, statements, statement, condition, operator, values: a policy needs 6. */
export const MAX_POLICY_DEPTH = 12;

/**
 * Reads policy JSON as written by somebody else. Stricter than `JSON.parse`, which keeps the last of two equal
 * keys, so that what a person reads and what a machine takes could differ: an object with two keys that are equal,
 * or differ in case only, is refused. Length and depth are checked before anything is parsed.
 *
 * @returns the value, or why not and where; never throws
 */
export function parsePolicyJson(text: string): ParsedJson {
  const fail = (message: string, path = ""): ParsedJson => ({ ok: false, problems: [{ path, message }] });
  if (text.length > MAX_POLICY_LENGTH)
    return fail(`The document is longer than ${MAX_POLICY_LENGTH} characters.`);
  if (depthOf(text) > MAX_POLICY_DEPTH)
    return fail(`The document is nested deeper than ${MAX_POLICY_DEPTH} levels.`);
  try {
    return { ok: true, value: new Reader(text).document() };
  } catch (error) {
    if (error instanceof Refusal) return fail(error.message, error.path);
    throw error;
  }
}

class Refusal extends Error {
  readonly path: string;
  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

/** The deepest nesting of brackets outside strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") deepest = Math.max(deepest, ++depth);
    else if (char === "}" || char === "]") depth -= 1;
  }
  return deepest;
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SCALAR = /true|false|null|-?\d[\d.eE+-]*/y;

/** A JSON reader that sees every key. Tokens are decoded by `JSON.parse`, which knows the escapes. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value("");
    this.#take(SPACE);
    if (this.#at < this.#text.length) throw this.#unexpected("");
    return value;
  }

  #value(path: string): unknown {
    this.#take(SPACE);
    const next = this.#text[this.#at];
    if (next === "{") return this.#object(path);
    if (next === "[") return this.#array(path);
    return next === '"' ? this.#string(path) : this.#decode(this.#take(SCALAR), path);
  }

  #object(path: string): unknown {
    const entries: [string, unknown][] = [];
    const seen = new Map<string, string>();
    this.#at += 1;
    if (this.#next("}")) return {};
    do {
      this.#take(SPACE);
      const key = this.#string(path);
      const twin = seen.get(foldCase(key));
      if (twin !== undefined) {
        const how = twin === key ? `"${key}" twice` : `"${twin}" and "${key}", which differ in case only`;
        throw new Refusal(`An object has ${how}.`, path);
      }
      seen.set(foldCase(key), key);
      if (!this.#next(":")) throw this.#unexpected(path);
      entries.push([key, this.#value(path === "" ? key : `${path}.${key}`)]);
    } while (this.#next(","));
    if (!this.#next("}")) throw this.#unexpected(path);
    // Own properties, also for a key such as __proto__.
    return Object.fromEntries(entries);
  }

  #array(path: string): unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    if (this.#next("]")) return items;
    do items.push(this.#value(`${path}[${items.length}]`));
    while (this.#next(","));
    if (!this.#next("]")) throw this.#unexpected(path);
    return items;
  }

  #string(path: string): string {
    return String(this.#decode(this.#take(STRING), path));
  }

  #decode(token: string, path: string): unknown {
    try {
      return JSON.parse(token) as unknown;
    } catch {
      throw this.#unexpected(path);
    }
  }

  #next(char: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #take(token: RegExp): string {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #unexpected(path: string): Refusal {
    return new Refusal(`This is not JSON at character ${this.#at + 1}.`, path);
  }
}
