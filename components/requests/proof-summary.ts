import type { ProvenRow } from "#lib/model/proven-access.ts";

/** A proof in one line: "1 allowed, 7 refused; 2 new; 1 unknown, depends on SCPs of 444455556666". */
export function proofLine(rows: readonly ProvenRow[]): { text: string; wrong: number } {
  const count = (test: (row: ProvenRow) => boolean) => rows.filter(test).length;
  const unknown = rows.filter(({ outcome }) => outcome === "unknown");
  const dependsOn = [...new Set(unknown.flatMap((row) => row.dependsOn))];
  const fresh = count(({ change }) => change === "new");
  const ends = count(({ change }) => change === "ends");
  const parts = [
    `${count(({ outcome }) => outcome === "allowed")} allowed, ${count(({ outcome }) => outcome === "refused")} refused`,
    ...(fresh > 0 ? [`${fresh} new`] : []),
    ...(ends > 0 ? [`${ends} ${ends === 1 ? "ends" : "end"}`] : []),
    ...(unknown.length > 0
      ? [`${unknown.length} unknown${dependsOn.length > 0 ? `, depends on ${several(dependsOn)}` : ""}`]
      : []),
  ];
  return {
    text: parts.join("; "),
    wrong: count(({ ok, outcome }) => !ok && outcome !== "unknown"),
  };
}

function several(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return `${names.slice(0, 3).join(", ")}${more}`;
}
