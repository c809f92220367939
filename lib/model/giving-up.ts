import { z } from "zod";
import type { CloudResource } from "./cloud-resource.ts";
import type { GrantId } from "./grant.ts";
import { isTerminal, type StepState } from "./states.ts";

/**
 * A revocation that can't come to its end, since an account was closed for good, say, is given up by an admin: nobody
 * tries it again by itself, and its service account is free for other access. It is no proof that the access ended.
 */

/** How often a revocation must have failed before it may be given up: the first time it may have been a bad moment. */
export const failuresBeforeGivingUp = 3;

export const leftBehindSchema = z.array(
  z.strictObject({
    accountId: z.string(),
    /** The resource's key: its ARN where AWS has one. */
    key: z.string(),
    title: z.string(),
  }),
);

/** What may be left in AWS of an access that was given up. */
export type LeftBehind = z.infer<typeof leftBehindSchema>;

/** A row of a run's step, as far as it says what became of its resource. */
export interface StepEnd {
  state: StepState;
  resource: Pick<CloudResource, "accountId" | "key" | "owners">;
  title: string;
}

/**
 * What a revocation has not taken away: the resources whose last step did not come to its end, by account. Where all
 * have, and what was read back did not show it, any of them may be there.
 *
 * @param steps in the order of their positions: a resource that something was done about again has more than one
 * @param grantId of the run's accesses this one alone, unless that has no part of its own in what is left
 */
export function leftBehind(steps: readonly StepEnd[], grantId?: GrantId): LeftBehind {
  const last = [...new Map(steps.map((step) => [step.resource.key, step])).values()];
  const all = orAll(last, ({ state }) => !isTerminal("step", state));
  return orAll(all, ({ resource: { owners } }) => grantId === undefined || owners.includes(grantId))
    .map(({ resource: { accountId, key }, title }) => ({ accountId, key, title }))
    .sort((a, b) => (a.accountId + a.key < b.accountId + b.key ? -1 : 1));
}

function orAll<T>(all: readonly T[], wanted: (one: T) => boolean): T[] {
  const some = all.filter(wanted);
  return some.length > 0 ? some : [...all];
}

/**
 * What has to be typed to give it up: the accounts in which something may be left.
 *
 * @param accountIds of the access; anything may be left in them where the run never got so far as to plan
 */
export function accountsLeft(left: LeftBehind, accountIds: readonly string[]): string {
  const ids = left.length > 0 ? left.map(({ accountId }) => accountId) : accountIds;
  return [...new Set(ids)].sort().join(" ");
}
