/**
 * `compute` with its answers kept: policies repeat the same few texts, and evaluating them would otherwise spend most
 * of its time reading them anew. Keyed by the text alone, so a document that changes is simply another text. Forgets
 * everything once it knows `limit` texts or `mostText` characters, so that texts of strangers can't fill the memory.
 */
export function memoized<T>(
  compute: (text: string) => T,
  { limit = 5_000, mostText = 500_000 } = {},
): (text: string) => T {
  const known = new Map<string, T>();
  let held = 0;
  return (text) => {
    const found = known.get(text);
    if (found !== undefined || known.has(text)) return found as T;
    if (text.length > mostText) return compute(text);
    if (known.size >= limit || held + text.length > mostText) {
      known.clear();
      held = 0;
    }
    const value = compute(text);
    known.set(text, value);
    held += text.length;
    return value;
  };
}
