import fc from "fast-check";
import { type Arena, inArena, openArena } from "./arena.ts";
import { allCases, type Case } from "./cases.ts";
import { violationsOf } from "./invariants.ts";
import { seeded } from "./random.ts";
import { isShared, type Outcome, type Scenario } from "./scenario.ts";
import { markOf } from "./view.ts";
import { type Act, changedForms, Workflow } from "./workflow.ts";

/** Random workflows over few service accounts, compared with a model that knows what must come of each grant. */

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("approve" as const),
      case: fc.nat(99),
      part: fc.nat(3),
      custom: fc.option(fc.nat(), { freq: 1 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("work" as const),
      dies: fc.option(fc.integer({ min: 1, max: 70 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("work-side-by-side" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("revoke" as const), grant: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("expire" as const), grant: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tamper" as const), grant: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      grant: fc.nat(9),
      form: fc.constantFrom(...changedForms),
      custom: fc.nat(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("drift" as const), grant: fc.nat(9), what: fc.nat(9) }),
  },
);

async function playWorkflow(arena: Arena, cases: Case[], acts: readonly Act[]): Promise<string[]> {
  const mark = await markOf(arena);
  const workflow = new Workflow(arena, cases);
  for (const step of acts) await workflow.play(step);
  await workflow.settle();
  const violations = await workflow.unexpected();
  // A grant whose approval was voided is wanted, and rightly not there: it goes before the accounts are compared.
  for (const grant of workflow.grants.filter(({ state }) => state === "failed")) {
    await arena.world.revoke(grant.id);
    grant.state = "revoked";
  }
  await workflow.settle();
  violations.push(...(await violationsOf(arena, mark)));
  await workflow.revokeAll();
  violations.push(...(await workflow.unexpected()), ...(await violationsOf(arena, mark)));
  return violations;
}

const workflowsOf = { everyday: 40, full: 10_000 };

/** Two service accounts, each with the ways that one identity can hold, so that they share roles and documents. */
function compatible(cases: (name: string) => Case[], seed: number): Case[] {
  const random = seeded(seed);
  return ["one", "two"].flatMap((name) => {
    const all = cases(name);
    const identity = (one: Case) => {
      const { workload, identity: spec } = one.grant();
      return JSON.stringify([workload.cluster.name, spec]);
    };
    const chosen = identity(random.pick(all));
    return all.filter((one) => identity(one) === chosen);
  });
}

/** What was played, by the runs that came of it: a model that nothing happens in shows nothing. */
async function runsOf({ world: { prisma } }: Arena): Promise<string[]> {
  const runs = await prisma.run.groupBy({ by: ["kind", "state"], _count: true, orderBy: { kind: "asc" } });
  const changes = await prisma.request.count({ where: { kind: { not: "create" } } });
  const counts = runs.map(({ kind, state, _count }) => `${kind} ${state}: ${_count}`);
  return [[...counts, `of them changes: ${changes}`].join(", ")];
}

export const workflows: Scenario = {
  name: "workflows",
  title: "Random workflows against a model: approve, change, drift, repair, revoke, expire, void, die",
  run: (options) =>
    inArena(async (first): Promise<Outcome> => {
      let arena = first;
      const estate = await arena.world.estate();
      const wanted = options.count ?? (options.full ? workflowsOf.full : workflowsOf.everyday);
      const total = Math.max(wanted, options.at ?? 0);
      let count = 0;
      let number = 0;
      const { seed } = options;
      const property = fc.asyncProperty(
        fc.array(act, { minLength: 4, maxLength: 20, size: "medium" }),
        async (acts) => {
          number += 1;
          if (!isShared(options, number)) return;
          count += 1;
          const cases = compatible((name) => allCases(estate, name), seed + number);
          const violations = await playWorkflow(arena, cases, acts);
          if (violations.length > 0) arena = await openArena();
          if (violations.length > 0) throw new Error(violations.join("; "));
        },
      );
      // Cases follow from the count of workflows, so that a smaller workflow would be another one: not shrunk.
      const result = await fc.check(property, { seed, numRuns: total, endOnFailure: true });
      if (!result.failed) return { count, violations: [], notes: await runsOf(arena) };
      const told = `workflow ${number} of seed ${seed}: ${JSON.stringify(result.counterexample)}: ${result.errorInstance}`;
      return { count, violations: [told], notes: [] };
    }),
};
