import { diffArrays, diffWordsWithSpace } from "diff";

export type DiffPart = { text: string; changed: boolean };

export type DiffRow =
  | { kind: "same"; before: number; after: number; text: string }
  | { kind: "removed"; before: number; parts: DiffPart[] }
  | { kind: "added"; after: number; parts: DiffPart[] };

/** Changed rows and the unchanged ones near them, or a stretch of unchanged rows that is folded away. */
export type DiffChunk = { folded: boolean; rows: DiffRow[] };

export type Diff = { chunks: DiffChunk[]; added: number; removed: number };

/** A unified line diff. `context` unchanged lines stay in sight around each change. */
export function diffTexts(before: string, after: string, context: number): Diff {
  const rows = toRows(before, after);
  return {
    chunks: fold(rows, context),
    added: rows.filter((row) => row.kind === "added").length,
    removed: rows.filter((row) => row.kind === "removed").length,
  };
}

/** In JSON a comma comes or goes with the next element: the line says the same. */
function isSameLine(before: string, after: string): boolean {
  return before.replace(/,$/, "") === after.replace(/,$/, "");
}

function splitLines(text: string): string[] {
  if (text === "") return [];
  return text.replace(/\n$/, "").split("\n");
}

function toRows(before: string, after: string): DiffRow[] {
  const rows: DiffRow[] = [];
  let beforeLine = 0;
  let afterLine = 0;
  const changes = diffArrays(splitLines(before), splitLines(after), { comparator: isSameLine });

  for (let index = 0; index < changes.length; index++) {
    const change = changes[index];
    if (!change) continue;
    const lines = change.value;
    if (change.removed) {
      const next = changes[index + 1];
      const added = next?.added ? next.value : [];
      const pairs =
        lines.length === added.length ? lines.map((line, at) => wordDiff(line, added[at] ?? "")) : null;
      lines.forEach((line, at) => {
        beforeLine += 1;
        rows.push({ kind: "removed", before: beforeLine, parts: pairs?.[at]?.removed ?? whole(line) });
      });
      added.forEach((line, at) => {
        afterLine += 1;
        rows.push({ kind: "added", after: afterLine, parts: pairs?.[at]?.added ?? whole(line) });
      });
      if (added.length > 0) index += 1;
    } else if (change.added) {
      for (const line of lines) {
        afterLine += 1;
        rows.push({ kind: "added", after: afterLine, parts: whole(line) });
      }
    } else {
      for (const text of lines) {
        beforeLine += 1;
        afterLine += 1;
        rows.push({ kind: "same", before: beforeLine, after: afterLine, text });
      }
    }
  }
  return rows;
}

function whole(text: string): DiffPart[] {
  return [{ text, changed: false }];
}

/** Marks the words that differ, unless nearly the whole line does. */
function wordDiff(before: string, after: string): { removed: DiffPart[]; added: DiffPart[] } {
  const changes = diffWordsWithSpace(before, after);
  const kept = changes.filter((change) => !change.added && !change.removed);
  const keptLength = kept.reduce((sum, change) => sum + change.value.trim().length, 0);
  if (keptLength < Math.max(before.trim().length, after.trim().length) * 0.3) {
    return { removed: whole(before), added: whole(after) };
  }
  const side = (drop: "added" | "removed") =>
    changes
      .filter((change) => !change[drop])
      .map((change) => ({ text: change.value, changed: Boolean(change.added || change.removed) }));
  return { removed: side("added"), added: side("removed") };
}

function fold(rows: DiffRow[], context: number): DiffChunk[] {
  const near = rows.map(() => false);
  rows.forEach((row, index) => {
    if (row.kind === "same") return;
    for (let at = Math.max(0, index - context); at <= Math.min(rows.length - 1, index + context); at++)
      near[at] = true;
  });
  const chunks: DiffChunk[] = [];
  rows.forEach((row, index) => {
    const folded = near[index] !== true;
    const last = chunks.at(-1);
    if (last && last.folded === folded) last.rows.push(row);
    else chunks.push({ folded, rows: [row] });
  });
  // Folding one or two lines saves nothing.
  return chunks.map((chunk) => (chunk.folded && chunk.rows.length < 3 ? { ...chunk, folded: false } : chunk));
}
