import { randomUUID } from "node:crypto";
import { json } from "#lib/db/json.ts";
import { notify } from "#lib/db/notify.ts";
import { moveAll } from "#lib/db/transitions.ts";
import { Prisma, type Tx } from "#lib/db/types.ts";
import { isTerminal, type StepState } from "#lib/model/states.ts";
import { mutatingVerbs, type PlanStep } from "#lib/plan/plan.ts";
import type { Lease } from "./lease.ts";

/** A step of the plan with its row. `id` and `dependsOn` are row ids: a resource may have had a step before. */
export interface RunStep {
  id: string;
  planned: PlanStep;
  dependsOn: string[];
  done: boolean;
  /** Was begun before, and not finished. */
  tried: boolean;
}

interface StepRow {
  id: string;
  key: string;
  verb: string;
  state: string;
  position: number;
  attempts: number;
  resourceKey: string;
}

/** Steps after those they depend on; otherwise as the plan has them. */
function inOrder(steps: readonly PlanStep[]): PlanStep[] {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const ordered = new Set<PlanStep>();
  const add = (step: PlanStep, path: ReadonlySet<string>) => {
    if (ordered.has(step) || path.has(step.key)) return;
    for (const key of step.dependsOn) {
      const needed = byKey.get(key);
      if (needed) add(needed, new Set([...path, step.key]));
    }
    ordered.add(step);
  };
  for (const step of steps) add(step, new Set());
  return [...ordered];
}

/**
 * Writes the plan's steps, one row a resource. A run that is taken up again keeps the rows of what is done and plans
 * the rest anew. Where something that was done has been undone since, it gets a row of its own: rows that are
 * finished never change.
 */
export async function persistPlan(
  lease: Lease,
  planned: readonly PlanStep[],
  alsoCommit: (tx: Tx) => Promise<void>,
): Promise<RunStep[]> {
  const { run } = lease;
  return lease.fenced(async (tx, now) => {
    const rows = await existingRows(tx, run.id);
    // A step that was running when its worker was lost: what it did, until now at most, will be seen when it is looked
    // at again.
    await moveAll(tx, "step", { runId: run.id, state: "running" }, "pending", { finishedAt: now });
    await moveAll(tx, "step", { runId: run.id, state: "failed" }, "pending");
    const ids = new Map<string, string>();
    const steps: RunStep[] = [];
    const added: Prisma.StepCreateManyInput[] = [];
    let position = rows.reduce((last, row) => Math.max(last, row.position), -1);
    for (const step of inOrder(planned)) {
      const row = rows.findLast((one) => one.resourceKey === step.key);
      const finished = row !== undefined && isTerminal("step", row.state as StepState);
      const done = finished && !mutatingVerbs.includes(step.verb);
      const data = {
        verb: step.verb,
        kind: step.resource.kind,
        accountId: step.resource.accountId,
        region: step.resource.region,
        dependsOn: step.dependsOn,
        resource: json(step.resource),
      };
      const tried = row !== undefined && !finished && row.attempts > 0;
      // What it has set out to do before stays on record: it may have done it.
      const verb = tried && !mutatingVerbs.includes(step.verb) ? row.verb : step.verb;
      if (row && !finished)
        await tx.step.update({ where: { id: row.id }, data: { ...data, verb, error: Prisma.DbNull } });
      if (!row || (finished && !done)) position += 1;
      const known = row && (done || !finished) ? row.id : undefined;
      const id = known ?? randomUUID();
      if (known === undefined)
        added.push({ ...data, id, runId: run.id, position, key: freeKey(rows, step.key) });
      ids.set(step.key, id);
      steps.push({ id, planned: step, dependsOn: [], done, tried });
    }
    await tx.step.createMany({ data: added });
    await dropRest(tx, run.id, [...ids.values()]);
    await alsoCommit(tx);
    await notify(tx, { topic: "run", id: run.id });
    return steps.map((step) => ({
      ...step,
      dependsOn: step.planned.dependsOn.flatMap((key) => ids.get(key) ?? []),
    }));
  });
}

async function existingRows(tx: Tx, runId: string): Promise<StepRow[]> {
  const rows = await tx.step.findMany({
    where: { runId },
    orderBy: { position: "asc" },
    select: { id: true, key: true, verb: true, state: true, position: true, attempts: true, resource: true },
  });
  return rows.map((row) => ({ ...row, resourceKey: resourceKeyOf(row) }));
}

/** The key of the resource of a step's row: a step that does something again has a key with a number. */
export function resourceKeyOf({ key, resource }: { key: string; resource: unknown }): string {
  return typeof resource === "object" && resource !== null && "key" in resource ? String(resource.key) : key;
}

function freeKey(rows: readonly StepRow[], key: string): string {
  const before = rows.filter((row) => row.resourceKey === key).length;
  return before === 0 ? key : `${key} (${before + 1})`;
}

/** What an earlier plan wanted and this one does not. */
async function dropRest(tx: Tx, runId: string, ids: string[]): Promise<void> {
  await moveAll(tx, "step", { runId, id: { notIn: ids } }, "skipped", {
    outcome: "kept",
    detail: "No longer part of the plan.",
  });
}
