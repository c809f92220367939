/** The name that differs least, if it differs little. */
export function closest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(3, Math.ceil(name.length / 4)) + 1;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(name, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let l = 1; l <= left.length; l += 1) {
    const next = [l];
    for (let r = 1; r <= right.length; r += 1) {
      const cost = left[l - 1] === right[r - 1] ? 0 : 1;
      next.push(Math.min((row[r] ?? 0) + 1, (next[r - 1] ?? 0) + 1, (row[r - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
