import { type ParseErrorCode, printParseErrorCode, visit } from "jsonc-parser";
import { foldCase } from "../glob.ts";
import { type Draft, type Path, pointerOf, type TextPosition, type TextRange } from "./finding.ts";
import { whatInstead } from "./not-json.ts";

/** More than twice the largest policy that AWS stores (KMS: 32 KB). */
export const MAX_POLICY_LENGTH = 65_536;
/** Document, statements, statement, condition, operator, values: a policy needs 6. */
export const MAX_POLICY_DEPTH = 12;

interface Span {
  offset: number;
  length: number;
}

/** A JSON text as it is written. */
export interface JsonSource {
  /** The value, unless the text is so broken that it has none; of two equal keys the last. */
  value: { json: unknown } | null;
  problems: Draft[];
  /** Where the value, or its key, stands; the nearest thing around it if it isn't there. */
  rangeOf(path: Path, onKey?: boolean): TextRange;
  rangeAt(span: Span): TextRange;
}

/**
 * Reads JSON as a person wrote it, seeing what `JSON.parse` hides or gives up at: keys that are equal or differ in case
 * only, trailing commas, comments, each with its place. Length and depth are checked before anything is parsed, so that
 * a text of any size is answered at once. Never throws.
 */
export function readJson(text: string): JsonSource {
  const refuse = (id: "json.too-long" | "json.too-deep", detail: string): JsonSource => {
    const start = { offset: 0, line: 1, column: 1 };
    const nowhere = () => ({ start, end: start });
    return { value: null, problems: [{ id, path: [], detail }], rangeOf: nowhere, rangeAt: nowhere };
  };
  if (text.length > MAX_POLICY_LENGTH) {
    return refuse("json.too-long", `The document is longer than ${MAX_POLICY_LENGTH} characters.`);
  }
  if (depthOf(text) > MAX_POLICY_DEPTH) {
    return refuse("json.too-deep", `The document is nested deeper than ${MAX_POLICY_DEPTH} levels.`);
  }
  const reader = new Reader(text);
  const position = positions(text);
  const rangeAt = ({ offset, length }: Span): TextRange => ({
    start: position(offset),
    end: position(offset + length),
  });
  return {
    value: reader.value,
    problems: reader.problems,
    rangeAt,
    rangeOf: (path, onKey) => rangeAt(reader.spanOf(path, onKey)),
  };
}

/** The deepest nesting of brackets outside strings. */
export function depthOf(text: string): number {
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

/** An object or list that is being read. */
interface Container {
  path: Path;
  pointer: string;
  offset: number;
  entries: [string, unknown][];
  /** Keys so far by their folded form; null: a list. */
  keys: Map<string, string> | null;
  key: string;
}

class Reader {
  value: { json: unknown } | null = null;
  readonly problems: Draft[] = [];
  readonly #text: string;
  readonly #values = new Map<string, Span>();
  readonly #keys = new Map<string, Span>();
  readonly #open: Container[] = [];
  /** A comma after which nothing has come yet. */
  #comma: number | null = null;
  #broken = false;

  constructor(text: string) {
    this.#text = text;
    visit(
      text,
      {
        onObjectBegin: (offset) => this.#begin(offset, new Map()),
        onObjectProperty: (name, offset, length) => this.#property(name, { offset, length }),
        onObjectEnd: (offset, length) => this.#end(offset + length),
        onArrayBegin: (offset) => this.#begin(offset, null),
        onArrayEnd: (offset, length) => this.#end(offset + length),
        onLiteralValue: (value, offset, length) => this.#take(value, { offset, length }),
        onSeparator: (character, offset) => {
          if (character === ",") this.#comma = offset;
        },
        onComment: (offset, length) =>
          this.#problem("json.comment", "JSON has no comments.", { offset, length }),
        onError: (code, offset, length) => this.#error(code, { offset, length }),
      },
      { allowTrailingComma: true },
    );
    if (this.#broken) this.value = null;
  }

  spanOf(path: Path, onKey = false): Span {
    const pointer = pointerOf(path);
    const span = (onKey ? this.#keys.get(pointer) : undefined) ?? this.#values.get(pointer);
    if (span !== undefined) return span;
    return path.length === 0 ? { offset: 0, length: this.#text.length } : this.spanOf(path.slice(0, -1));
  }

  #path(): Path {
    const parent = this.#open.at(-1);
    if (parent === undefined) return [];
    return [...parent.path, parent.keys === null ? parent.entries.length : parent.key];
  }

  #pointer(): string {
    const parent = this.#open.at(-1);
    if (parent === undefined) return "";
    return parent.pointer + pointerOf([parent.keys === null ? parent.entries.length : parent.key]);
  }

  #begin(offset: number, keys: Container["keys"]): void {
    this.#comma = null;
    this.#open.push({ path: this.#path(), pointer: this.#pointer(), offset, entries: [], keys, key: "" });
  }

  #property(name: string, span: Span): void {
    this.#comma = null;
    const object = this.#open.at(-1);
    if (object?.keys == null) return;
    const twin = object.keys.get(foldCase(name));
    if (twin === name) {
      this.#problem("json.duplicate-key", `An object has ${JSON.stringify(name)} twice.`, span, object.path);
    } else if (twin !== undefined) {
      const both = `${JSON.stringify(twin)} and ${JSON.stringify(name)}`;
      const detail = `An object has ${both}, which differ in case only.`;
      this.#problem("json.case-variant-key", detail, span, object.path);
    }
    object.keys.set(foldCase(name), name);
    object.key = name;
    this.#keys.set(this.#pointer(), span);
  }

  #end(endOffset: number): void {
    const closed = this.#open.pop();
    if (closed === undefined) return;
    if (this.#comma !== null) {
      const span = { offset: this.#comma, length: 1 };
      this.#problem("json.trailing-comma", "A comma stands before a closing bracket.", span, closed.path);
    }
    const json =
      closed.keys === null
        ? closed.entries.map(([, item]) => item)
        : // Own properties, also for a key such as __proto__.
          Object.fromEntries(closed.entries);
    this.#take(json, { offset: closed.offset, length: endOffset - closed.offset });
  }

  #take(json: unknown, span: Span): void {
    this.#comma = null;
    this.#values.set(this.#pointer(), span);
    const parent = this.#open.at(-1);
    if (parent === undefined) this.value = { json };
    else parent.entries.push([parent.key, json]);
  }

  /** What follows the first error mostly follows from it. */
  #error(code: ParseErrorCode, span: Span): void {
    if (!this.#broken) this.#problem("json.syntax", this.#syntaxDetail(code, span.offset), span);
    this.#broken = true;
  }

  #syntaxDetail(code: ParseErrorCode, offset: number): string {
    const instead = whatInstead(this.#text, offset);
    if (instead) return `This is not JSON at character ${offset + 1}. ${instead}`;
    const words = printParseErrorCode(code)
      .replace(/([a-z])([A-Z])/g, "$1 $2")
      .toLowerCase();
    return `This is not JSON at character ${offset + 1}: ${words}.`;
  }

  #problem(id: Draft["id"], detail: string, at: Span, path: Path = this.#path()): void {
    if (this.#broken) return;
    this.problems.push({ id, path, detail, at });
  }
}

function positions(text: string): (offset: number) => TextPosition {
  const starts = [0];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\n" || (char === "\r" && text[at + 1] !== "\n")) starts.push(at + 1);
  }
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { offset, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
