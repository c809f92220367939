import { parseArgs } from "node:util";
import { hasAwsCli, measureShell, type ShellRun } from "./cli.ts";
import { measureCost } from "./cost.ts";
import { injectedMs, measureLatency } from "./latency.ts";
import { createStand, patternIds } from "./stand.ts";
import { measureReaction, measureThroughput } from "./throughput.ts";

/**
 * npm run bench: the provisioning engine against a sandbox AWS in a process of its own; scripts/bench.mjs brings the
 * database. `--runs` is how many runs the memory is watched over, and `--memory` watches that alone.
 */
const { values } = parseArgs({
  options: { runs: { type: "string", default: "400" }, memory: { type: "boolean", default: false } },
});

/** The goals: milliseconds from an approval to the first call, and wall time ÷ critical path. */
const atMost = { reactionMs: 100, ratio: 1.15 };

const stand = await createStand();
const missed: string[] = [];
try {
  if (!values.memory) missed.push(...(await measureTimes()));
  const { runs, steps, cpuMsPerStep, heapMb } = await measureCost(stand, Number(values.runs));
  console.log(`\n${runs} runs, ${steps} steps in one process`);
  console.log(`CPU a step: ${cpuMsPerStep.toFixed(1)} ms (engine, SDK and database client)`);
  console.log(`Heap after collection, MB: ${heapMb.map((mb) => mb.toFixed(1)).join(", ")}`);
} finally {
  await stand.close();
}
for (const goal of missed) console.log(`✗ ${goal}`);
process.exit(missed.length > 0 ? 1 : 0);

/** @returns the goals that were missed, by the best of the rounds: what else a machine does is not the engine's. */
async function measureTimes(): Promise<string[]> {
  const reaction = await measureReaction(stand);
  const middle = reaction[Math.floor(reaction.length / 2)];
  console.log(
    `\nFrom an approval's commit to the first call at AWS: median ${middle} ms, worst ${reaction.at(-1)} ms`,
  );

  console.log(`\nOne run against AWS's own time, ${injectedMs} ms added to each call`);
  const engine = await measureLatency(stand);
  const shell = new Map<string, Record<"provision" | "revoke", ShellRun>>();
  if (await hasAwsCli()) {
    for (const pattern of patternIds) shell.set(pattern, await measureShell(pattern));
  } else console.log("(no AWS CLI in PATH: the shell script is left out)");
  console.table(
    engine.map(({ pattern, verb, wallMs, chain, calls, ratio, bestRatio, strictRatio }) => {
      const script = shell.get(pattern)?.[verb];
      return {
        pattern,
        verb,
        calls,
        "one after the other": chain.calls,
        "critical path ms": Math.round(chain.ms),
        "wall ms": Math.round(wallMs),
        "wall ÷ critical path": ratio.toFixed(2),
        "its best": bestRatio.toFixed(2),
        [`wall ÷ calls × ${injectedMs}`]: strictRatio.toFixed(2),
        "AWS CLI commands": script?.commands ?? "",
        "AWS CLI ms": script ? Math.round(script.wallMs) : "",
      };
    }),
  );

  console.log(`\nRuns of all patterns together, ${injectedMs} ms added to each call`);
  console.table(
    (await measureThroughput(stand, [1, 2, 4])).map(({ workers, runs, seconds, runsPerSecond }) => ({
      workers,
      runs,
      seconds: seconds.toFixed(1),
      "runs a second": runsPerSecond.toFixed(1),
    })),
  );
  const slow = engine.filter(({ bestRatio }) => bestRatio > atMost.ratio);
  return [
    ...slow.map(({ pattern, verb }) => `${pattern}, ${verb}: wall ÷ critical path is above ${atMost.ratio}`),
    ...((middle ?? 0) > atMost.reactionMs
      ? [`The first call comes later than ${atMost.reactionMs} ms.`]
      : []),
  ];
}
