import { isRecord } from "../conditions.ts";
import type { TextRange } from "../findings/finding.ts";
import { readJson } from "../findings/json-source.ts";

/** Where the statement with this place, from 0, stands in a policy's text; null where there is none. */
export function statementRange(text: string, index: number): TextRange | null {
  const source = readJson(text);
  if (source.value === null || !isRecord(source.value.json)) return null;
  const { Statement: written } = source.value.json;
  if (Array.isArray(written)) return index < written.length ? source.rangeOf(["Statement", index]) : null;
  return written !== undefined && index === 0 ? source.rangeOf(["Statement"]) : null;
}
