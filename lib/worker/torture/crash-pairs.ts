import { type Arena, inArena } from "./arena.ts";
import { allCases, type Case, spread } from "./cases.ts";
import { type Deaths, type NamedPoint, nameOf, type Phase, phases, playCycle, referenceOf } from "./cycle.ts";
import { seeded } from "./random.ts";
import { isShared, type Options, type Outcome, type Scenario, sum } from "./scenario.ts";

/** Two deaths in one run: the worker that takes over dies as well, at a point of its own. */

interface Pair {
  phase: Phase;
  first: NamedPoint;
  second: NamedPoint;
}

function deathsOf({ phase, first, second }: Pair): Deaths {
  return { provision: [], revoke: [], [phase]: [first, second] };
}

/** All pairs of one phase; the second may be a point that the recovery no longer reaches. */
function pairsOf(points: readonly NamedPoint[]): Pair[] {
  return phases.flatMap((phase) => {
    const own = points.filter((point) => point.phase === phase);
    return own.flatMap((first) => own.map((second) => ({ phase, first, second })));
  });
}

async function play(
  arena: Arena,
  one: Case,
  choose: (pairs: Pair[]) => Pair[],
  options: Options,
): Promise<Outcome> {
  const reference = await referenceOf(arena, one);
  const violations: string[] = [];
  let count = 0;
  for (const [index, pair] of choose(pairsOf(reference.points)).entries()) {
    if (!isShared(options, index)) continue;
    const { violations: found, died } = await playCycle(arena, one, reference, deathsOf(pair));
    if (died.length === 2) count += 1;
    const names = `${nameOf(pair.first)}, then ${nameOf(pair.second)}`;
    violations.push(...found.map((fault) => `${one.name}, died at ${names}: ${fault}`));
    if (violations.length > 0) break;
  }
  options.say(`${one.name}: ${count} pairs`);
  return { count, violations, notes: [] };
}

/** Of each pattern's pairs about two in three are reached: what the first worker did is not done again. */
const pairs = { everyday: 60, full: 3_000 };

export const crashPairs: Scenario = {
  name: "pairs",
  title: "Two crashes in one run, the second during recovery",
  run: (options) =>
    inArena(async (arena) => {
      const cases = allCases(await arena.world.estate());
      const total = options.count ?? (options.full ? pairs.full : pairs.everyday);
      const random = seeded(options.seed);
      const outcomes: Outcome[] = [];
      for (const { one, plays } of spread(random, cases, total)) {
        const choose = (all: Pair[]) => random.sample(all, plays);
        outcomes.push(await play(arena, one, choose, options));
        if (outcomes.some(({ violations }) => violations.length > 0)) return sum(outcomes);
      }
      const [first] = cases;
      // All pairs of one case: some thousands.
      if (options.full && first) outcomes.push(await play(arena, first, (all) => all, options));
      return sum(outcomes);
    }),
};
