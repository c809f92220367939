import { workloadColumns } from "#lib/db/estate.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { changeKind } from "#lib/model/grant-change.ts";
import type { Failure } from "#lib/model/run.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { expireGrants } from "../expire.ts";
import { runsToTake } from "../lease.ts";
import { executeRun } from "../run.ts";
import { approveChange, type GrantForm } from "../testing-change.ts";
import { queueRepair } from "../testing-drift.ts";
import type { Arena } from "./arena.ts";
import { takeAway } from "./by-hand.ts";
import { type Case, customAccess } from "./cases.ts";
import { mortalWorker } from "./mortal.ts";
import { seeded } from "./random.ts";
import { desiredOf } from "./view.ts";

/** One workflow as it is played, and what a model says must come of each of its grants. */

export const changedForms = ["renew", "shorten", "read", "read-write", "custom", "part"] as const;
type ChangedForm = (typeof changedForms)[number];

export type Act =
  | { do: "approve"; case: number; part: number; custom: number | null }
  | { do: "work"; dies: number | null }
  | { do: "work-side-by-side" }
  | { do: "revoke"; grant: number }
  | { do: "expire"; grant: number }
  | { do: "tamper"; grant: number }
  | { do: "change"; grant: number; form: ChangedForm; custom: number }
  | { do: "drift"; grant: number; what: number };

/** A repair that was asked for before a change was approved has nothing to do any more. */
function isSuperseded(error: unknown): boolean {
  return (error as Partial<Failure> | null)?.code === "Changed";
}

/** Undefined of none. */
function oneOf<T>(some: readonly T[], nth: number): T | undefined {
  return some[nth % Math.max(1, some.length)];
}

/** What a change asks for. */
function formOf({ form, custom }: Extract<Act, { do: "change" }>, { target }: Grant): GrantForm {
  const forms: Record<ChangedForm, () => GrantForm> = {
    renew: () => ({ expiresAt: "2099-06-01T00:00:00Z" }),
    shorten: () => ({ expiresAt: "2098-01-01T00:00:00Z" }),
    read: () => ({ level: "read" }),
    "read-write": () => ({ level: "read-write" }),
    custom: () => customAccess(seeded(custom), target.arn),
    part: () => (target.arn.includes(":s3:") ? { subResource: `part-${custom % 4}` } : {}),
  };
  return forms[form]();
}

/** What must become of a grant once all runs are over. */
interface Expected {
  id: string;
  requestId: string;
  state: "active" | "revoked" | "failed";
}

export class Workflow {
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
      case "change":
        return this.#change(step);
      case "drift":
        return this.#drift(step);
      default:
        return this.#disturb(step);
    }
  }

  /** The product refuses a second grant of the same access while one stands. */
  async #stands({ workload, target, subResource }: Grant, but = ""): Promise<boolean> {
    const rows = await this.#arena.world.prisma.grant.findMany({
      where: {
        id: { not: but },
        state: { not: "revoked" },
        targetArn: target.arn,
        ...workloadColumns(workload),
      },
    });
    return rows.some(({ spec }) => grantSchema.parse(spec).subResource === subResource);
  }

  async #disturb(step: Extract<Act, { do: "revoke" | "expire" | "tamper" }>): Promise<void> {
    const { world } = this.#arena;
    const expected = oneOf(this.grants, step.grant);
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

  async #live(): Promise<Grant[]> {
    const rows = await this.#arena.world.prisma.grant.findMany({
      where: { state: "active", wanted: true },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    });
    return rows.map(({ spec }) => grantSchema.parse(spec));
  }

  /** As the product allows it: of a grant that is live, and in no other change. */
  async #change(step: Extract<Act, { do: "change" }>): Promise<void> {
    const { world } = this.#arena;
    const grant = oneOf(await this.#live(), step.grant);
    if (!grant || (await world.grant(grant.id)).changeRunId !== null) return;
    const form = formOf(step, grant);
    const changed = { ...grant, ...form };
    if (changeKind(grant, changed) === null || (await this.#stands(changed, grant.id))) return;
    await approveChange(world, grant.id, form);
  }

  /** Somebody takes a part of a live grant away by hand, and all that rests on it is repaired. */
  async #drift(step: Extract<Act, { do: "drift" }>): Promise<void> {
    const { world, sandbox } = this.#arena;
    // A run in whose midst that happens rightly ends as failed.
    await this.settle();
    const live = await this.#live();
    const desired = desiredOf(live, await world.estate());
    const grant = oneOf(live, step.grant);
    const gone = grant && oneOf(closureOf(desired, [grant.id]), step.what);
    if (!gone) return;
    takeAway(sandbox.state(), gone);
    for (const { id } of live)
      if (closureOf(desired, [id]).some(({ key }) => key === gone.key)) await queueRepair(world, id);
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
        runs.map(async ({ id: runId }) => {
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
    const live = found.filter(({ state, wanted }) => state === "active" && wanted).map(({ id }) => id);
    const unchanged = found.filter(({ id, changeRunId }) => live.includes(id) && changeRunId !== null);
    const failed = await world.prisma.run.findMany({
      where: { state: "failed", grantIds: { hasSome: [...live, ...wrong.map(({ id }) => id)] } },
    });
    return [
      ...unchanged.map(({ id }) => `the change of grant ${id} did not come to its end`),
      ...wrong.map(({ id, state }) => {
        const wanted = this.grants.find((grant) => grant.id === id)?.state;
        return `grant ${id} is ${state}, and should be ${wanted}`;
      }),
      ...failed
        .filter(({ error }) => !isSuperseded(error))
        .map(({ kind, grantIds, error }) => `${kind} of ${grantIds}: ${JSON.stringify(error)}`),
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
