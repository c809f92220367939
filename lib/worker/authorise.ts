import type { Db } from "#lib/db/types.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { planDigest } from "#lib/plan/digest.ts";
import { databaseNow, type WorkerDeps } from "./deps.ts";
import type { LeasedRun } from "./lease.ts";
import { type Picture, RunRefused } from "./picture.ts";

/** A grant that failed still stands for its access: a second request for the same is refused until it is revoked. */
const askAgain = "Revoke this access and ask for it again, so that what is there now is reviewed.";

function refuse(code: string, cause: string, nextStep = askAgain): never {
  throw new RunRefused({ code, cause: `${cause} Nothing more was changed.`, nextStep });
}

/**
 * Whether the run may still create or widen access: asked before each such call, of the database as it is now. The
 * grants' version is approved and current, the digest that was approved is that of what would be made now, and no
 * grant is over. Where some grants were taken back since, what is made for the others must be part of what was
 * approved. Runs that only take away carry who asked for it, or that the end date came.
 *
 * @param picture compiled a moment ago
 * @throws RunRefused
 */
export async function authorise(db: Db, deps: WorkerDeps, run: LeasedRun, picture: Picture): Promise<void> {
  const { authorisation } = run;
  if (run.kind === "revoke") return;
  if (authorisation.basis !== "approval")
    refuse("NotApproved", "This run would create access and rests on no approval.");
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
    refuse("NotApproved", "The request that this run rests on does not exist.");
  if (request.state !== "approved") refuse("NotApproved", `The request is ${words(request.state)} by now.`);
  if (request.currentVersion !== version.number)
    refuse(
      "NotCurrent",
      `Version ${version.number} was approved; version ${request.currentVersion} is current.`,
    );
  if (grants.some((grant) => !grant.wanted || grant.requestId !== request.id))
    refuse(
      "NotWanted",
      "The access is being revoked.",
      "Nothing to do: the revocation removes what is there.",
    );
  if (grants.some((grant) => !["pending", "provisioning", "failed"].includes(grant.state)))
    refuse("NotWanted", "A grant of this run is no longer to be provisioned.");
  if (picture.grants.some(({ expiresAt }) => expiresAt !== null && new Date(expiresAt) <= now))
    refuse(
      "Expired",
      "The end date of the access has come.",
      "Ask for the access again with a later end date.",
    );
  const digest = planDigest({
    installation: deps.installation,
    kind: request.kind,
    ...picture.approved,
  });
  const known = new Map(picture.approved.desired.map(({ key, body }) => [key, canonicalJson(body)]));
  const wider = closureOf(picture.after, ids).some(({ key, body }) => known.get(key) !== canonicalJson(body));
  if (version.digest !== authorisation.digest || digest !== version.digest || wider)
    refuse(
      "DigestChanged",
      "What would be made now is not what was approved: the request, the accounts or the target have changed since.",
    );
}

function words(state: string): string {
  return state.replaceAll("_", " ");
}
