import fc from "fast-check";
import { workloadColumns } from "#lib/db/estate.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { expireGrants } from "../expire.ts";
import { runsToTake } from "../lease.ts";
import { executeRun } from "../run.ts";
import { type Arena, inArena, openArena } from "./arena.ts";
import { allCases, type Case, customAccess } from "./cases.ts";
import { violationsOf } from "./invariants.ts";
import { mortalWorker } from "./mortal.ts";
import { seeded } from "./random.ts";
import { isShared, type Outcome, type Scenario } from "./scenario.ts";
import { markOf } from "./view.ts";

/** Random workflows over few service accounts, compared with a model that knows what must come of each grant. */

type Act =
  | { do: "approve"; case: number; part: number; custom: number | null }
  | { do: "work"; dies: number | null }
  | { do: "work-side-by-side" }
  | { do: "revoke"; grant: number }
  | { do: "expire"; grant: number }
  | { do: "tamper"; grant: number };

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
);

/** What must become of a grant once all runs are over. */
interface Expected {
  id: string;
  requestId: string;
  state: "active" | "revoked" | "failed";
}

class Workflow {
  readonly grants: Expected[] = [];
  readonly #arena: Arena;
  readonly #cases: Case[];
  #workers = 0;

  constructor(arena: Arena, cases: Case[]) {
    this.#arena = arena;
    this.#cases = cases;
  }

  async play(step: Act): Promise<void> {
    const { world } = this.#arena;
    switch (step.do) {
      case "approve": {
        const one = this.#cases[step.case % this.#cases.length];
        const arn = one?.grant().target.arn ?? "";
        const grant = one?.grant({
          ...(step.part > 0 && arn.includes(":s3:") ? { subResource: `part-${step.part}` } : {}),
          ...(step.custom === null ? {} : customAccess(seeded(step.custom), arn)),
        });
        if (!grant || (await this.#stands(grant))) return;
        const runId = await world.approve([grant]);
        const { requestId } = await world.run(runId);
        this.grants.push({ id: grant.id, requestId: requestId ?? "", state: "active" });
        return;
      }
      case "work":
        return this.#work(1, step.dies);
      case "work-side-by-side":
        return this.#work(2, null);
      default:
        return this.#disturb(step);
    }
  }

  /** The product refuses a second grant of the same access while one stands. */
  async #stands({ workload, target, subResource }: Grant): Promise<boolean> {
    const rows = await this.#arena.world.prisma.grant.findMany({
      where: { state: { not: "revoked" }, targetArn: target.arn, ...workloadColumns(workload) },
    });
    return rows.some(({ spec }) => grantSchema.parse(spec).subResource === subResource);
  }

  async #disturb(step: Extract<Act, { grant: number }>): Promise<void> {
    const { world } = this.#arena;
    const expected = this.grants[step.grant % Math.max(1, this.grants.length)];
    if (!expected || expected.state === "revoked") return;
    const { state } = await world.grant(expected.id);
    if (step.do === "tamper") {
      // Only what is not made yet can be stopped; a version that is no longer current approves nothing.
      if (state !== "pending") return;
      await world.prisma.request.update({ where: { id: expected.requestId }, data: { currentVersion: 2 } });
      expected.state = "failed";
      return;
    }
    if (step.do === "revoke") {
      if (state === "pending") return;
      await world.revoke(expected.id);
      expected.state = "revoked";
      return;
    }
    await world.prisma.grant.update({ where: { id: expected.id }, data: { expiresAt: new Date(0) } });
    const gone = await expireGrants(mortalWorker(world, "clock").deps);
    for (const grant of this.grants) if (gone.includes(grant.id)) grant.state = "revoked";
    // One that is on its way is taken when it has arrived.
    if (!gone.includes(expected.id))
      await world.prisma.grant.update({ where: { id: expected.id }, data: { expiresAt: null } });
  }

  /** Workers take what can be taken; one that died leaves its run to the next. */
  async #work(count: number, dies: number | null): Promise<void> {
    const { world } = this.#arena;
    const workers = Array.from({ length: count }, () => {
      this.#workers += 1;
      return mortalWorker(
        world,
        `w${this.#workers}`,
        (_, reached) => dies !== null && reached.length >= dies,
      );
    });
    const runs = await runsToTake(world, count === 1 ? 1 : 3);
    await Promise.all(
      workers.flatMap((worker) =>
        runs.map(async (runId) => {
          try {
            await executeRun(worker.deps, runId);
          } catch (error) {
            if (!worker.dead()) throw error;
          }
        }),
      ),
    );
    // As if the leases of the dead had run out.
    if (workers.some((worker) => worker.dead()))
      await world.prisma.run.updateMany({ where: { state: "running" }, data: { leaseUntil: new Date(0) } });
  }

  /** Until nothing can be taken any more. */
  async settle(): Promise<void> {
    for (let round = 0; round < 60; round += 1) {
      if ((await runsToTake(this.#arena.world, 1)).length === 0) return;
      await this.#work(1, null);
    }
    throw new Error("runs do not come to an end");
  }

  async unexpected(): Promise<string[]> {
    const { world } = this.#arena;
    const found = await Promise.all(this.grants.map(({ id }) => world.grant(id)));
    const wrong = found.filter(({ state }, index) => state !== this.grants[index]?.state);
    const failed = await world.prisma.run.findMany({
      where: { state: "failed", grantIds: { hasSome: wrong.map(({ id }) => id) } },
    });
    return [
      ...wrong.map(({ id, state }) => {
        const wanted = this.grants.find((grant) => grant.id === id)?.state;
        return `grant ${id} is ${state}, and should be ${wanted}`;
      }),
      ...failed.map(({ kind, grantIds, error }) => `${kind} of ${grantIds}: ${JSON.stringify(error)}`),
    ];
  }

  /** Everything is taken back: also what failed, of which some may have been made. */
  async revokeAll(): Promise<void> {
    for (const grant of this.grants.filter(({ state }) => state !== "revoked")) {
      await this.#arena.world.revoke(grant.id);
      grant.state = "revoked";
    }
    await this.settle();
  }
}

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

export const workflows: Scenario = {
  name: "workflows",
  title: "Random workflows against a model: approve, work, die, revoke, expire, void",
  run: (options) =>
    inArena(async (first): Promise<Outcome> => {
      let arena = first;
      const estate = await arena.world.estate();
      const wanted = options.count ?? (options.full ? workflowsOf.full : workflowsOf.everyday);
      const total = Math.max(wanted, options.at ?? 0);
      let count = 0;
      let number = 0;
      const { seed } = options;
      const property = fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
        number += 1;
        if (!isShared(options, number)) return;
        count += 1;
        const cases = compatible((name) => allCases(estate, name), seed + number);
        const violations = await playWorkflow(arena, cases, acts);
        if (violations.length > 0) arena = await openArena();
        if (violations.length > 0) throw new Error(violations.join("; "));
      });
      // Cases follow from the count of workflows, so that a smaller workflow would be another one: not shrunk.
      const result = await fc.check(property, { seed, numRuns: total, endOnFailure: true });
      if (!result.failed) return { count, violations: [], notes: [] };
      const told = `workflow ${number} of seed ${seed}: ${JSON.stringify(result.counterexample)}: ${result.errorInstance}`;
      return { count, violations: [told], notes: [] };
    }),
};
