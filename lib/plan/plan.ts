import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import type { GrantId } from "#lib/model/grant.ts";
import { closureOf } from "./closure.ts";
import { differences } from "./same.ts";

/**
 * What a step does. `keep`: it is as it should be. `use`: it is there, not ours, and good enough to rely on.
 * `conflict`: it is there, not ours, and in the way.
 */
export type Verb = "create" | "update" | "delete" | "keep" | "use" | "conflict";

/** Verbs that call AWS to change something. */
export const mutatingVerbs: readonly Verb[] = ["create", "update", "delete"];

/** One act on one resource. */
export interface PlanStep {
  /** The resource's key. */
  key: string;
  verb: Verb;
  /** The desired resource; for a deletion, what was desired before. */
  resource: CloudResource;
  /** What was there when the plan was made; undefined when it was not looked at. */
  observed?: Observed;
  /** Keys of steps that must have succeeded first. */
  dependsOn: string[];
  /** What an update changes, by name. */
  differences: string[];
  /** Why a step is `use` or `conflict`. */
  reason?: string;
}

/** The steps that lead from what is there to what is desired, as a directed acyclic graph. */
export interface Plan {
  steps: PlanStep[];
}

export interface PlanInput {
  /** Desired without the change, of all grants that share anything with it. */
  before: readonly CloudResource[];
  /** Desired with the change. */
  after: readonly CloudResource[];
  /** The grants that change: only what they own or need is touched. Drift elsewhere is not repaired on the way. */
  grantIds: readonly GrantId[];
  observed: ObservedState;
}

/** desired × observed → steps. Pure; the worker carries out exactly this, the preview shows exactly this. */
export function makePlan({ before, after, grantIds, observed }: PlanInput): Plan {
  const wanted = closureOf(after, grantIds);
  const remaining = new Set(after.map((resource) => resource.key));
  const unwanted = closureOf(before, grantIds).filter((resource) => !remaining.has(resource.key));
  // What stays although a grant that needs it goes: its body may change with its owners.
  const kept = closureOf(before, grantIds).flatMap(
    (resource) => after.find((other) => other.key === resource.key) ?? [],
  );
  const present = new Map([...wanted, ...kept].map((resource) => [resource.key, resource]));

  const steps = [
    ...[...present.values()].map((resource) => upsert(resource, observed[resource.key])),
    ...unwanted.map((resource) => removal(resource, observed[resource.key])),
  ];
  return { steps: withDependencies(steps, before) };
}

function upsert(resource: CloudResource, observed: Observed | undefined): PlanStep {
  const step = {
    key: resource.key,
    resource,
    ...(observed ? { observed } : {}),
    dependsOn: [],
    differences: [],
  };
  if (observed?.conflict !== undefined) return { ...step, verb: "conflict", reason: observed.conflict };
  if (!observed || observed.state === "absent") return { ...step, verb: "create" };
  const differs = differences(resource, observed);
  if (observed.ours)
    return differs.length > 0 ? { ...step, verb: "update", differences: differs } : { ...step, verb: "keep" };
  return resource.kind === "oidc-provider"
    ? { ...step, verb: "use", reason: "It exists already, made by someone else, and fits." }
    : { ...step, verb: "conflict", reason: "It exists already and was not made by this Drawbridge." };
}

function removal(resource: CloudResource, observed: Observed | undefined): PlanStep {
  const step = {
    key: resource.key,
    resource,
    ...(observed ? { observed } : {}),
    dependsOn: [],
    differences: [],
  };
  if (observed?.state === "absent") return { ...step, verb: "keep", reason: "It is gone already." };
  if (observed && !observed.ours)
    return { ...step, verb: "keep", reason: "It was not made by this Drawbridge, so it stays." };
  return { ...step, verb: "delete" };
}

/** Creations follow what they need; deletions wait until nothing needs the thing any more. */
function withDependencies(steps: PlanStep[], before: readonly CloudResource[]): PlanStep[] {
  const keys = new Set(steps.map((step) => step.key));
  const needs = new Map(before.map((resource) => [resource.key, resource.dependsOn]));
  return steps.map((step) => {
    if (step.verb !== "delete")
      return { ...step, dependsOn: step.resource.dependsOn.filter((key) => keys.has(key)) };
    const users = steps.filter(
      (other) =>
        other.key !== step.key &&
        (other.verb === "delete" || other.verb === "update") &&
        needs.get(other.key)?.includes(step.key),
    );
    return { ...step, dependsOn: users.map((user) => user.key) };
  });
}

/** Steps that call AWS, those that can't be done, and whether there is anything to do. */
export function planSummary(plan: Plan): { changes: number; conflicts: PlanStep[]; empty: boolean } {
  const changes = plan.steps.filter((step) => mutatingVerbs.includes(step.verb)).length;
  const conflicts = plan.steps.filter((step) => step.verb === "conflict");
  return { changes, conflicts, empty: changes === 0 && conflicts.length === 0 };
}
