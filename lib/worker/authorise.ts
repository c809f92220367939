import type { Db } from "#lib/db/types.ts";
import { boundIssuer, planDigest } from "#lib/plan/digest.ts";
import { authoriseRepair } from "./authorise-repair.ts";
import { databaseNow, type WorkerDeps } from "./deps.ts";
import type { LeasedRun } from "./lease.ts";
import type { Picture } from "./picture.ts";
import { isPartOfApproved, refuse, refuseEarlierCluster, refuseExpired, refuseRevoked } from "./refuse.ts";

/** A grant that failed still stands for its access: a second request for the same is refused until it is revoked. */
const askAgain = "Revoke this access and ask for it again, so that what is there now is reviewed.";
/** A live grant stands for its access too, and need not be lost. */
const changeAgain =
  "Ask for the change again on the page of the access, so that what is there now is reviewed.";

/**
 * Whether the run may still create or widen access: asked before each such call, of the database as it is now. The
 * grants' version is approved and current, the digest that was approved is that of what would be made now, and no
 * grant is over. A grant that is active is touched only by the run that carries out its change. Where some grants were
 * taken back since, what is made for the others must be part of what was approved. Runs that only take away carry who
 * asked for it, or that the end date came.
 *
 * @param picture compiled a moment ago
 * @throws RunRefused
 */
export async function authorise(db: Db, deps: WorkerDeps, run: LeasedRun, picture: Picture): Promise<void> {
  const { authorisation } = run;
  if (run.kind === "revoke") return;
  if (run.kind === "repair") return authoriseRepair(db, deps, run, picture);
  if (authorisation.basis !== "approval")
    refuse("NotApproved", "This run would create access and rests on no approval.", askAgain);
  const again = authorisation.from ? changeAgain : askAgain;
  const ids = picture.grants.map(({ id }) => id);
  const [request, version, grants, now] = await Promise.all([
    db.request.findUnique({ where: { id: authorisation.requestId } }),
    db.requestVersion.findUnique({
      where: { requestId_number: { requestId: authorisation.requestId, number: authorisation.version } },
    }),
    db.grant.findMany({ where: { id: { in: ids } } }),
    databaseNow(deps.prisma),
  ]);
  if (!request || !version || request.id !== run.requestId)
    refuse("NotApproved", "The request that this run rests on does not exist.", again);
  if (request.state !== "approved")
    refuse("NotApproved", `The request is ${words(request.state)} by now.`, again);
  if (request.currentVersion !== version.number)
    refuse(
      "NotCurrent",
      `Version ${version.number} was approved; version ${request.currentVersion} is current.`,
      again,
    );
  if (grants.some(({ wanted }) => !wanted)) refuseRevoked();
  if (grants.some((grant) => grant.requestId !== request.id))
    refuse("Superseded", "The access rests on another approval by now.", superseded);
  await refuseEarlierCluster(db, picture);
  if (grants.some((grant) => !isMadeBy(run, grant)))
    refuse("NotWanted", "A grant of this run is no longer to be provisioned.", superseded);
  refuseExpired(picture, now);
  const digest = planDigest({
    installation: deps.installation,
    kind: request.kind,
    issuer: boundIssuer(version, picture.approved.grants, picture.estate),
    ...picture.approved,
  });
  const wider = !isPartOfApproved(picture, ids);
  if (version.digest !== authorisation.digest || digest !== version.digest || wider)
    refuse(
      "DigestChanged",
      "What would be made now is not what was approved: the request, the accounts or the target have changed since.",
      again,
    );
}

const superseded = "Nothing to do: the page of the access shows what it is by now.";

/** New grants are on their way; a live one changes only through the run that was queued with its change. */
function isMadeBy(run: LeasedRun, grant: { state: string; changeRunId: string | null }): boolean {
  return ["pending", "provisioning", "failed"].includes(grant.state)
    ? run.authorisation.basis === "approval" && !run.authorisation.from
    : grant.state === "active" && grant.changeRunId === run.id;
}

function words(state: string): string {
  return state.replaceAll("_", " ");
}
