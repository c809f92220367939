import { hasSessions } from "#lib/aws/controllers.ts";
import type { Node } from "./graph.ts";
import type { RunStep } from "./plan-run.ts";
import type { Attempt } from "./step-rows.ts";

/** A node of a run's graph: a step, or the first half of a deletion. */
export interface Work extends Node {
  step: RunStep;
  /** The same in both halves. */
  attempt: Attempt;
  half: "cut-off" | null;
}

/**
 * The steps as work. Where several things go in whose name sessions were given out, as with a whole identity, all of
 * them are cut off side by side before the first is deleted: one that lasts would otherwise let its sessions into the
 * next. That comes after everything else that their deletions wait for, the grants' own statements and policies.
 */
export function workOf(steps: readonly RunStep[]): Work[] {
  const whole = steps.map((step): Work => {
    const { id, dependsOn, done, tried, planned } = step;
    const attempt = {
      calls: [],
      begun: false,
      tried,
      wrote: tried,
      verb: planned.verb,
      right: null,
      deadGrants: new Set<string>(),
      deadTold: new Set<string>(),
    };
    return { id, dependsOn, done, step, attempt, half: null };
  });
  const going = whole.filter(
    ({ step, done }) => !done && step.planned.verb === "delete" && hasSessions(step.planned.resource),
  );
  if (going.length < 2) return whole;
  const own = new Set(going.map(({ id }) => id));
  const before = new Set(going.flatMap(({ dependsOn }) => dependsOn.filter((id) => !own.has(id))));
  const cutOffs = going.map(
    (one): Work => ({ ...one, id: `${one.id} cut-off`, dependsOn: [...before], half: "cut-off" }),
  );
  const after = cutOffs.map(({ id }) => id);
  return [
    ...cutOffs,
    ...whole.map((one) => (own.has(one.id) ? { ...one, dependsOn: [...one.dependsOn, ...after] } : one)),
  ];
}
