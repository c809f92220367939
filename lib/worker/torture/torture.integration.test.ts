import { describe, expect, it } from "vitest";
import { auditTampering } from "./audit.ts";
import { crashMatrix } from "./crash-matrix.ts";
import { crashPairs } from "./crash-pairs.ts";
import { faults } from "./faults.ts";
import { foreignWriter } from "./foreign-writer.ts";
import { frozenWorker } from "./frozen-worker.ts";
import type { Scenario } from "./scenario.ts";
import { workflows } from "./workflows.ts";

/**
 * A small part of `npm run torture`, in every run of the tests: always the same, and half of another that differs by
 * the day, with its halves by turns.
 */

const fixed = 1;
const today = Number(new Date().toISOString().slice(0, 10).replaceAll("-", ""));

/** Milliseconds: seconds on an idle machine, and no machine is idle while the other tests run. */
const patience = 300_000;

/** How many of each: some seconds in sum. */
const samples: [Scenario, number][] = [
  [crashMatrix, 2],
  [crashPairs, 1],
  [frozenWorker, 1],
  [faults, 1],
  [foreignWriter, 1],
  [workflows, 1],
  [auditTampering, 2],
];

describe.each([
  { whose: "the fixed seed", seed: fixed, part: samples },
  { whose: "the day's seed", seed: today, part: samples.filter((_, index) => (today + index) % 2 === 0) },
])("torture with $whose ($seed)", ({ seed, part }) => {
  it.each(part.map(([scenario, count]) => ({ scenario, count, name: scenario.title })))(
    "$name: no promise is broken",
    async ({ scenario, count }) => {
      const outcome = await scenario.run({
        seed,
        count,
        full: false,
        share: { part: 0, of: 1 },
        say: () => {},
      });
      const again = `npm run torture -- --seed ${seed} --only ${scenario.name} --count ${count}`;
      expect(outcome.violations, again).toEqual([]);
      // A pair's second point may be one that the recovery does not come to any more.
      if (scenario !== crashPairs) expect(outcome.count).toBeGreaterThan(0);
    },
    patience,
  );
});
