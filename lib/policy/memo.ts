/**
 * `compute` with its answers kept: policies repeat the same few texts, and evaluating them would otherwise spend most
 * of its time reading them anew. Keyed by the text alone, so a document that changes is simply another text. Forgets
 * everything once `limit` texts are known, so that texts of strangers can't fill the memory.
 */
export function memoized<T>(compute: (text: string) => T, limit = 5_000): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined || known.has(text)) return found as T;
    if (known.size >= limit) known.clear();
    const value = compute(text);
    known.set(text, value);
    return value;
  };
}
