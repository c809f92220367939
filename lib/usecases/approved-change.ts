import type { LoadedRequest } from "#lib/db/queries/loaded-request.ts";
import { conflict } from "#lib/db/refusals.ts";
import { accepted, type Outcome, type Refusal, refusal, refused } from "#lib/model/refusal.ts";
import { type OpenedGrant, openGrant, putForm } from "./grant-change.ts";
import type { Mutation } from "./mutation.ts";
import { queueRun } from "./queued-run.ts";

/**
 * The live grant of a request for a change, as far as the approval may still be carried out. Null: the request asks
 * for new grants.
 */
export async function grantToChange(
  mutation: Mutation,
  { row }: LoadedRequest,
): Promise<Outcome<OpenedGrant | null>> {
  if (row.grantId === null) return accepted(null);
  const opened = await openGrant(mutation, row.grantId, row.id);
  const objection = objectionOf(opened, row.baseRequestId);
  return objection ? refused(objection) : accepted(opened);
}

function objectionOf(opened: OpenedGrant | null, baseRequestId: string | null): Refusal | undefined {
  if (opened?.standing.state !== "active" || opened.standing.ended)
    return refusal(
      "change.not-active",
      "",
      "The access that this would change has been taken back or has ended in the meantime.",
      "Reject this request; new access is a new request.",
    );
  if (opened.row.requestId !== baseRequestId)
    return conflict(
      "The access has got another form since this was asked, so this is no longer the change that was reviewed. The requester must revise it.",
    );
  return opened.run && opened.run.state !== "failed"
    ? conflict("Another change of this access is being carried out. Approve this when it has finished.")
    : undefined;
}

/**
 * Turns an approval into the grant's new form and queues the run that leads there from every form that may be in AWS.
 *
 * @returns the run's id
 */
export async function changeGrant(
  mutation: Mutation,
  { row, version, grants }: LoadedRequest,
  opened: OpenedGrant,
): Promise<string> {
  const { tx, record } = mutation;
  const grant = grants.find(({ id }) => id === opened.grant.id);
  if (!grant) throw new TypeError(`Request ${row.id} does not hold the grant that it changes.`);
  const { id: requestId, accountIds, kind } = row;
  const runId = await queueRun(mutation, {
    kind: "provision",
    requestId,
    grantIds: [grant.id],
    authorisation: {
      basis: "approval",
      requestId,
      version: version.number,
      digest: version.digest,
      from: [opened.row.requestId, ...(opened.run?.from ?? [])],
    },
    accountIds,
  });
  await putForm(tx, opened, grant, { requestId, changeRunId: runId });
  await record(
    {
      type: "grant.changing",
      data: { target: grant.target.arn, change: kind === "renew" ? "renew" : "change" },
    },
    { requestId, grantId: grant.id, runId, accountIds },
  );
  return runId;
}
