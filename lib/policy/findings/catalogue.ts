import { accessAnalyzer } from "./catalogue/access-analyzer.ts";
import { action, resource } from "./catalogue/action.ts";
import { condition } from "./catalogue/condition.ts";
import { grammar } from "./catalogue/grammar.ts";
import { json } from "./catalogue/json.ts";
import { preflight } from "./catalogue/preflight.ts";
import { principal } from "./catalogue/principal.ts";
import { escalation, exposure, redundancy, size } from "./catalogue/risk.ts";
import { serviceAccount } from "./catalogue/service-account.ts";
import { trust } from "./catalogue/trust.ts";
import type { FindingEntry } from "./entry.ts";

/** Every finding that the product knows: what a person reads, the documentation and the tests come from here. */
export const catalogue = {
  ...json,
  ...grammar,
  ...action,
  ...resource,
  ...condition,
  ...principal,
  ...trust,
  ...escalation,
  ...exposure,
  ...redundancy,
  ...size,
  ...serviceAccount,
  ...preflight,
  ...accessAnalyzer,
};

export type FindingId = keyof typeof catalogue;

/** The row of an id. */
export function entryOf(id: FindingId): FindingEntry {
  return catalogue[id];
}

/** All ids, in the catalogue's order. */
export const findingIds = Object.keys(catalogue) as FindingId[];
