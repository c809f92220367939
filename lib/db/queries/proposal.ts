import { DesiredStateError } from "#lib/desired/context.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { type BoundGrants, bindsEarlierCluster, leftByEarlierCluster } from "#lib/desired/earlier-cluster.ts";
import { type WorkloadAccess, workloadAccess } from "#lib/desired/workload-access.ts";
import type { AccountId } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";
import { type TargetFacts, targetFacts } from "#lib/model/version-grants.ts";
import type { Workload } from "#lib/model/workload.ts";
import { closureOf, united } from "#lib/plan/closure.ts";
import { issuerOf, planDigest } from "#lib/plan/digest.ts";
import { isMutating, makePlan, type Plan, type PlanStep } from "#lib/plan/plan.ts";
import { observedFromSnapshot, policySnapshotKey } from "#lib/plan/snapshot.ts";
import { type DeadStatement, deadStatements } from "#lib/policy/dangling.ts";
import {
  boundGrants,
  knownGrants,
  loadEstate,
  loadSnapshot,
  namespaceOwner,
  oldest,
  type WorkloadGrants,
  withPolicyUsage,
  workloadGrants,
} from "../estate.ts";
import type { Db } from "../types.ts";

/** What a proposal for a workload is judged and compiled by. */
export interface WorkloadFacts extends WorkloadGrants {
  /** With the inventory of the targets in question only. */
  estate: Estate;
  namespaceOwner: string | null;
  /** The cluster's live grants, where it was made anew since some of the workload's were approved: else not needed. */
  neighbours: BoundGrants;
}

export async function loadWorkloadFacts(
  db: Db,
  installation: string,
  workload: Workload,
  targetArns: readonly string[],
): Promise<WorkloadFacts> {
  const grants = await workloadGrants(db, workload);
  const owner = await namespaceOwner(db, workload);
  const arns = new Set([...targetArns, ...grants.standing.map((grant) => grant.target.arn)]);
  const estate = await withPolicyUsage(db, await loadEstate(db, installation, { arns: [...arns] }));
  const { cluster } = workload;
  const isRecreated = [...grants.issuers.values()].some((issuer) =>
    bindsEarlierCluster(cluster, estate, issuer),
  );
  const neighbours = isRecreated ? await boundGrants(db, cluster) : alone;
  return { ...grants, estate, namespaceOwner: owner, neighbours };
}

const alone: BoundGrants = { grants: [], issuers: new Map() };

/** The desired state with and without the proposed grants; of a change, with their new and their earlier form. */
export interface Compiled {
  grants: Grant[];
  before: CloudResource[];
  after: CloudResource[];
  /** What the proposed grants own or need. */
  closure: CloudResource[];
  digest: string;
  /** Part of the digest. */
  issuer: string | null;
  /** What the inventory knows of the proposed grants' targets. */
  targets: TargetFacts[];
  /** Of the whole workload. */
  access: WorkloadAccess;
}

/**
 * Compiles proposed grants of one workload together with those that it has. Only the workload's own grants matter:
 * what is shared with other workloads (a cluster's OIDC provider) has the same body whoever needs it. Only where a grant
 * leaves a cluster that was made anew, its neighbours tell what nobody needs any more.
 *
 * @param from of a change: the form that its grant has, or had before it
 */
export function compile(
  facts: Pick<WorkloadFacts, "estate" | "wanted" | "issuers" | "neighbours">,
  kind: string,
  grants: readonly Grant[],
  from: readonly Grant[] = [],
): Outcome<Compiled> {
  const ids = grants.map((grant) => grant.id);
  const others = facts.wanted.filter((grant) => !ids.includes(grant.id));
  const proposed = new Map(grants.map((grant) => [grant.id, grant]));
  // A grant keeps its place in the order of approval.
  const standing = facts.wanted.map((grant) => proposed.get(grant.id) ?? grant);
  const fresh = grants.filter((grant) => !facts.wanted.some(({ id }) => id === grant.id));
  const all = [...standing, ...fresh];
  try {
    const before = united([desiredResources([...others, ...from], facts.estate), leftWith(facts, from)]);
    const after = desiredResources(all, facts.estate);
    const issuer = issuerOf(grants, facts.estate);
    return accepted({
      grants: [...grants],
      before,
      after,
      closure: closureOf(after, ids),
      digest: planDigest({ installation: facts.estate.installation, kind, grants, issuer, desired: after }),
      issuer,
      targets: targetFacts(grants, facts.estate),
      access: workloadAccess(all, facts.estate),
    });
  } catch (error) {
    if (!(error instanceof DesiredStateError)) throw error;
    return refused(
      refusal(
        "plan.impossible",
        "",
        `It can't be carried out as things are now: ${error.message}`,
        "Revise the request so that it fits what the service account has today.",
      ),
    );
  }
}

/** What a change takes away with the form that was approved for the cluster before it was made anew. */
function leftWith(
  { estate, issuers, neighbours }: Parameters<typeof compile>[0],
  from: readonly Grant[],
): CloudResource[] {
  const [first] = from;
  if (!first) return [];
  const ids = from.map(({ id }) => id);
  const staying = { ...neighbours, grants: neighbours.grants.filter(({ id }) => !ids.includes(id)) };
  const going = from.map((grant) => ({ grants: [grant], issuer: issuers.get(grant.id) ?? null }));
  return leftByEarlierCluster(first.workload.cluster, estate, { going, staying });
}

export interface SnapshotPlan {
  plan: Plan;
  /** When the oldest of the snapshots it rests on was read. */
  snapshotAt: Date | null;
}

/** The steps from what the inventory last saw to what is desired. */
export async function planFromSnapshot(
  db: Db,
  compiled: Pick<Compiled, "before" | "after" | "closure" | "grants">,
): Promise<SnapshotPlan> {
  const { before, after, closure, grants } = compiled;
  const grantIds = grants.map((grant) => grant.id);
  const concerned = [...closureOf(before, grantIds), ...closure];
  const accountIds = [...new Set(concerned.map((resource) => resource.accountId))];
  const { observed, seen, ages } = await loadSnapshot(db, accountIds, concerned.flatMap(snapshotKeys));
  const plan = makePlan({
    before,
    after,
    grantIds,
    observed: observedFromSnapshot(concerned, observed),
  });
  const steps = await withDeadStatements(db, plan.steps);
  // What is not there was not seen when its account was read.
  const each = concerned.map(({ key, accountId }) => [key, seen[key] ?? ages[accountId] ?? null] as const);
  const isEmpty = concerned.length === 0 || oldest(ages) === null;
  return { plan: { steps }, snapshotAt: oldest(isEmpty ? ages : Object.fromEntries(each)) };
}

/** Says of each change of a shared policy which dead statements of our other grants it takes along, as the worker does. */
async function withDeadStatements(db: Db, steps: readonly PlanStep[]): Promise<PlanStep[]> {
  const known = await knownGrants(
    db,
    steps.flatMap(deadOfOthers).map(({ grantId }) => grantId),
  );
  return steps.map((step) => {
    const deadSids = deadOfOthers(step).flatMap(({ statement: { Sid }, grantId }) =>
      Sid !== undefined && known.has(grantId) ? [Sid] : [],
    );
    return deadSids.length === 0 ? step : { ...step, deadSids };
  });
}

function deadOfOthers({ verb, resource: { owners }, observed }: PlanStep): DeadStatement[] {
  if (!isMutating(verb) || !observed?.surrounding) return [];
  return deadStatements(statementsOf(observed.surrounding)).filter(
    ({ grantId }) => !owners.includes(grantId),
  );
}

function snapshotKeys(resource: CloudResource): string[] {
  return resource.kind === "resource-policy-statements"
    ? [resource.key, policySnapshotKey(resource.body.resourceArn)]
    : [resource.key];
}

/** Every account whose owners a request concerns: where something is made or read. */
export function accountsOf(workload: Workload, grants: readonly Pick<Grant, "target">[]): AccountId[] {
  const ids = [workload.cluster.accountId, ...grants.map((grant) => grant.target.accountId)];
  return [...new Set(ids)].sort();
}
