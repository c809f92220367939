import { workloadGrants } from "#lib/db/estate.ts";
import type { Db } from "#lib/db/types.ts";
import { earlierClusterRefusal } from "#lib/desired/earlier-cluster.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { type Picture, RunRefused } from "./picture.ts";

/** @throws RunRefused always */
export function refuse(code: string, cause: string, nextStep: string): never {
  throw new RunRefused({ code, cause: `${cause} Nothing more was changed.`, nextStep });
}

/** What is being revoked is not made any more. */
export function refuseRevoked(): never {
  refuse("NotWanted", "The access is being revoked.", "Nothing to do: the revocation removes what is there.");
}

/** The code of a refusal since an end date has come. */
export const expired = "Expired";

/** @param now by the database's clock */
export function refuseExpired(picture: Picture, now: Date): void {
  if (picture.grants.some(({ expiresAt }) => expiresAt !== null && new Date(expiresAt) <= now))
    refuse(
      expired,
      "The end date of the access has come.",
      "Ask for the access again with a later end date.",
    );
}

/**
 * A role is its service account's: whatever opens it to a cluster opens all that hangs on it, also what was approved for
 * a cluster that had the name before.
 */
export async function refuseEarlierCluster(db: Db, { grants, estate }: Picture): Promise<void> {
  const [first] = grants;
  if (!first) return;
  const { standing, issuers } = await workloadGrants(db, first.workload);
  const others = standing.filter(({ id }) => grants.every((grant) => grant.id !== id));
  const earlier = earlierClusterRefusal(first.workload.cluster, estate, others, issuers);
  if (earlier) refuse("ClusterRecreated", earlier.reason, earlier.nextStep);
}

/** Whether all that would be made for the grants is, to the letter, part of what was approved. */
export function isPartOfApproved(picture: Picture, grantIds: readonly string[]): boolean {
  const known = new Map(picture.approved.desired.map(({ key, body }) => [key, canonicalJson(body)]));
  return closureOf(picture.after, grantIds).every(({ key, body }) => known.get(key) === canonicalJson(body));
}
