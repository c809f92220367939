import type { TimedCall } from "./wire.ts";

export interface Chain {
  /** Calls one after the other. */
  calls: number;
  /** From first byte to answer, together. */
  ms: number;
}

/**
 * The calls that ran one after the other, each begun when the one before it had ended, and took longest together: what
 * AWS itself takes, however quick the engine is.
 *
 * @param calls in any order
 */
export function longestChain(calls: readonly TimedCall[]): Chain {
  const byEnd = [...calls].sort((a, b) => a.end - b.end);
  const longest: Chain[] = [];
  for (const [index, call] of byEnd.entries()) {
    let before: Chain = { calls: 0, ms: 0 };
    for (const [earlier, other] of byEnd.slice(0, index).entries()) {
      const chain = longest[earlier];
      if (chain && other.end <= call.start && chain.ms > before.ms) before = chain;
    }
    longest.push({ calls: before.calls + 1, ms: before.ms + call.end - call.start });
  }
  return longest.reduce((a, b) => (b.ms > a.ms ? b : a), { calls: 0, ms: 0 });
}
