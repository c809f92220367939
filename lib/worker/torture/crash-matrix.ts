import { inArena } from "./arena.ts";
import { allCases, type Case } from "./cases.ts";
import {
  type Deaths,
  type NamedPoint,
  nameOf,
  phases,
  playCycle,
  type Reference,
  referenceOf,
} from "./cycle.ts";
import { isShared, type Options, type Outcome, type Scenario } from "./scenario.ts";

/** Every point of every step and every commit; with `full` also the reads that belong to no step. */
function pointsToPlay({ points }: Reference, full: boolean): NamedPoint[] {
  return points.filter(({ step, event }) => full || step !== "run" || event.startsWith("commit"));
}

/** A step that has no point can't be crashed: then the matrix would be silent about it. */
function stepsWithout(reference: Reference): string[] {
  const kinds = ["before", "after", "commit"] as const;
  return phases.flatMap((phase) => {
    const own = reference.points.filter((point) => point.phase === phase && point.step !== "run");
    if (own.length === 0) return [`${phase} has no step with a crash point`];
    return [...new Set(own.map(({ step }) => step))].flatMap((step) => {
      const events = own.filter((point) => point.step === step).map(({ event }) => event);
      const has = {
        before: events.some((event) => event.endsWith("before")),
        after: events.some((event) => event.endsWith("after") && !event.startsWith("commit")),
        commit: events.some((event) => event.startsWith("commit")),
      };
      return kinds.filter((kind) => !has[kind]).map((kind) => `${phase}: ${step} has no point "${kind}"`);
    });
  });
}

/** A grant dies once while it is provisioned and once while it is revoked: two points a cycle. */
function cyclesOf(points: readonly NamedPoint[]): Deaths[] {
  const of = (phase: NamedPoint["phase"]) => points.filter((point) => point.phase === phase);
  const [provision, revoke] = [of("provision"), of("revoke")];
  return Array.from({ length: Math.max(provision.length, revoke.length) }, (_, index) => ({
    provision: provision.slice(index, index + 1),
    revoke: revoke.slice(index, index + 1),
  }));
}

async function playCase(one: Case, options: Options): Promise<Outcome> {
  return inArena(async (arena) => {
    const reference = await referenceOf(arena, one);
    const violations = stepsWithout(reference).map((fault) => `${one.name}: ${fault}`);
    let count = 0;
    const cycles = cyclesOf(pointsToPlay(reference, options.full)).slice(0, options.count);
    for (const [index, deaths] of cycles.entries()) {
      if (!isShared(options, index)) continue;
      const cycle = await playCycle(arena, one, reference, deaths);
      const asked = phases.flatMap((phase) => deaths[phase]);
      count += cycle.died.length;
      const names = asked.map(nameOf).join("; ");
      if (cycle.died.length < asked.length) violations.push(`${one.name}: not reached: ${names}`);
      violations.push(...cycle.violations.map((fault) => `${one.name}, died at ${names}: ${fault}`));
    }
    options.say(`${one.name}: ${count} points`);
    return { count, violations, notes: [] };
  });
}

export const crashMatrix: Scenario = {
  name: "crash",
  title: "Crash before a call, after it with its answer lost, after a commit",
  async run(options) {
    const cases = await inArena(async ({ world }) => allCases(await world.estate()));
    const outcomes: Outcome[] = [];
    for (const one of cases) outcomes.push(await playCase(one, options));
    const violations = outcomes.flatMap((outcome) => outcome.violations);
    return {
      count: outcomes.reduce((total, { count }) => total + count, 0),
      violations,
      notes: [`${cases.length} combinations of pattern, identity, account and service`],
    };
  },
};
