import { z } from "zod";
import { notify } from "#lib/db/notify.ts";
import { deciders } from "#lib/db/people.ts";
import { confirmationRefusal, requestPermissions } from "#lib/db/permissions.ts";
import type { LoadedRequest } from "#lib/db/queries/loaded-request.ts";
import { conflict, notFound } from "#lib/db/refusals.ts";
import { move } from "#lib/db/transitions.ts";
import { type ApprovalVote, type Decider, tallyApprovals } from "#lib/model/approvals.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { RequestState } from "#lib/model/states.ts";
import { textSchema } from "#lib/model/submission.ts";
import { grantRequest } from "./approved-request.ts";
import type { Deps } from "./deps.ts";
import { type Mutation, mutate } from "./mutation.ts";
import { openRequest } from "./open-request.ts";

/** A decision on one version, with the digest that the page showed. */
export const reviewRequestSchema = z
  .strictObject({
    number: z.int().positive(),
    version: z.int().positive(),
    digest: z.string().regex(/^[0-9a-f]{64}$/, "Reload the page: it has lost the digest."),
    decision: z.enum(["approve", "request_changes", "reject"], "Choose a decision."),
    comment: textSchema("The comment", 5_000).default(""),
    /** Of an approval at high risk: the names of all accounts that it opens. */
    confirmation: z.string().max(2_000).default(""),
  })
  .refine(({ decision, comment }) => decision === "approve" || comment.length > 0, {
    path: ["comment"],
    message: "Say why: the requester acts on it.",
  });

type ReviewInput = z.output<typeof reviewRequestSchema>;

export interface ReviewedRequest {
  state: RequestState;
  /** The run that carries it out, once this review was the last that was missing. */
  runId: string | null;
}

/**
 * Approve, ask for changes, or reject. Groups are read anew; the requester never counts, whatever else they are; what
 * the version's risk asks for beside the owners is held in the same transaction. The
 * last approval that is missing turns the request into grants and queues the run, in the same transaction.
 */
export function reviewRequest(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<ReviewedRequest>> {
  return mutate(deps, actor, { schema: reviewRequestSchema, input }, async (mutation, review) => {
    const { tx, scope } = mutation;
    const request = await openRequest(mutation, review.number);
    if (!request) return refused(notFound("request"));
    const people = await deciders(
      tx,
      request.requirements.map((requirement) => requirement.group),
    );
    const may = requestPermissions(request.standing, scope, people);
    const refusal = { approve: may.approve, request_changes: may.requestChanges, reject: may.reject }[
      review.decision
    ];
    if (refusal?.code === "forbidden") return refused(refusal);
    // Before what stands against the version that is current: they have not seen that one.
    if (review.version !== request.version.number || review.digest !== request.version.digest)
      return refused(
        conflict("The request has changed since you opened it, so your review was not recorded."),
      );
    if (refusal) return refused(refusal);
    const unconfirmed =
      review.decision === "approve" ? confirmationRefusal(request.standing, review.confirmation) : null;
    if (unconfirmed) return refused(unconfirmed);
    await writeReview(mutation, request, review, may.satisfies);
    const decided = await decide(deps, mutation, request, review, people);
    if (decided.ok) await notify(tx, { topic: "request", id: request.row.id });
    return decided;
  });
}

async function writeReview(
  { tx, me, at, record }: Mutation,
  { row, version, risk, standing }: LoadedRequest,
  { decision, comment }: ReviewInput,
  requirements: string[],
): Promise<void> {
  const { id: requestId, number, accountIds } = row;
  const { digest } = version;
  await tx.review.create({
    data: { requestId, version: version.number, digest, personId: me.id, decision, comment, createdAt: at },
  });
  const confirmed =
    decision === "approve" && standing.confirmation !== null ? { confirmed: standing.confirmation } : {};
  await record(
    {
      type: "request.reviewed",
      data: {
        number,
        version: version.number,
        digest,
        decision,
        comment,
        requirements,
        risk: risk.level,
        ...confirmed,
      },
    },
    { requestId, accountIds },
  );
}

async function decide(
  deps: Deps,
  mutation: Mutation,
  request: LoadedRequest,
  { decision }: ReviewInput,
  people: readonly Decider[],
): Promise<Outcome<ReviewedRequest>> {
  const { tx, me, at, record } = mutation;
  const { id, number, accountIds } = request.row;
  const version = request.version.number;
  if (decision === "reject") {
    await move(tx, "request", { id }, "rejected", { decidedAt: at });
    await record({ type: "request.rejected", data: { number, version } }, { requestId: id, accountIds });
    return accepted({ state: "rejected", runId: null });
  }
  if (decision === "request_changes") {
    await move(tx, "request", { id }, "changes_requested");
    await record(
      { type: "request.changes-requested", data: { number, version } },
      { requestId: id, accountIds },
    );
    return accepted({ state: "changes_requested", runId: null });
  }
  const votes: ApprovalVote[] = [...request.standing.votes, { personId: me.id, decision }];
  const tally = tallyApprovals(request.requirements, votes, people, request.row.requesterId);
  if (tally.some((requirement) => requirement.satisfiedBy === null))
    return accepted({ state: "in_review", runId: null });
  return grantRequest(deps, mutation, request);
}
