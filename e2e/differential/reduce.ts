/** All the ways to make a thing a little simpler, the boldest first. */
export type Simplify<T> = (from: T) => Iterable<T>;

/**
 * The simplest that can be reached, step by step, while it still `holds`: what is left of a disagreement is what the
 * two sides differ about.
 */
export async function reduced<T>(
  start: T,
  simplify: Simplify<T>,
  holds: (one: T) => Promise<boolean>,
): Promise<T> {
  let current = start;
  for (;;) {
    let next: T | undefined;
    for (const candidate of simplify(current)) {
      if (await holds(candidate)) {
        next = candidate;
        break;
      }
    }
    if (next === undefined) return current;
    current = next;
  }
}

/** The list with one member left out, for each. */
export function* without<T>(list: readonly T[]): Iterable<T[]> {
  for (let at = 0; at < list.length; at++) yield list.toSpliced(at, 1);
}

/** The object with one field left out, for each. */
export function* withoutField<T extends object>(record: T, fields = Object.keys(record)): Iterable<T> {
  for (const field of fields) {
    const { [field]: gone, ...rest } = record as Record<string, unknown>;
    if (gone !== undefined) yield rest as T;
  }
}
