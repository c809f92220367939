import { type Compiled, compile, loadWorkloadFacts, type WorkloadFacts } from "#lib/db/queries/proposal.ts";
import { riskFromSnapshot } from "#lib/db/queries/request-risk.ts";
import { maxGrantDays } from "#lib/db/rules.ts";
import type { Tx } from "#lib/db/types.ts";
import { services } from "#lib/desired/services/catalogue.ts";
import { levelWord } from "#lib/model/access-words.ts";
import { type ApprovalRequirement, approvalRequirements } from "#lib/model/approvals.ts";
import { parseArn } from "#lib/model/arn.ts";
import type { Grant } from "#lib/model/grant.ts";
import { changeKind, type RequestKind } from "#lib/model/grant-change.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";
import type { Risk } from "#lib/model/risk.ts";
import type { Submission } from "#lib/model/submission.ts";
import { admitSubmission, present } from "./admit-submission.ts";
import type { Deps } from "./deps.ts";
import type { OpenedGrant } from "./grant-change.ts";
import type { Mutation } from "./mutation.ts";
import { distinct } from "./refusals.ts";

/** A submission that can be carried out, with all that a version of a request holds. */
export interface ProposedVersion {
  compiled: Compiled;
  requirements: ApprovalRequirement[];
  /** By the snapshot; the live check may raise it. */
  risk: Risk;
  title: string;
  /** The columns of the request that say of which live grant it is a change, if of one. */
  columns: { kind: RequestKind; grantId: string | null; baseRequestId: string | null };
}

/**
 * Judges a submission by what is registered and granted now, and compiles it.
 *
 * @param changes the live grant that it is another form of; null: it asks for new ones
 */
export async function proposeVersion(
  deps: Pick<Deps, "installation" | "ids">,
  { tx, me, at }: Mutation,
  submission: Submission,
  changes: OpenedGrant | null,
): Promise<Outcome<ProposedVersion>> {
  const live = changes?.grant;
  if (live && submission.grants.length !== 1) return refused(oneAtATime);
  const facts = await factsFor(tx, deps.installation, submission);
  const admitted = admitSubmission(
    submission,
    {
      estate: facts.estate,
      siblings: facts.standing,
      issuers: facts.issuers,
      changes: live,
      now: at,
      maxDays: maxGrantDays,
    },
    submission.grants.map(() => live?.id ?? deps.ids.grant()),
  );
  if (admitted.refusals.length > 0) return refused(...distinct(admitted.refusals));
  const grants = present(admitted.grants);
  const kind = kindOf(live, grants);
  const compiled = compile(facts, kind, grants, live ? [live] : []);
  if (!compiled.ok) return compiled;
  return accepted({
    compiled: compiled.value,
    requirements: requirementsOf(submission, compiled.value.grants, facts, me),
    risk: await riskFromSnapshot(tx, compiled.value, facts.estate, at),
    title: titleOf(submission, kind, compiled.value.grants),
    columns: { kind, grantId: live?.id ?? null, baseRequestId: changes?.row.requestId ?? null },
  });
}

/** Of an admitted proposal: a live grant with another form, or new grants. */
export function kindOf(live: Grant | undefined, grants: readonly Grant[]): RequestKind {
  const [grant] = grants;
  return live && grant ? (changeKind(live, grant) ?? "change") : "create";
}

export const oneAtATime = refusal(
  "change.several",
  "grants",
  "A change is of one access.",
  "Make a request of its own for each.",
);

function factsFor(tx: Tx, installation: string, { workload, grants }: Submission): Promise<WorkloadFacts> {
  return loadWorkloadFacts(
    tx,
    installation,
    workload,
    grants.map((grant) => grant.target.arn),
  );
}

export function requirementsOf(
  { workload }: Pick<Submission, "workload">,
  grants: readonly Grant[],
  facts: WorkloadFacts,
  requester: Pick<Actor, "groups">,
): ApprovalRequirement[] {
  return approvalRequirements(workload, grants, facts.estate, facts.namespaceOwner, requester.groups);
}

const verbs: Record<RequestKind, string> = { create: "", renew: "renew ", change: "change to " };

/**
 * `payments/ledger: read reports-archive and 2 more`, `payments/ledger: renew read reports-archive`,
 * `payments/ledger: 3 actions on reports-archive`
 */
export function titleOf(
  { workload }: Pick<Submission, "workload">,
  kind: RequestKind,
  grants: readonly Grant[],
): string {
  const [first, ...others] = grants;
  const arn = first && parseArn(first.target.arn);
  const name = (arn && services[arn.service]?.shortName(arn)) ?? "";
  const what = first?.level === "custom" ? `${levelWord(first)} on` : (first?.level ?? "");
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  return `${workload.namespace}/${workload.serviceAccount}: ${verbs[kind]}${what} ${name}${more}`;
}
