/** Seeded choices, so that a scenario can be played again from its seed. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  /** As many different ones, or all if there are fewer, in random order. */
  sample<T>(from: readonly T[], count: number): T[];
}

/** Marsaglia's xorshift32: small, and good enough to choose tests with. */
export function seeded(seed: number): Random {
  // Zero would stay zero.
  let state = Math.imul(seed, 0x9e3779b1) | 0 || 0x6d2b79f5;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (from) => {
      const found = from[below(from.length)];
      if (found === undefined) throw new RangeError("nothing to pick from");
      return found;
    },
    sample: (from, count) => {
      const left = [...from];
      return Array.from({ length: Math.min(count, left.length) }, () =>
        left.splice(below(left.length), 1),
      ).flat();
    },
  };
}
