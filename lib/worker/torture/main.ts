import { parseArgs } from "node:util";
import { auditTampering } from "./audit.ts";
import { crashMatrix } from "./crash-matrix.ts";
import { crashPairs } from "./crash-pairs.ts";
import { faults } from "./faults.ts";
import { foreignWriter } from "./foreign-writer.ts";
import { frozenWorker } from "./frozen-worker.ts";
import { processScenarios } from "./processes.ts";
import { roundTrips } from "./round-trips.ts";
import type { Outcome, Scenario } from "./scenario.ts";
import { workflows } from "./workflows.ts";

/**
 * Plays scenarios against the sandbox and a real Postgres, and writes what came of each as a line of JSON.
 * `scripts/torture.mjs` starts it, in several processes that share the work.
 */

const scenarios: Scenario[] = [
  crashMatrix,
  crashPairs,
  frozenWorker,
  faults,
  foreignWriter,
  workflows,
  roundTrips,
  auditTampering,
  ...processScenarios,
];

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    only: { type: "string" },
    count: { type: "string" },
    at: { type: "string" },
    full: { type: "boolean", default: false },
    share: { type: "string", default: "0/1" },
    list: { type: "boolean", default: false },
  },
});

if (values.list) for (const { name, title } of scenarios) console.log(`${name.padEnd(12)}${title}`);
else await play();

async function play(): Promise<void> {
  const [part = 0, of = 1] = values.share.split("/").map(Number);
  const wanted = values.only?.split(",") ?? scenarios.map(({ name }) => name);
  for (const scenario of scenarios.filter(({ name }) => wanted.includes(name))) {
    const started = performance.now();
    const outcome = await safely(scenario, { part, of });
    const seconds = (performance.now() - started) / 1000;
    console.log(JSON.stringify({ scenario: scenario.name, title: scenario.title, seconds, ...outcome }));
  }
  // A worker that was made to die may have left a timer or a connection.
  process.exit(0);
}

/** A scenario that breaks down has shown nothing: that is a violation. */
async function safely(scenario: Scenario, share: { part: number; of: number }): Promise<Outcome> {
  try {
    return await scenario.run({
      seed: Number(values.seed ?? 1),
      full: values.full,
      ...(values.count === undefined ? {} : { count: Number(values.count) }),
      ...(values.at === undefined ? {} : { at: Number(values.at) }),
      share,
      say: (text) => console.log(`  ${scenario.name} ${share.part + 1}/${share.of}  ${text}`),
    });
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { count: 0, violations: [`the scenario broke down: ${told}`], notes: [] };
  }
}
