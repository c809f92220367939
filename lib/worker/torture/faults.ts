import type { FaultsInput } from "#lib/sandbox/faults.ts";
import { executeRun } from "../run.ts";
import { type Arena, inArena } from "./arena.ts";
import { allCases, type Case } from "./cases.ts";
import { violationsOf } from "./invariants.ts";
import { mortalWorker } from "./mortal.ts";
import { type Random, seeded } from "./random.ts";
import { isShared, type Outcome, type Scenario } from "./scenario.ts";
import { staleSessions } from "./stale.ts";
import { markOf } from "./view.ts";

/** What AWS does wrong while a grant is made and taken away; in the end both must have come about. */

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
  one: Case,
  { staleRate = 0, ...faults }: Weather,
  random: Random,
  maxAttempts: number,
): Promise<string[]> {
  const { world } = arena;
  const mark = await markOf(arena);
  const grant = one.grant();
  const violations: string[] = [];
  const carry = async (runId: string) => {
    await world.faults(faults);
    const { deps } = mortalWorker(world, "w", undefined, { sessions: { maxAttempts } });
    const sessions = staleSessions(deps.sessions, () => random.next() < staleRate);
    await executeRun({ ...deps, sessions }, runId);
    await world.faults({});
    const { state, error } = await world.run(runId);
    if (state !== "succeeded") violations.push(`the run ${state}: ${JSON.stringify(error)}`);
    // A role that IAM does not show yet is there all the same.
    await new Promise((resolve) => setTimeout(resolve, faults.visibilityDelayMs ?? 0));
    violations.push(...(await violationsOf(arena, mark)));
  };
  await carry(await world.approve([grant]));
  await carry(await world.revoke(grant.id));
  return violations;
}

export const faults: Scenario = {
  name: "faults",
  title: "Throttling at 30, 60 and 90 %, errors, lost answers, late visibility, stale reads",
  run: (options) =>
    inArena(async (arena): Promise<Outcome> => {
      const cases = allCases(await arena.world.estate());
      const wanted = options.count ?? (options.full ? rounds.full : rounds.everyday);
      const total = Math.max(wanted, (options.at ?? -1) + 1);
      const violations: string[] = [];
      let count = 0;
      for (let index = 0; index < total && violations.length === 0; index += 1) {
        const random = seeded(options.seed + index);
        const one = random.pick(cases);
        const [name, weather] = weathers[(options.seed + index) % weathers.length] ?? random.pick(weathers);
        const given = { ...weather(random), seed: options.seed + index };
        // With a single attempt a call, the engine's own retries are what is tested; else the SDK's beneath.
        const maxAttempts = (given.throttleRate ?? 0) > 0.5 ? 40 : random.pick([1, 3]);
        if (!isShared(options, index)) continue;
        const found = await play(arena, one, given, random, maxAttempts);
        violations.push(...found.map((fault) => `round ${index}, ${one.name}, ${name}: ${fault}`));
        count += 1;
      }
      return { count, violations, notes: [] };
    }),
};
