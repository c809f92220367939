import { z } from "zod";
import { workloadOf } from "#lib/db/estate.ts";
import { lockGrant } from "#lib/db/locks.ts";
import { notify } from "#lib/db/notify.ts";
import { repairRefusal } from "#lib/db/permissions.ts";
import { driftStanding } from "#lib/db/queries/drift.ts";
import { grantStanding } from "#lib/db/queries/loaded-grant.ts";
import { compile, loadWorkloadFacts } from "#lib/db/queries/proposal.ts";
import { notFound } from "#lib/db/refusals.ts";
import type { Prisma, Tx } from "#lib/db/types.ts";
import { grantsVisible, speaksFor } from "#lib/db/visibility.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import { grantIdSchema, grantSchema } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, type Refusal, refusal, refused } from "#lib/model/refusal.ts";
import { estateOfVersion, versionGrants } from "#lib/model/version-grants.ts";
import { reviewedAnew } from "#lib/plan/drift-words.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";
import { queueRun } from "./queued-run.ts";

export const repairGrantSchema = z.strictObject({ grantId: grantIdSchema });

/**
 * Restores in AWS exactly what was approved. Needs no new review, since it gives nothing that was not: the approval's
 * digest is compared here, and again by the worker before each of its calls. What somebody took away in an account comes
 * back by the word of its owners or an admin alone (decision 0026).
 */
export function repairGrant(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ grantId: string; runId: string }>> {
  return mutate(deps, actor, { schema: repairGrantSchema, input }, async (mutation, { grantId }) => {
    const { tx, me, scope, at } = mutation;
    // Two people who repair at once, or one who revokes meanwhile, come one after the other.
    await lockGrant(tx, grantId);
    const row = await tx.grant.findFirst({ where: { AND: [{ id: grantId }, grantsVisible(scope)] } });
    if (!row) return refused(notFound("access"));
    const objection =
      repairRefusal(grantStanding(row), await driftStanding(tx, row), scope) ?? endedRefusal(row, at);
    if (objection) return refused(objection);
    const approved = await approvedToday(tx, deps.installation, row);
    if (!approved) return refused(outdated);

    const { requestId } = row;
    const accountIds = [...new Set([row.clusterAccountId, row.targetAccountId])];
    const { version, digest } = approved;
    const runId = await queueRun(mutation, {
      kind: "repair",
      requestId,
      grantIds: [grantId],
      authorisation: {
        basis: "repair",
        personId: me.id,
        requestId,
        version,
        digest,
        speaksFor: accountIds.filter((id) => speaksFor(scope, id)),
      },
      accountIds,
    });
    await notify(tx, { topic: "request", id: requestId });
    return accepted({ grantId, runId });
  });
}

type GrantRow = Prisma.GrantGetPayload<object>;

function endedRefusal({ expiresAt }: GrantRow, at: Date): Refusal | null {
  return expiresAt !== null && expiresAt <= at
    ? refusal(
        "expiry.past",
        "",
        "The end date of this access has come.",
        "Ask for it again with a later end date.",
      )
    : null;
}

const outdated = refusal(
  "repair.outdated",
  "",
  "What would be made today is not what was approved: the accounts, the cluster or the target have changed since.",
  reviewedAnew,
);

/** The version that the grant rests on, if what would be made today is what was approved with it, to the digest. */
async function approvedToday(
  tx: Tx,
  installation: string,
  row: GrantRow,
): Promise<{ version: number; digest: string } | null> {
  const { kind, state, currentVersion } = await tx.request.findUniqueOrThrow({
    where: { id: row.requestId },
  });
  const where = { requestId_number: { requestId: row.requestId, number: currentVersion } };
  const approvedVersion = await tx.requestVersion.findUniqueOrThrow({ where });
  const { digest } = approvedVersion;
  const approved = versionGrants(approvedVersion);
  const spec = canonicalJson(grantSchema.parse(row.spec));
  if (state !== "approved" || !approved.grants.some((grant) => canonicalJson(grant) === spec)) return null;
  const arns = approved.grants.map((grant) => grant.target.arn);
  const facts = await loadWorkloadFacts(tx, installation, workloadOf(row), arns);
  const estate = estateOfVersion(facts.estate, approved, facts.wanted);
  const compiled = compile({ ...facts, estate }, kind, approved.grants);
  return compiled.ok && compiled.value.digest === digest ? { version: currentVersion, digest } : null;
}
