import type { Db } from "#lib/db/types.ts";
import type { CloudResource, ObservedState } from "#lib/model/cloud-resource.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type VersionGrants, versionGrants } from "#lib/model/version-grants.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { boundIssuer, planDigest } from "#lib/plan/digest.ts";
import { foreignPolicies } from "#lib/plan/foreign-policies.ts";
import type { WorkerDeps } from "./deps.ts";
import { ownedOnCluster } from "./owned.ts";
import type { Picture } from "./picture.ts";
import type { RunContext } from "./run-context.ts";
import { observeAll } from "./verify.ts";

/** What the approval that a grant rests on was about. */
export interface Approved extends VersionGrants {
  request: { id: string; number: number; kind: string; state: string; currentVersion: number };
  version: { number: number; digest: string; issuer: string | null };
}

/** Null: the request or its version is not there. */
export async function loadApproved(
  db: Db,
  requestId: string,
  versionNumber?: number,
): Promise<Approved | null> {
  const request = await db.request.findUnique({ where: { id: requestId } });
  if (!request) return null;
  const number = versionNumber ?? request.currentVersion;
  const version = await db.requestVersion.findUnique({ where: { requestId_number: { requestId, number } } });
  return version && { request, version, ...versionGrants(version) };
}

/** Whether today's desired state is what was approved, to the digest. */
export function isAsApproved(
  deps: Pick<WorkerDeps, "installation">,
  { request, version, grants }: Approved,
  desired: readonly CloudResource[],
  estate: Estate,
): boolean {
  const issuer = boundIssuer(version, grants, estate);
  const digest = planDigest({ installation: deps.installation, kind: request.kind, grants, issuer, desired });
  return digest === version.digest;
}

/** Whether the grants, as they are stored, are those that were approved. */
export function isSameForm({ grants }: Approved, stored: readonly Grant[]): boolean {
  return stored.every((one) =>
    grants.some((grant) => grant.id === one.id && canonicalJson(grant) === canonicalJson(one)),
  );
}

/** What a repair looks at beside what is desired: policies on the grants' roles that nobody asked for. They go. */
export async function withForeignPolicies(
  ctx: RunContext,
  seen: { picture: Picture; observed: ObservedState },
): Promise<{ picture: Picture; observed: ObservedState }> {
  const { deps, lease } = ctx;
  const { picture, observed } = seen;
  const [first] = picture.grants;
  if (!first) return seen;
  const ids = lease.run.grantIds;
  const known = await ownedOnCluster(deps.prisma, deps, first.workload, picture.estate);
  const foreign = foreignPolicies(closureOf(picture.after, ids), observed, known, ids);
  return {
    picture: { ...picture, before: [...picture.after, ...foreign] },
    observed: { ...observed, ...(await observeAll(ctx, foreign)) },
  };
}
