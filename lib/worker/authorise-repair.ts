import type { Db } from "#lib/db/types.ts";
import type { AccountId } from "#lib/model/arn.ts";
import { explainDrift, givenBackIn } from "#lib/plan/drift.ts";
import { reviewedAnew } from "#lib/plan/drift-words.ts";
import type { PlanStep } from "#lib/plan/plan.ts";
import { databaseNow, type WorkerDeps } from "./deps.ts";
import type { LeasedRun } from "./lease.ts";
import type { Picture } from "./picture.ts";
import { isPartOfApproved, refuse, refuseEarlierCluster, refuseExpired, refuseRevoked } from "./refuse.ts";
import { isAsApproved, isSameForm, loadApproved } from "./repair.ts";

const askAgain = "Revoke this access and ask for it again, so that what is to be there is reviewed.";

/**
 * Whether the person who asked for a repair may have this step made: what somebody has taken away in an account is given
 * back by the word of its owners or an admin (decision 0026). It may have been taken away after the repair was asked for,
 * so this is asked of what is there now. Any other run gives by an approval.
 *
 * @param settled throws where what is there may be shown late: then nobody has taken anything away
 * @throws RunRefused
 */
export function refuseToGiveBack(run: LeasedRun, step: PlanStep, settled: () => void): void {
  if (run.authorisation.basis !== "repair") return;
  const [silent] = givenBackIn(explainDrift([step])).filter((id) => !hasWordOf(run, id));
  if (silent === undefined) return;
  settled();
  refuseWithoutWord(silent);
}

/** What a controller does that finds more taken away than was seen; undefined: the run may give it back. */
export function onTakenAway(run: LeasedRun, accountId: AccountId): (() => never) | undefined {
  return run.authorisation.basis !== "repair" || hasWordOf(run, accountId)
    ? undefined
    : () => refuseWithoutWord(accountId);
}

function hasWordOf({ authorisation }: LeasedRun, accountId: AccountId): boolean {
  return authorisation.basis === "repair" && authorisation.speaksFor.includes(accountId);
}

function refuseWithoutWord(accountId: AccountId): never {
  refuse(
    "OwnerNotAsked",
    `Something of this access was taken away, or may have been, in account ${accountId}, and this repair has not the word of its owners to give it back.`,
    "Ask an owner of that account, or an admin, to repair the access on its page. If it is not to work any more, revoke it.",
  );
}

/**
 * Whether a repair may still go on: asked before each of its calls, of the database as it is now. It restores what was
 * approved and nothing else: the version and its digest are the approved ones, the grants rest on it in that form, are
 * active, wanted and not over, and what would be made is part of what was approved.
 *
 * @param picture compiled a moment ago
 * @throws RunRefused
 */
export async function authoriseRepair(
  db: Db,
  deps: WorkerDeps,
  run: LeasedRun,
  picture: Picture,
): Promise<void> {
  const { authorisation } = run;
  if (authorisation.basis !== "repair") refuse("NotApproved", "This repair rests on no approval.", askAgain);
  const [approved, grants, now] = await Promise.all([
    loadApproved(db, authorisation.requestId, authorisation.version),
    db.grant.findMany({ where: { id: { in: run.grantIds } } }),
    databaseNow(deps.prisma),
  ]);
  if (approved?.request.state !== "approved" || approved.request.currentVersion !== authorisation.version)
    refuse("NotApproved", "The version that this repair rests on is not the approved one.", askAgain);
  if (grants.some(({ state, wanted }) => state !== "active" || !wanted)) refuseRevoked();
  if (
    grants.some(({ requestId, changeRunId }) => requestId !== authorisation.requestId || changeRunId !== null)
  )
    refuse(
      "Changed",
      "The access was changed since the repair was asked for.",
      "Check again when the change has been made.",
    );
  await refuseEarlierCluster(db, picture);
  refuseExpired(picture, now);
  if (
    approved.version.digest !== authorisation.digest ||
    !isAsApproved(deps, approved, picture.approved.desired, picture.estate) ||
    !isSameForm(approved, picture.grants) ||
    !isPartOfApproved(picture, run.grantIds)
  )
    refuse(
      "DigestChanged",
      "What would be made now is not what was approved: the accounts, the cluster or the target have changed since.",
      reviewedAnew,
    );
}
