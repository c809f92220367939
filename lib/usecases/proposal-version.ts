import { type Compiled, compile, loadWorkloadFacts, type WorkloadFacts } from "#lib/db/queries/proposal.ts";
import { maxGrantDays } from "#lib/db/rules.ts";
import type { Tx } from "#lib/db/types.ts";
import { services } from "#lib/desired/services/catalogue.ts";
import { type ApprovalRequirement, approvalRequirements } from "#lib/model/approvals.ts";
import { parseArn } from "#lib/model/arn.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Submission } from "#lib/model/submission.ts";
import { admitSubmission, present } from "./admit-submission.ts";
import type { Deps } from "./deps.ts";
import type { Mutation } from "./mutation.ts";
import { distinct } from "./refusals.ts";

/** The one kind of request there is yet: new grants for a workload. */
export const requestKind = "create";

/** A submission that can be carried out, with all that a version of a request holds. */
export interface ProposedVersion {
  compiled: Compiled;
  requirements: ApprovalRequirement[];
  title: string;
}

/** Judges a submission by what is registered and granted now, and compiles it. */
export async function proposeVersion(
  deps: Pick<Deps, "installation" | "ids">,
  { tx, me, at }: Mutation,
  submission: Submission,
): Promise<Outcome<ProposedVersion>> {
  const facts = await factsFor(tx, deps.installation, submission);
  const admitted = admitSubmission(
    submission,
    { estate: facts.estate, siblings: facts.standing, now: at, maxDays: maxGrantDays },
    submission.grants.map(() => deps.ids.grant()),
  );
  if (admitted.refusals.length > 0) return refused(...distinct(admitted.refusals));
  const compiled = compile(facts, requestKind, present(admitted.grants));
  if (!compiled.ok) return compiled;
  return accepted({
    compiled: compiled.value,
    requirements: requirementsOf(submission, compiled.value.grants, facts, me),
    title: titleOf(submission, compiled.value.grants),
  });
}

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

/** `payments/ledger: read reports-archive and 2 more` */
export function titleOf({ workload }: Pick<Submission, "workload">, grants: readonly Grant[]): string {
  const [first, ...others] = grants;
  const arn = first && parseArn(first.target.arn);
  const name = (arn && services[arn.service]?.shortName(arn)) ?? "";
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  return `${workload.namespace}/${workload.serviceAccount}: ${first?.level ?? ""} ${name}${more}`;
}
