import { realTiming } from "../deps.ts";
import { executeRun } from "../run.ts";
import { type Arena, inArena } from "./arena.ts";
import { allCases, type Case } from "./cases.ts";
import { type NamedPoint, named, nameOf, phases, referenceOf } from "./cycle.ts";
import { violationsOf } from "./invariants.ts";
import { mortalWorker } from "./mortal.ts";
import { seeded } from "./random.ts";
import { isShared, type Outcome, type Scenario } from "./scenario.ts";
import { markOf } from "./view.ts";

/**
 * A worker whose process stood still past its lease: when it goes on it is as it was, with its sessions, its locks
 * and its connections; only the time is another. It may call AWS no more and commit no more.
 */

const freezes = { everyday: 24, full: 2_000 };

/**
 * After an answer or a commit: the guards stand before whatever comes next. Not after a session was opened: that goes
 * on beside the step's own transaction, which may have passed its guard already.
 */
function moments(points: readonly NamedPoint[]): NamedPoint[] {
  return points.filter(
    ({ step, event }) => step !== "run" && event.endsWith("after") && !event.startsWith("STS."),
  );
}

async function play(arena: Arena, one: Case, moment: NamedPoint): Promise<string[]> {
  const { world } = arena;
  const mark = await markOf(arena);
  const grant = one.grant();
  const violations: string[] = [];
  for (const phase of phases) {
    const runId = phase === "provision" ? await world.approve([grant]) : await world.revoke(grant.id);
    let frozenAt: number | undefined;
    const worker = mortalWorker(
      world,
      "frozen",
      (point, reached) => {
        const here = named(phase, point, grant);
        const isIt = here.phase === moment.phase && here.step === moment.step && here.event === moment.event;
        if (isIt) frozenAt ??= reached.length;
        return false;
      },
      // An hour later, from one moment to the next.
      { clock: () => realTiming.now() + (frozenAt === undefined ? 0 : 3_600_000) },
    );
    await executeRun(worker.deps, runId).catch((error: unknown) => {
      if (frozenAt === undefined) throw error;
    });
    if (frozenAt !== undefined) {
      const after = worker.reached.slice(frozenAt).map((point) => named(phase, point, grant));
      // What was on its way when it froze arrives: answers, and transactions of steps at its side.
      const forbidden = after.filter(
        ({ step, event }) => event.endsWith("before") || (event.startsWith("commit") && step === moment.step),
      );
      violations.push(...forbidden.map((point) => `frozen, and yet it went on to ${nameOf(point)}`));
      await world.prisma.run.updateMany({
        where: { id: runId, state: "running" },
        data: { leaseUntil: new Date(0) },
      });
      await executeRun(mortalWorker(world, "next").deps, runId);
    } else if (phase === moment.phase) violations.push("the moment was not reached");
    const { state, error } = await world.run(runId);
    if (state !== "succeeded") violations.push(`${phase} ${state}: ${JSON.stringify(error)}`);
    violations.push(...(await violationsOf(arena, mark)));
  }
  return violations.map((fault) => `${one.name}, frozen at ${nameOf(moment)}: ${fault}`);
}

export const frozenWorker: Scenario = {
  name: "frozen",
  title: "A worker frozen past its lease goes on: no call, no commit",
  run: (options) =>
    inArena(async (arena): Promise<Outcome> => {
      const random = seeded(options.seed);
      const total = options.count ?? (options.full ? freezes.full : freezes.everyday);
      const cases = allCases(await arena.world.estate());
      const violations: string[] = [];
      let count = 0;
      for (let index = 0; index < total && violations.length === 0; index += 1) {
        const one = random.pick(cases);
        const place = random.next();
        if (!isShared(options, index)) continue;
        const all = moments((await referenceOf(arena, one)).points);
        const moment = all[Math.floor(place * all.length)];
        if (!moment) throw new Error(`${one.name} has no moments`);
        violations.push(...(await play(arena, one, moment)));
        count += 1;
      }
      return { count, violations, notes: [] };
    }),
};
