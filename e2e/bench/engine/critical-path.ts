import type { TimedCall } from "./wire.ts";

/**
 * The most calls that ran one after the other: each began when the one before it had ended. That many round trips is
 * what AWS itself takes, however quick the engine is.
 *
 * @param calls in any order
 */
export function longestChain(calls: readonly TimedCall[]): number {
  const byEnd = [...calls].sort((a, b) => a.end - b.end);
  const longest: number[] = [];
  for (const [index, call] of byEnd.entries()) {
    let before = 0;
    for (const [earlier, other] of byEnd.slice(0, index).entries())
      if (other.end <= call.start) before = Math.max(before, longest[earlier] ?? 0);
    longest.push(before + 1);
  }
  return Math.max(0, ...longest);
}
