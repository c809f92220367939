import { json } from "./catalogue/json.ts";
import type { FindingEntry } from "./entry.ts";

/** Every finding that the product knows: what a person reads, the documentation and the tests come from here. */
export const catalogue = { ...json } as const;

export type FindingId = keyof typeof catalogue;

/** The row of an id. */
export function entryOf(id: FindingId): FindingEntry {
  return catalogue[id];
}
