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

/** @param now by the database's clock */
export function refuseExpired(picture: Picture, now: Date): void {
  if (picture.grants.some(({ expiresAt }) => expiresAt !== null && new Date(expiresAt) <= now))
    refuse(
      "Expired",
      "The end date of the access has come.",
      "Ask for the access again with a later end date.",
    );
}

/** Whether all that would be made for the grants is, to the letter, part of what was approved. */
export function isPartOfApproved(picture: Picture, grantIds: readonly string[]): boolean {
  const known = new Map(picture.approved.desired.map(({ key, body }) => [key, canonicalJson(body)]));
  return closureOf(picture.after, grantIds).every(({ key, body }) => known.get(key) === canonicalJson(body));
}
