import { z } from "zod";
import type { Db } from "#lib/db/types.ts";
import type { ApprovedForm } from "#lib/desired/earlier-cluster.ts";
import { type Grant, type GrantId, grantSchema } from "#lib/model/grant.ts";
import { runAuthorisationSchema } from "#lib/model/run.ts";
import { type VersionGrants, versionGrants } from "#lib/model/version-grants.ts";
import type { LeasedRun } from "./lease.ts";

/** What an approved version holds; null when there is no such version. */
export async function approvedGrants(
  db: Db,
  requestId: string,
  number: number,
): Promise<VersionGrants | null> {
  const version = await db.requestVersion.findUnique({
    where: { requestId_number: { requestId, number } },
    select: { grants: true, targets: true },
  });
  return version && versionGrants(version);
}

/**
 * The forms that the run's grants had by earlier approvals and that may be what is in AWS, whole or in part: of a
 * change those that it leads away from, of a revocation those of a change that has not come to its end.
 *
 * @returns one list an approved request, the latest first; none when the grants never had another form
 */
export async function earlierForms(db: Db, run: LeasedRun): Promise<ApprovedForm[]> {
  const from =
    run.kind === "revoke"
      ? [...(await unfinishedChanges(db, run.grantIds)).values()].flat()
      : fromOf(run.authorisation);
  const forms = await formsOf(db, [...new Set(from)]);
  return forms.map(({ grants, issuer }) => ({
    grants: grants.filter((grant) => run.grantIds.includes(grant.id)),
    issuer,
  }));
}

/**
 * Of each of the grants that has a change which has not come to its end: the forms, beside the present one, that may
 * be what is in AWS, the latest first.
 */
export async function unfinishedForms(db: Db, grantIds: string[]): Promise<Map<GrantId, Grant[]>> {
  const found = new Map<GrantId, Grant[]>();
  for (const [id, from] of await unfinishedChanges(db, grantIds))
    found.set(
      id,
      (await formsOf(db, from)).flatMap(({ grants }) => grants.filter((grant) => grant.id === id)),
    );
  return found;
}

/** Grant → the approved requests that its unfinished change leads away from. */
async function unfinishedChanges(db: Db, grantIds: string[]): Promise<Map<GrantId, string[]>> {
  const grants = await db.grant.findMany({
    where: { id: { in: grantIds }, changeRunId: { not: null } },
    include: { changeRun: { select: { authorisation: true } } },
  });
  return new Map(
    grants.map(({ id, changeRun }) => [
      id,
      changeRun ? fromOf(runAuthorisationSchema.parse(changeRun.authorisation)) : [],
    ]),
  );
}

/** What approved requests hold, one a request. */
async function formsOf(db: Db, requestIds: readonly string[]): Promise<ApprovedForm[]> {
  const forms: ApprovedForm[] = [];
  for (const id of requestIds) {
    const request = await db.request.findUnique({ where: { id }, include: { versions: true } });
    const version = request?.versions.find(({ number }) => number === request.currentVersion);
    if (version) forms.push({ grants: z.array(grantSchema).parse(version.grants), issuer: version.issuer });
  }
  return forms;
}

function fromOf(authorisation: LeasedRun["authorisation"]): string[] {
  return authorisation.basis === "approval" ? (authorisation.from ?? []) : [];
}
