import { z } from "zod";
import { loadSnapshot, oldest } from "#lib/db/estate.ts";
import { deciders } from "#lib/db/people.ts";
import { changeRefusal } from "#lib/db/permissions.ts";
import { onlyGrants } from "#lib/db/queries/access-part.ts";
import { approvalViews } from "#lib/db/queries/approval-views.ts";
import { findingsOf, findingsView } from "#lib/db/queries/findings-view.ts";
import { hopsOf } from "#lib/db/queries/hops.ts";
import { loadChange } from "#lib/db/queries/loaded-change.ts";
import { planView } from "#lib/db/queries/plan-view.ts";
import { proofOf } from "#lib/db/queries/proof-view.ts";
import {
  accountsOf,
  type Compiled,
  compile,
  loadWorkloadFacts,
  planFromSnapshot,
  type WorkloadFacts,
} from "#lib/db/queries/proposal.ts";
import { riskOf } from "#lib/db/queries/request-risk.ts";
import { targetView } from "#lib/db/queries/target-view.ts";
import { notFound } from "#lib/db/refusals.ts";
import { maxGrantDays } from "#lib/db/rules.ts";
import { grantsVisible, type Scope, scopeOf, seesInside } from "#lib/db/visibility.ts";
import { riskRequirements } from "#lib/model/approvals.ts";
import { findAccount } from "#lib/model/estate.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { changedGrantIdSchema } from "#lib/model/grant-change.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, type Refusal, refused } from "#lib/model/refusal.ts";
import { type GrantProposal, grantProposalSchema, submissionSchema } from "#lib/model/submission.ts";
import { type Workload, workloadSchema } from "#lib/model/workload.ts";
import { admitSubmission, present, type SubmissionAdmission } from "./admit-submission.ts";
import type { Deps } from "./deps.ts";
import type { Preview, TargetPreview } from "./preview.ts";
import { kindOf, oneAtATime, requirementsOf } from "./proposal-version.ts";
import { distinct, refusalsOf } from "./refusals.ts";

/** The form as it is being typed: the parts may be unfinished, but there are no others. */
export const previewRequestSchema = z.strictObject({
  workload: z.unknown(),
  grants: z.array(z.unknown()).max(10, "At most 10 targets a request."),
  reason: z.unknown(),
  /** The live grant that it is to be another form of. */
  grantId: changedGrantIdSchema,
  /** The form may send its key along. */
  idempotencyKey: z.unknown().optional(),
});

const nothing: Omit<Preview, "refusals" | "targets"> = {
  plan: null,
  proof: [],
  findings: null,
  risk: null,
  access: null,
  approvals: [],
  snapshotAt: null,
};

/**
 * What a submission would do, from the inventory's last snapshot: nothing is written and AWS is not asked. What is
 * still missing is among the refusals; the rest is judged as far as it goes.
 */
export async function previewRequest(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<Preview>> {
  const form = previewRequestSchema.safeParse(input);
  if (!form.success) return refused(...refusalsOf(form.error));
  const unfinished = submissionSchema.safeParse({
    workload: form.data.workload,
    grants: form.data.grants,
    reason: form.data.reason,
  });
  const missing = unfinished.success ? [] : refusalsOf(unfinished.error);
  const workload = workloadSchema.safeParse(form.data.workload);
  const proposals = form.data.grants.map((grant) => grantProposalSchema.safeParse(grant).data ?? null);
  const finished = present(proposals);
  if (!workload.success || finished.length === 0)
    return accepted({ ...nothing, refusals: missing, targets: proposals.map(() => unjudged) });
  const changes = form.data.grantId ? await liveGrant(deps, actor, form.data.grantId) : accepted(null);
  if (!changes.ok) return changes;
  if (changes.value && proposals.length !== 1) return refused(oneAtATime);
  return accepted(await judge(deps, actor, workload.data, proposals, missing, changes.value));
}

const unjudged: TargetPreview = { options: [], recommended: null, grant: null, target: null, hops: [] };

/** The grant that the form changes, and what stands against changing it. */
async function liveGrant(
  { prisma, now }: Deps,
  actor: Actor,
  id: string,
): Promise<Outcome<{ grant: Grant; objection: Refusal | null }>> {
  const scope = await scopeOf(prisma, actor);
  const row = await prisma.grant.findFirst({ where: { AND: [{ id }, grantsVisible(scope)] } });
  if (!row) return refused(notFound("access"));
  const { standing, open } = await loadChange(prisma, row, now());
  // One's own open change is what is being revised.
  const own = open?.requesterId === actor.id ? { ...standing, openRequest: null } : standing;
  return accepted({ grant: grantSchema.parse(row.spec), objection: changeRefusal(own) });
}

async function judge(
  deps: Deps,
  actor: Actor,
  workload: Workload,
  proposals: readonly (GrantProposal | null)[],
  missing: readonly Refusal[],
  changes: { grant: Grant; objection: Refusal | null } | null,
): Promise<Preview> {
  const { prisma, installation } = deps;
  const live = changes?.grant;
  const finished = present(proposals);
  const arns = finished.map((proposal) => proposal.target.arn);
  const [facts, scope] = await Promise.all([
    loadWorkloadFacts(prisma, installation, workload, arns),
    scopeOf(prisma, actor),
  ]);
  const admitted = admitSubmission(
    { workload, grants: finished },
    {
      estate: facts.estate,
      siblings: facts.standing,
      issuers: facts.issuers,
      changes: live,
      now: deps.now(),
      maxDays: maxGrantDays,
    },
    finished.map((_, index) => live?.id ?? `preview${String(index).padStart(5, "0")}`),
  );
  const grants = present(admitted.grants);
  const compiled =
    grants.length > 0 ? compile(facts, kindOf(live, grants), grants, live ? [live] : []) : null;
  const refusals = distinct([
    ...(changes?.objection ? [changes.objection] : []),
    ...missing,
    ...inForm(admitted.refusals, proposals),
    ...(compiled && !compiled.ok ? compiled.refusals : []),
  ]);
  const targets = targetPreviews(proposals, admitted, facts, compiled?.ok ? compiled.value : null);
  if (!compiled?.ok) {
    const { ages } = await loadSnapshot(prisma, accountsOf(workload, finished), []);
    return { ...nothing, refusals, targets, snapshotAt: oldest(ages)?.toISOString() ?? null };
  }
  return { refusals, targets, ...(await consequences(deps, actor, scope, workload, facts, compiled.value)) };
}

/** Indices of the finished targets → those of the form. */
function inForm(refusals: readonly Refusal[], proposals: readonly (GrantProposal | null)[]): Refusal[] {
  const places = proposals.flatMap((proposal, index) => (proposal ? [index] : []));
  return refusals.map((one) => ({
    ...one,
    field: one.field.replace(/^grants\.(\d+)/, (_, index: string) => `grants.${places[Number(index)]}`),
  }));
}

function targetPreviews(
  proposals: readonly (GrantProposal | null)[],
  admitted: SubmissionAdmission,
  facts: WorkloadFacts,
  compiled: Compiled | null,
): TargetPreview[] {
  let next = 0;
  return proposals.map((proposal) => {
    if (!proposal) return unjudged;
    const index = next++;
    const grant = admitted.grants[index] ?? null;
    const options = admitted.options[index] ?? [];
    return {
      options,
      recommended: options.find((option) => option.recommended)?.id ?? null,
      grant,
      target: grant ? targetView(grant, (id) => findAccount(facts.estate, id)?.name) : null,
      hops: grant && compiled ? hopsOf(grant.id, compiled.access, compiled.after) : [],
    };
  });
}

async function consequences(
  deps: Deps,
  actor: Actor,
  scope: Scope,
  workload: Workload,
  facts: WorkloadFacts,
  compiled: Compiled,
): Promise<Omit<Preview, "refusals" | "targets">> {
  const { prisma } = deps;
  const requirements = requirementsOf({ workload }, compiled.grants, facts, actor);
  const open = (accountId: string) => seesInside(scope, accountId);
  const [snapshot, proof, people, shown] = await Promise.all([
    planFromSnapshot(prisma, compiled),
    proofOf(prisma, compiled, facts.estate, deps.now(), open),
    deciders(
      prisma,
      requirements.map((requirement) => requirement.group),
    ),
    visibleGrants(deps, scope, compiled.grants, facts.wanted),
  ]);
  const { steps } = snapshot.plan;
  const found = findingsOf(steps, deps.now());
  const risk = riskOf(compiled, facts.estate, snapshot.plan, found);
  const plan = planView(snapshot, facts.estate, open);
  return {
    plan,
    proof,
    findings: findingsView({
      steps,
      found,
      plan,
      preflight: [],
      estate: facts.estate,
      seesInside: open,
      now: deps.now(),
    }),
    risk,
    access: onlyGrants(compiled.access, shown),
    approvals: approvalViews([...requirements, ...riskRequirements(risk.level)], [], people, actor.id),
    snapshotAt: snapshot.snapshotAt?.toISOString() ?? null,
  };
}

/**
 * Ids of the proposed grants and of those of the workload that the actor may see: whoever can name a service account
 * may preview for it, and what others were granted through it stays theirs.
 */
async function visibleGrants(
  { prisma }: Deps,
  scope: Scope,
  proposed: readonly Grant[],
  wanted: readonly Grant[],
): Promise<Set<string>> {
  const rows = await prisma.grant.findMany({
    where: { AND: [{ id: { in: wanted.map((grant) => grant.id) } }, grantsVisible(scope)] },
    select: { id: true },
  });
  return new Set([...proposed, ...rows].map((one) => one.id));
}
