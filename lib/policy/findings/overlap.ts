import { fits, globPattern, hasWildcard } from "../glob.ts";

/** Whether `text` fits `glob`, case-sensitively. */
export function globFits(glob: string, text: string): boolean {
  return hasWildcard(glob) ? fits(globPattern(glob), text) : glob === text;
}

/** Whether two globs (`*`, `?`) have a text in common that both fit. Steps are at most the product of their lengths. */
export function globsOverlap(left: string, right: string): boolean {
  // Most pairs differ before the first wildcard of either.
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const [a = "", b = ""] = [left[at], right[at]];
    if (a === "*" || a === "?" || b === "*" || b === "?") break;
    if (a !== b) return false;
  }
  const width = right.length + 1;
  const seen = new Uint8Array((left.length + 1) * width);
  const stack = [0];
  while (stack.length > 0) {
    const state = stack.pop() ?? 0;
    if (seen[state] === 1) continue;
    seen[state] = 1;
    const [l, r] = [Math.floor(state / width), state % width];
    if (l === left.length && r === right.length) return true;
    const [a, b] = [left[l], right[r]];
    // A run may end here, or swallow whatever the other side has next.
    if (a === "*") stack.push(state + width);
    if (b === "*") stack.push(state + 1);
    if (a === "*" && b !== undefined && b !== "*") stack.push(state + 1);
    if (b === "*" && a !== undefined && a !== "*") stack.push(state + width);
    const [literalA, literalB] = [a !== undefined && a !== "*", b !== undefined && b !== "*"];
    if (literalA && literalB && (a === b || a === "?" || b === "?")) stack.push(state + width + 1);
  }
  return false;
}
