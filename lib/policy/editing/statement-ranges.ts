import { isRecord } from "../conditions.ts";
import type { TextRange } from "../findings/finding.ts";
import { readJson } from "../findings/json-source.ts";

/** Where the statements of a policy's text stand, in their order; empty where there are none. */
export function statementRanges(text: string): TextRange[] {
  const source = readJson(text);
  if (source.value === null || !isRecord(source.value.json)) return [];
  const { Statement: written } = source.value.json;
  if (Array.isArray(written)) return written.map((_, index) => source.rangeOf(["Statement", index]));
  return written === undefined ? [] : [source.rangeOf(["Statement"])];
}
