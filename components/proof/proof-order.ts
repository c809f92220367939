import type { ProvenRow } from "#lib/model/proven-access.ts";

/** Somebody other than the workload who is kept out, as they should be: what a reader need not read row by row. */
function isPlainRefusal({ who, ok, outcome, change }: ProvenRow): boolean {
  return ok && outcome === "refused" && change !== "ends" && who !== "workload" && who !== "workload-beyond";
}

function rank({ who, ok, outcome, byOthers }: ProvenRow): number {
  if (outcome === "unknown") return 1;
  if (!ok) return 0;
  if (outcome === "allowed") return who === "workload" ? 2 : who === "others-in-parts" || byOthers ? 3 : 4;
  return 5;
}

/** Of the same rank whoever is most comes first. */
function width({ who }: ProvenRow): number {
  return who === "anonymous" ? 0 : who === "others-in-parts" || who === "somebody-else" ? 1 : 2;
}

function byUrgency(a: ProvenRow, b: ProvenRow): number {
  return rank(a) - rank(b) || width(a) - width(b);
}

/** What is not as it should be, then what is not known, then who gets in; the plain refusals apart. */
export function proofOrder(rows: readonly ProvenRow[]): { first: ProvenRow[]; refused: ProvenRow[] } {
  const refused = rows.filter(isPlainRefusal);
  // One or two take no more room than the line that would stand for them.
  if (refused.length <= 2) return { first: rows.toSorted(byUrgency), refused: [] };
  const first = rows.filter((row) => !isPlainRefusal(row)).toSorted(byUrgency);
  return { first, refused };
}

/** "8 others are refused, as they should be" */
export function refusedWords(refused: readonly ProvenRow[]): string {
  return `${refused.length} others are refused, as they should be`;
}
