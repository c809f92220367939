import { z } from "zod";
import { lockCluster } from "#lib/db/locks.ts";
import { notify } from "#lib/db/notify.ts";
import { rollBackRefusal } from "#lib/db/permissions.ts";
import { grantStanding } from "#lib/db/queries/loaded-grant.ts";
import { compile, loadWorkloadFacts } from "#lib/db/queries/proposal.ts";
import { notFound } from "#lib/db/refusals.ts";
import { type Grant, grantIdSchema } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, type Refusal, refusal, refused } from "#lib/model/refusal.ts";
import { estateOfVersion, type VersionGrants, versionGrants } from "#lib/model/version-grants.ts";
import { isTwin } from "./approved-request.ts";
import type { Deps } from "./deps.ts";
import { openGrant, putForm } from "./grant-change.ts";
import { type Mutation, mutate } from "./mutation.ts";
import { queueRun } from "./queued-run.ts";

export const rollBackGrantSchema = z.strictObject({ grantId: grantIdSchema });

const waysOut = "Retry the change, ask for another one, or revoke the access.";

/**
 * Undoes a change that failed: the grant rests on the approval that it rested on before, and a run restores what that
 * one approved. Nothing is approved anew, so that approval must still hold: its end date has not come, and what it
 * would make today has its digest.
 */
export function rollBackGrant(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ grantId: string; runId: string }>> {
  return mutate(deps, actor, { schema: rollBackGrantSchema, input }, async (mutation, { grantId }) => {
    const { tx, scope, record } = mutation;
    const opened = await openGrant(mutation, grantId);
    if (!opened) return refused(notFound("access"));
    const { row, run } = opened;
    const objection = rollBackRefusal(grantStanding(row), opened.standing, scope);
    if (objection) return refused(objection);
    const before = await approvedBefore(mutation, grantId, row.requestId);
    const grant = before?.approved.grants.find(({ id }) => id === grantId);
    if (!before || !grant) return refused(notFound("earlier approval"));
    await lockCluster(tx, grant.workload.cluster);
    const objectionOfToday = await objectionTo(deps, mutation, before, grant);
    if (objectionOfToday) return refused(objectionOfToday);

    const { requestId, version, digest } = before;
    const accountIds = [row.clusterAccountId, row.targetAccountId];
    const runId = await queueRun(mutation, {
      kind: "provision",
      requestId,
      grantIds: [grantId],
      authorisation: {
        basis: "approval",
        requestId,
        version,
        digest,
        from: [row.requestId, ...(run?.from ?? []).filter((id) => id !== requestId)],
      },
      accountIds,
    });
    await putForm(tx, opened, grant, { requestId, changeRunId: runId });
    await record(
      { type: "grant.changing", data: { target: row.targetArn, change: "roll-back" } },
      { requestId, grantId, runId, accountIds },
    );
    for (const id of [requestId, row.requestId]) await notify(tx, { topic: "request", id });
    return accepted({ grantId, runId });
  });
}

interface EarlierApproval {
  requestId: string;
  kind: string;
  version: number;
  digest: string;
  /** All of the approved version: its digest covers them together. */
  approved: VersionGrants;
}

/**
 * The last approval before this one whose form of the grant a run has put in place: the change may have followed one
 * that failed as well.
 */
async function approvedBefore(
  { tx }: Pick<Mutation, "tx">,
  grantId: string,
  requestId: string,
): Promise<EarlierApproval | null> {
  const { base } = await tx.request.findUniqueOrThrow({
    where: { id: requestId },
    select: { base: { include: { versions: true } } },
  });
  if (base?.state !== "approved") return null;
  const inPlace = await tx.run.count({
    where: { requestId: base.id, kind: "provision", state: "succeeded", grantIds: { has: grantId } },
  });
  if (inPlace === 0) return approvedBefore({ tx }, grantId, base.id);
  const version = base.versions.find(({ number }) => number === base.currentVersion);
  return (
    (version && {
      requestId: base.id,
      kind: base.kind,
      version: version.number,
      digest: version.digest,
      approved: versionGrants(version),
    }) ??
    null
  );
}

async function objectionTo(
  { installation }: Pick<Deps, "installation">,
  { tx, at }: Mutation,
  { kind, digest, approved }: EarlierApproval,
  grant: Grant,
): Promise<Refusal | undefined> {
  if (grant.expiresAt !== null && Date.parse(grant.expiresAt) <= at.getTime())
    return refusal(
      "roll-back.ended",
      "",
      "Before the change the access would have ended by now, so there is nothing to go back to.",
      waysOut,
    );
  const facts = await loadWorkloadFacts(
    tx,
    installation,
    grant.workload,
    approved.grants.map(({ target }) => target.arn),
  );
  const twin = facts.standing.find((standing) => isTwin(standing, grant));
  if (twin)
    return refusal(
      "grant.duplicate",
      "",
      `This service account has got the access of before as another grant in the meantime (grant ${twin.id}).`,
      "Retry the change, or revoke one of the two.",
    );
  const standing = [...facts.wanted.filter(({ id }) => id !== grant.id), grant];
  const estate = estateOfVersion(facts.estate, approved, standing);
  const compiled = compile({ ...facts, estate }, kind, approved.grants);
  return compiled.ok && compiled.value.digest === digest
    ? undefined
    : refusal(
        "roll-back.changed",
        "",
        "What was approved before can't be restored as it was: the registered accounts, the cluster or the target have changed since.",
        waysOut,
      );
}
