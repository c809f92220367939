import { type Admission, type AdmissionFacts, admit, automatic } from "#lib/desired/admit.ts";
import { type PatternOption, patternOptions, patternSubject } from "#lib/desired/options.ts";
import { sameAccess } from "#lib/model/custom-permissions.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type Outcome, type Refusal, refusal, refused } from "#lib/model/refusal.ts";
import type { GrantProposal, Submission } from "#lib/model/submission.ts";
import type { Workload } from "#lib/model/workload.ts";

/** Each target of a submission, judged in turn. */
export interface SubmissionAdmission {
  outcomes: Outcome<Admission>[];
  /** The grants of those that are admitted, in the order of the form; the ids are the caller's. */
  grants: (Grant | null)[];
  refusals: Refusal[];
  /** Every pattern judged for each target, also where none fits; empty while cluster or target are not known. */
  options: PatternOption[][];
}

/**
 * Admits the targets of one submission one after the other: the first settles the identity that the others hang on.
 * Where the pattern is left to Drawbridge and the recommended one could not hold the later targets (it reaches one
 * account only), the next best that can is taken.
 */
export function admitSubmission(
  submission: Pick<Submission, "workload" | "grants">,
  facts: AdmissionFacts,
  ids: readonly string[],
): SubmissionAdmission {
  const [first, ...rest] = submission.grants;
  const best = admitInTurn(submission.workload, submission.grants, facts, ids);
  if (!first || rest.length === 0 || first.pattern !== automatic || best.refusals.length === 0) return best;
  const [judged] = best.outcomes;
  if (!judged?.ok) return best;
  for (const option of judged.value.options) {
    if (option.objections.length > 0) continue;
    const other = admitInTurn(submission.workload, [{ ...first, pattern: option.id }, ...rest], facts, ids);
    if (other.refusals.length === 0) return other;
  }
  return best;
}

function admitInTurn(
  workload: Workload,
  proposals: readonly GrantProposal[],
  facts: AdmissionFacts,
  ids: readonly string[],
): SubmissionAdmission {
  const outcomes: Outcome<Admission>[] = [];
  const grants: (Grant | null)[] = [];
  const options: PatternOption[][] = [];
  for (const [index, proposal] of proposals.entries()) {
    const beside = present(grants);
    const outcome = isRepeated(proposals, index)
      ? refused<Admission>(repeated)
      : admit({ workload, ...proposal }, { ...facts, beside });
    const subject = patternSubject(workload, proposal.target, facts.estate);
    options.push(subject ? patternOptions(subject, [...facts.siblings, ...beside]) : []);
    outcomes.push(outcome);
    grants.push(outcome.ok ? { id: ids[index] ?? "", ...outcome.value.grant } : null);
  }
  const refusals = outcomes.flatMap((outcome, index) =>
    outcome.ok ? [] : outcome.refusals.map((one) => ({ ...one, field: fieldOf(one.field, index) })),
  );
  return { outcomes, grants, refusals, options };
}

const repeated = refusal(
  "grant.repeated",
  "target",
  "This request asks for the same access twice.",
  "Remove one of the two.",
);

function isRepeated(proposals: readonly GrantProposal[], index: number): boolean {
  const one = proposals[index];
  return proposals
    .slice(0, index)
    .some(
      (other) =>
        other.target.arn === one?.target.arn &&
        sameAccess(other, one) &&
        other.subResource === one.subResource,
    );
}

/** The compiler speaks of one target; the form has several. */
function fieldOf(field: string, index: number): string {
  return field === "cluster" ? "workload.cluster" : `grants.${index}${field === "" ? "" : `.${field}`}`;
}

export function present<T>(items: readonly (T | null)[]): T[] {
  return items.filter((item): item is NonNullable<typeof item> => item !== null);
}
