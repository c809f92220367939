import type { CloudResource, Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import type { GrantId } from "#lib/model/grant.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { closureOf } from "./closure.ts";
import { differences } from "./same.ts";

/**
 * What a step does. `keep`: it is as it should be. `use`: it is there, not ours, and good enough to rely on.
 * `conflict`: it is there, not ours, and in the way.
 */
export type Verb = "create" | "update" | "delete" | "keep" | "use" | "conflict";

/** Verbs that call AWS to change something. */
export type MutatingVerb = Extract<Verb, "create" | "update" | "delete">;
export const mutatingVerbs: readonly Verb[] = ["create", "update", "delete"] satisfies MutatingVerb[];

export function isMutating(verb: Verb): verb is MutatingVerb {
  return mutatingVerbs.includes(verb);
}

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
  /** Sids of dead statements of our other grants in the policy, which leave it with any change. */
  deadSids?: string[];
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
  const remaining = new Map(after.map((resource) => [resource.key, resource]));
  const owned = closureOf(before, grantIds);
  const unwanted = owned.filter((resource) => !remaining.has(resource.key));
  const isSeen = ({ key }: CloudResource) => observed[key] !== undefined;
  const wantedKeys = new Set(wanted.map((resource) => resource.key));
  const shared = owned.filter((resource) => remaining.has(resource.key) && !wantedKeys.has(resource.key));

  const steps = [
    ...wanted.map((resource) => upsert(resource, observed[resource.key])),
    ...shared.flatMap((resource) => {
      const then = remaining.get(resource.key);
      return then ? [retained(resource, then, observed[resource.key])] : [];
    }),
    // What nobody could look at may take long to fail, and keeps nothing else waiting.
    ...[...unwanted.filter(isSeen), ...unwanted.filter((one) => !isSeen(one))].map((resource) =>
      removal(resource, observed[resource.key]),
    ),
  ];
  return { steps: withDependencies(steps, before, wantedKeys) };
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
  if (!observed.ours) return foreign(step, differs);
  if (isAnotherWorkloads(resource, observed))
    return { ...step, verb: "conflict", reason: "It exists already and belongs to another workload." };
  return differs.length > 0 ? { ...step, verb: "update", differences: differs } : { ...step, verb: "keep" };
}

/** Somebody else's provider serves as well as ours if it accepts our audience; nothing else of others is relied on. */
function foreign(step: Omit<PlanStep, "verb">, differs: readonly string[]): PlanStep {
  if (step.resource.kind !== "oidc-provider")
    return {
      ...step,
      verb: "conflict",
      reason: "It exists already and was not made by this Drawbridge.",
    };
  return differs.includes("client ids")
    ? {
        ...step,
        verb: "conflict",
        reason: `It exists already, made by someone else, and lacks the audience ${step.resource.body.clientIds.join(", ")}.`,
      }
    : { ...step, verb: "use", reason: "It exists already, made by someone else, and fits." };
}

/**
 * Ours, but tagged for another workload: nobody's names collide by chance, so somebody has chosen them so. Never
 * give one workload's role another's trust (invariant 10).
 */
function isAnotherWorkloads(
  { kind, body }: CloudResource,
  observed: Extract<Observed, { state: "present" }>,
): boolean {
  if ((kind !== "role" && kind !== "pod-identity-association") || !("tags" in observed.body)) return false;
  const want = "tags" in body ? body.tags[tagKeys.workload] : undefined;
  const have = observed.body.tags[tagKeys.workload];
  return want !== undefined && have !== undefined && have !== want;
}

/**
 * What stays because other grants need it, although one that needed it goes. A run that takes away access repairs
 * and creates nothing on the way (invariant 1); only a body that changes with its owners is written, and only where
 * it is there, or where that is still to be seen.
 */
function retained(before: CloudResource, after: CloudResource, observed: Observed | undefined): PlanStep {
  const step = upsert(after, observed);
  const unchanged = canonicalJson(before.body) === canonicalJson(after.body);
  if (!unchanged && (step.verb === "update" || !observed)) return { ...step, verb: "update" };
  const { verb: _, ...rest } = step;
  return { ...rest, verb: "keep", differences: [], reason: "Other grants need it." };
}

/** It may have been somebody's tool. Nothing is taken away by its name alone, and nothing of ours is left in silence. */
function taggedOtherwise({ body }: Extract<Observed, { state: "present" }>): string {
  const now = "tags" in body ? body.tags[tagKeys.workload] : undefined;
  return `It is tagged as another workload's: ${tagKeys.workload} is "${now}".`;
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
  if (observed && isAnotherWorkloads(resource, observed))
    return { ...step, verb: "conflict", reason: taggedOtherwise(observed) };
  return { ...step, verb: "delete" };
}

/**
 * Creations follow what they need; deletions wait until nothing needs the thing any more. In a change, what goes
 * goes after what comes, so that access which both forms have is never interrupted. What goes from a role that the
 * grants go on using waits until the role is as it should be, which narrows it: it may have been somebody's Deny.
 */
function withDependencies(
  steps: PlanStep[],
  before: readonly CloudResource[],
  wanted: ReadonlySet<string>,
): PlanStep[] {
  const keys = new Set(steps.map((step) => step.key));
  const needs = new Map(before.map((resource) => [resource.key, resource.dependsOn]));
  // Also what is to go and can't: nothing that it needs goes before it.
  const goes = ({ verb, key }: PlanStep) => verb === "delete" || (verb === "conflict" && !wanted.has(key));
  return steps.map((step) => {
    if (!goes(step)) return { ...step, dependsOn: step.resource.dependsOn.filter((key) => keys.has(key)) };
    const users = steps.filter(
      (other) =>
        other.key !== step.key &&
        (other.verb === "create" ||
          (other.verb === "update" && wanted.has(other.key) && step.resource.dependsOn.includes(other.key)) ||
          ((goes(other) || other.verb === "update") && needs.get(other.key)?.includes(step.key))),
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
