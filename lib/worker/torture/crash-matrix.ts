import { type Arena, inArena, openArena } from "./arena.ts";
import { allCases, type Case, spread } from "./cases.ts";
import {
  type Deaths,
  type NamedPoint,
  nameOf,
  phases,
  playCycle,
  type Reference,
  referenceOf,
} from "./cycle.ts";
import { seeded } from "./random.ts";
import { isShared, type Options, type Outcome, type Scenario, sum } from "./scenario.ts";

/** Before a read nothing has happened since the point before it: that moment is played there. */
const beforeRead = /\.(Get|List|Describe|Head)\w* \d+ before$/;

/** Every moment that differs from the one before; with `full` all, and the reads that belong to no step. */
function pointsToPlay({ points }: Reference, full: boolean): NamedPoint[] {
  return points.filter(
    ({ step, event }) => full || ((step !== "run" || event.startsWith("commit")) && !beforeRead.test(event)),
  );
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

async function playCase(
  arena: Arena,
  one: Case,
  plays: number | undefined,
  options: Options,
): Promise<Outcome> {
  const reference = await referenceOf(arena, one);
  const violations = stepsWithout(reference).map((fault) => `${one.name}: ${fault}`);
  const all = cyclesOf(pointsToPlay(reference, options.full));
  const chosen = plays === undefined ? all : seeded(options.seed).sample(all, plays);
  let count = 0;
  for (const [index, deaths] of chosen.entries()) {
    if (!isShared(options, index)) continue;
    const cycle = await playCycle(arena, one, reference, deaths);
    const asked = phases.flatMap((phase) => deaths[phase]);
    count += cycle.died.length;
    const names = asked.map(nameOf).join("; ");
    if (cycle.died.length < asked.length) violations.push(`${one.name}: not reached: ${names}`);
    violations.push(...cycle.violations.map((fault) => `${one.name}, died at ${names}: ${fault}`));
    // What was left behind would be every later cycle's violation too.
    if (violations.length > 0) break;
  }
  options.say(`${one.name}: ${count} points`);
  return { count, violations, notes: [] };
}

export const crashMatrix: Scenario = {
  name: "crash",
  title: "Crash before a call, after it with its answer lost, after a commit",
  run: (options) =>
    inArena(async (first) => {
      let arena = first;
      const outcomes: Outcome[] = [];
      const cases = allCases(await first.world.estate());
      const { count } = options;
      const chosen =
        count === undefined
          ? cases.map((one) => ({ one, plays: undefined }))
          : spread(seeded(options.seed), cases, count);
      for (const { one, plays } of chosen) {
        const outcome = await playCase(arena, one, plays, options);
        outcomes.push(outcome);
        if (outcome.violations.length > 0) arena = await openArena();
      }
      const note = `${cases.length} combinations of pattern, identity, account and service`;
      return { ...sum(outcomes), notes: [note] };
    }),
};
