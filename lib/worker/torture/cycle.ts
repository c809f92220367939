import { isDeepStrictEqual } from "node:util";
import type { Grant } from "#lib/model/grant.ts";
import { executeRun } from "../run.ts";
import type { Arena } from "./arena.ts";
import type { Case } from "./cases.ts";
import { violationsOf } from "./invariants.ts";
import { type Mortal, mortalWorker, type Point } from "./mortal.ts";
import { markOf } from "./view.ts";

/** One grant from nothing to nothing: provisioned and revoked, by workers that may die on the way. */

export type Phase = "provision" | "revoke";
export const phases: readonly Phase[] = ["provision", "revoke"];

/** A point whose names hold for every grant of the case. */
export interface NamedPoint {
  phase: Phase;
  step: string;
  event: string;
}

/** For each worker of a phase in turn, where it dies; the one after the last lives. */
export type Deaths = Record<Phase, readonly NamedPoint[]>;

export interface Reference {
  /** What a run without crashes reaches, in each phase. */
  points: NamedPoint[];
  /** How AWS looks in between. */
  provisioned: unknown;
}

/** The ids of grants differ from cycle to cycle; they stand in names of policies and in Sids. */
const placeholder = "GRANT";

export function named(phase: Phase, { step, event }: Point, grant: Grant): NamedPoint {
  return { phase, step: step.replaceAll(grant.id, placeholder), event };
}

export function nameOf({ phase, step, event }: NamedPoint): string {
  return `${phase}: ${step.split("/").at(-1)} › ${event}`;
}

function renamed(dump: unknown, grant: Grant): unknown {
  return JSON.parse(JSON.stringify(dump).replaceAll(grant.id, placeholder));
}

/** Plays the case without crashes, to know its points and what it makes. */
export async function referenceOf(arena: Arena, one: Case): Promise<Reference> {
  const { world } = arena;
  const grant = one.grant();
  const points: NamedPoint[] = [];
  const play = async (phase: Phase, runId: string) => {
    const worker = mortalWorker(world, "reference");
    await executeRun(worker.deps, runId);
    const { state, error } = await world.run(runId);
    if (state !== "succeeded") throw new Error(`${one.name}: ${phase} ${state}: ${JSON.stringify(error)}`);
    points.push(...worker.reached.map((point) => named(phase, point, grant)));
  };
  await play("provision", await world.approve([grant]));
  const provisioned = renamed(await world.dump(), grant);
  await play("revoke", await world.revoke(grant.id));
  return { points, provisioned };
}

export interface Cycle {
  violations: string[];
  /** Of the deaths that were asked for, those that came. */
  died: NamedPoint[];
}

/** Provisions and revokes with the deaths asked for, and compares each end with the reference's. */
export async function playCycle(
  arena: Arena,
  one: Case,
  reference: Reference,
  deaths: Deaths,
): Promise<Cycle> {
  const { world } = arena;
  const mark = await markOf(arena);
  const grant = one.grant();
  const violations: string[] = [];
  const died: NamedPoint[] = [];

  const phase = async (name: Phase, runId: string) => {
    for (const point of [...deaths[name], undefined]) {
      const worker = mortalWorker(world, `w${died.length}`, (at) => {
        const here = named(name, at, grant);
        return here.step === point?.step && here.event === point.event;
      });
      await untilDead(worker, runId);
      if (!worker.dead()) break;
      if (point) died.push(point);
      await world.prisma.run.updateMany({
        where: { id: runId, state: "running" },
        data: { leaseUntil: new Date(0) },
      });
    }
    const { state, error } = await world.run(runId);
    if (state !== "succeeded") violations.push(`${name} ${state}: ${JSON.stringify(error)}`);
  };

  await phase("provision", await world.approve([grant]));
  if (!isDeepStrictEqual(renamed(await world.dump(), grant), reference.provisioned))
    violations.push("provisioned, AWS does not look as after a run without crashes");
  violations.push(...(await violationsOf(arena, mark)));
  await phase("revoke", await world.revoke(grant.id));
  violations.push(...(await violationsOf(arena, mark)));
  return { violations, died };
}

/** A worker that dies throws what it pleases; one that lives must not. */
async function untilDead(worker: Mortal, runId: string): Promise<void> {
  try {
    await executeRun(worker.deps, runId);
  } catch (error) {
    if (!worker.dead()) throw error;
  }
}
