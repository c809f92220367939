import fc from "fast-check";
import { namesApart } from "#lib/desired/testing/names-apart.ts";
import { mergedPolicies } from "#lib/policy/testing/merged-policies.ts";
import {
  iniKeepsToItsList,
  iniReadsBack,
  manifestsReadBack,
  refusedNames,
  yamlReadsBack,
} from "#lib/render/testing/read-back.ts";
import type { Outcome, Scenario } from "./scenario.ts";

interface Played {
  what: string;
  /** @returns what broke the promise, or null */
  check(runs: { seed: number; numRuns: number }): string | null;
  /** How often in a whole run; a twentieth of it otherwise. */
  whole: number;
}

const everyday = 1 / 20;

/** Needs neither AWS nor a database: properties of the pure core, as often as the plan asks for. */
const played: readonly Played[] = [
  { what: "names of two workloads", check: (runs) => told(fc.check(namesApart, runs)), whole: 100_000 },
  {
    what: "policies merged and parted",
    check: (runs) => told(fc.check(mergedPolicies, runs)),
    whole: 20_000,
  },
  { what: "hostile names", check: (runs) => told(fc.check(refusedNames, runs)), whole: 20_000 },
  { what: "manifests", check: (runs) => told(fc.check(manifestsReadBack, runs)), whole: 5_000 },
  { what: "YAML", check: (runs) => told(fc.check(yamlReadsBack, runs)), whole: 20_000 },
  { what: "INI", check: (runs) => told(fc.check(iniReadsBack, runs)), whole: 10_000 },
  { what: "hostile INI", check: (runs) => told(fc.check(iniKeepsToItsList, runs)), whole: 10_000 },
];

export const roundTrips: Scenario = {
  name: "round-trips",
  title: "Names never meet; policies, manifests, YAML and INI come back as they were",
  async run({ seed, full, count, share }): Promise<Outcome> {
    const outcome: Outcome = { count: 0, violations: [], notes: [] };
    for (const { what, check, whole } of played) {
      const total = count ?? (full ? whole : whole * everyday);
      const numRuns = Math.ceil(total / share.of);
      // Each process draws its own.
      const broken = check({ seed: seed * share.of + share.part, numRuns });
      outcome.count += numRuns;
      if (broken) outcome.violations.push(`${what}: ${broken}`);
    }
    return outcome;
  },
};

function told<T>({ failed, seed, counterexample, errorInstance }: fc.RunDetails<T>): string | null {
  if (!failed) return null;
  return `seed ${seed}: ${JSON.stringify(counterexample)}: ${errorInstance}`;
}
