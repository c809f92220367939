import { workloadColumns } from "#lib/db/estate.ts";
import { lockCluster } from "#lib/db/locks.ts";
import { loadActor } from "#lib/db/people.ts";
import { keepPicture } from "#lib/db/queries/approved-picture.ts";
import { grantBefore } from "#lib/db/queries/grant-before.ts";
import type { LoadedRequest } from "#lib/db/queries/loaded-request.ts";
import { compile, loadWorkloadFacts, type WorkloadFacts } from "#lib/db/queries/proposal.ts";
import { conflict } from "#lib/db/refusals.ts";
import { move } from "#lib/db/transitions.ts";
import { parseArn } from "#lib/model/arn.ts";
import { sameAccess } from "#lib/model/custom-permissions.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import type { Grant } from "#lib/model/grant.ts";
import { accepted, type Outcome, type Refusal, refusal, refused } from "#lib/model/refusal.ts";
import { changeGrant, grantToChange } from "./approved-change.ts";
import type { Deps } from "./deps.ts";
import type { Mutation } from "./mutation.ts";
import { requirementsOf } from "./proposal-version.ts";
import { queueRun } from "./queued-run.ts";
import type { ReviewedRequest } from "./review-request.ts";

/**
 * Carries an approval out: the desired state of today must still have the digest that was approved. What was decided
 * becomes grants, or another form of one, and a run is queued. Called when no approval is missing any more.
 */
export async function grantRequest(
  deps: Deps,
  mutation: Mutation,
  request: LoadedRequest,
): Promise<Outcome<ReviewedRequest>> {
  const { tx, at, record } = mutation;
  const { row, version, grants, workload } = request;
  await lockCluster(tx, workload.cluster);
  const facts = await loadWorkloadFacts(
    tx,
    deps.installation,
    workload,
    grants.map((grant) => grant.target.arn),
  );
  const changed = await grantToChange(mutation, request);
  if (!changed.ok) return changed;
  const objection = (await ownersObjection(mutation, request, facts)) ?? objectionOfToday(request, facts);
  if (objection) return refused(objection);
  const before = await grantBefore(tx, row);
  const compiled = compile(facts, row.kind, grants, before ? [before] : []);
  if (compiled.ok)
    await keepPicture(tx, { requestId: row.id, compiled: compiled.value, estate: facts.estate, at });

  const { id: requestId, number, accountIds } = row;
  const { digest } = version;
  await move(tx, "request", { id: requestId }, "approved", { decidedAt: at });
  await record(
    { type: "request.approved", data: { number, version: version.number, digest } },
    { requestId, accountIds },
  );
  const runId = changed.value
    ? await changeGrant(mutation, request, changed.value)
    : await provideGrants(mutation, request);
  return accepted({ state: "approved", runId });
}

async function provideGrants(mutation: Mutation, request: LoadedRequest): Promise<string> {
  const { row, version, grants } = request;
  const { id: requestId, accountIds } = row;
  await createGrants(mutation, request);
  return queueRun(mutation, {
    kind: "provision",
    requestId,
    grantIds: grants.map((grant) => grant.id),
    authorisation: { basis: "approval", requestId, version: version.number, digest: version.digest },
    accountIds,
  });
}

/** Why what was approved can't be done as things are today. */
function objectionOfToday(
  { row, version, grants }: LoadedRequest,
  facts: WorkloadFacts,
): Refusal | undefined {
  const twin = facts.standing.find((standing) => grants.some((grant) => isTwin(standing, grant)));
  if (twin)
    return refusal(
      "grant.duplicate",
      "",
      `This service account has got the same access in the meantime (grant ${twin.id}).`,
      "Reject this request, or ask for changes.",
    );
  const [first] = grants;
  const other = facts.standing.find(
    (standing) => first && canonicalJson(standing.identity) !== canonicalJson(first.identity),
  );
  const compiled = compile(facts, row.kind, grants);
  if (other || !compiled.ok)
    return conflict(
      "Another request has settled this service account's identity since this one was made, and the two do not go together. The requester must revise it.",
    );
  return compiled.value.digest === version.digest
    ? undefined
    : conflict(
        "What this request would make today is not what was reviewed, because the registered accounts, the cluster or the target have changed since. The requester must revise it.",
      );
}

/** Another grant of the service account, for the same access. */
export function isTwin(a: Grant, b: Grant): boolean {
  return (
    a.id !== b.id && a.target.arn === b.target.arn && a.subResource === b.subResource && sameAccess(a, b)
  );
}

/** Accounts and namespaces may have got other owners since: who owns them now must have approved. */
async function ownersObjection(
  { tx }: Mutation,
  { row, requirements, grants, workload }: LoadedRequest,
  facts: WorkloadFacts,
): Promise<Refusal | undefined> {
  const requester = await loadActor(tx, row.requesterId);
  const today = requirementsOf({ workload }, grants, facts, requester ?? { groups: [] });
  const missing = today.find(
    (needed) => !requirements.some((had) => had.id === needed.id && had.group === needed.group),
  );
  return missing
    ? conflict(
        `${missing.group} must approve as well by now (${missing.reason}). The requester must revise the request.`,
      )
    : undefined;
}

/** In the order of the request, which is the order of approval from now on. */
async function createGrants({ tx, at, record }: Mutation, request: LoadedRequest): Promise<void> {
  const { row, grants, workload } = request;
  for (const [index, grant] of grants.entries()) {
    await tx.grant.create({
      data: {
        id: grant.id,
        requestId: row.id,
        state: "provisioning",
        wanted: true,
        spec: grant,
        ownerId: row.requesterId,
        ...workloadColumns(workload),
        targetArn: grant.target.arn,
        targetAccountId: grant.target.accountId,
        service: parseArn(grant.target.arn)?.service ?? "",
        level: grant.level,
        pattern: grant.pattern,
        expiresAt: grant.expiresAt === null ? null : new Date(grant.expiresAt),
        createdAt: new Date(at.getTime() + index),
      },
    });
    await record(
      { type: "grant.provisioning", data: { target: grant.target.arn } },
      { requestId: row.id, grantId: grant.id, accountIds: row.accountIds },
    );
  }
}
