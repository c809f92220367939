import type { FaultsInput } from "#lib/sandbox/faults.ts";
import { executeRun } from "../run.ts";
import { patternMaking } from "../testing-sample.ts";
import { type Arena, inArena } from "./arena.ts";
import { allCases, type Case } from "./cases.ts";
import { violationsOf } from "./invariants.ts";
import { mortalWorker } from "./mortal.ts";
import { type Random, seeded } from "./random.ts";
import { isShared, type Outcome, type Scenario } from "./scenario.ts";
import { staleSessions } from "./stale.ts";
import { markOf } from "./view.ts";

/**
 * What AWS does wrong while a grant is made and taken away; in the end both must have come about. Where reads are
 * stale, a second workload's grant on the same target is made and taken away beside it: each of the two workers may be
 * shown the shared policy as it was before the other's write.
 */

const services = ["iam", "s3", "sqs", "eks"];

interface Weather extends FaultsInput {
  /** Share of the reads that answer as they did before. */
  staleRate?: number;
}

/** Name → faults. Heavy ones concern one service: with all of them, most of the time would be spent on waiting. */
const weathers: [string, (random: Random) => Weather][] = [
  ["throttling 30 %", () => ({ throttleRate: 0.3 })],
  ["throttling 60 %", (random) => ({ throttleRate: 0.6, only: { service: random.pick(services) } })],
  ["throttling 90 %", (random) => ({ throttleRate: 0.9, only: { service: random.pick(services) } })],
  ["internal errors", () => ({ errorRate: 0.3 })],
  ["answers lost after the effect", () => ({ lostAnswerRate: 0.3 })],
  ["late visibility", (random) => ({ visibilityDelayMs: 20 + random.below(150) })],
  ["stale reads", () => ({ staleRate: 0.4 })],
  [
    "all at once",
    (random) => ({
      throttleRate: 0.15,
      errorRate: 0.15,
      lostAnswerRate: 0.15,
      visibilityDelayMs: random.below(80),
      staleRate: 0.1,
    }),
  ],
];

const rounds = { everyday: 70, full: 2_000 };

async function play(
  arena: Arena,
  cases: readonly Case[],
  { staleRate = 0, ...faults }: Weather,
  random: Random,
  maxAttempts: number,
): Promise<string[]> {
  const { world } = arena;
  const mark = await markOf(arena);
  const grants = cases.map((one) => one.grant());
  const violations: string[] = [];
  const carry = async (runIds: string[]) => {
    await world.faults(faults);
    const timing = { settledAfterMs: 60_000 };
    const workers = runIds.map((runId) => {
      const { deps } = mortalWorker(world, `w ${runId}`, undefined, { timing, sessions: { maxAttempts } });
      return { ...deps, sessions: staleSessions(deps.sessions, () => random.next() < staleRate) };
    });
    await Promise.all(workers.map((worker, index) => executeRun(worker, runIds[index] ?? "")));
    await world.faults({});
    for (const runId of runIds) {
      const { state, error } = await world.run(runId);
      if (state !== "succeeded") violations.push(`the run ${state}: ${JSON.stringify(error)}`);
    }
    // A role that IAM does not show yet is there all the same.
    await new Promise((resolve) => setTimeout(resolve, faults.visibilityDelayMs ?? 0));
    violations.push(...(await violationsOf(arena, mark)));
  };
  const runs: string[] = [];
  for (const grant of grants) runs.push(await world.approve([grant]));
  await carry(runs);
  const revocations: string[] = [];
  for (const { id } of grants) revocations.push(await world.revoke(id));
  await carry(revocations);
  return violations;
}

export const faults: Scenario = {
  name: "faults",
  title: "Throttling at 30, 60 and 90 %, errors, lost answers, late visibility, stale reads",
  run: (options) =>
    inArena(async (arena): Promise<Outcome> => {
      const estate = await arena.world.estate();
      const [cases, beside] = [allCases(estate), allCases(estate, "beside")];
      const sharing = patternMaking("resource-policy-statements");
      const shared = cases.filter(({ name }) => name.startsWith(`${sharing} `));
      const wanted = options.count ?? (options.full ? rounds.full : rounds.everyday);
      const total = Math.max(wanted, (options.at ?? -1) + 1);
      const violations: string[] = [];
      let count = 0;
      for (let index = 0; index < total && violations.length === 0; index += 1) {
        const random = seeded(options.seed + index);
        const [name, weather] = weathers[(options.seed + index) % weathers.length] ?? random.pick(weathers);
        const given = { ...weather(random), seed: options.seed + index };
        // Half of the stale reads are of what shares a policy: elsewhere two workers have little to undo.
        const one = random.pick(given.staleRate && random.below(2) === 0 ? shared : cases);
        const second = beside.find(({ name }) => name === one.name);
        // With a single attempt a call, the engine's own retries are what is tested; else the SDK's beneath.
        const maxAttempts = (given.throttleRate ?? 0) > 0.5 ? 40 : random.pick([1, 3]);
        if (!isShared(options, index)) continue;
        const played = given.staleRate && second ? [one, second] : [one];
        const found = await play(arena, played, given, random, maxAttempts);
        violations.push(...found.map((fault) => `round ${index}, ${one.name}, ${name}: ${fault}`));
        count += 1;
      }
      return { count, violations, notes: [] };
    }),
};
