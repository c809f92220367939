import type { Statement } from "#lib/model/policy-document.ts";
import type { Arena } from "./arena.ts";
import { access, expiry, trusts } from "./invariants-access.ts";
import {
  asDesired,
  foreignStatements,
  narrowSessions,
  ownership,
  rolesOfOne,
  untouched,
} from "./invariants-aws.ts";
import { approved, atRest, committedOnce, intended, replayed } from "./invariants-history.ts";
import { type Mark, type View, viewOf } from "./view.ts";

/** The product's promises, as far as the accounts and the database can show them. Asked when nothing is on its way. */

export interface Invariant {
  what: string;
  check(view: View): string[];
}

/** By their numbers in docs/decisions and the product's threat model. */
export const invariants: Invariant[] = [
  { what: "1 nothing widens without an approved version of the same digest", check: approved },
  { what: "2 the intention is on record before the change", check: intended },
  { what: "3 6 no orphan, no duplicate, all that is wanted", check: asDesired },
  { what: "a step's session can do that step alone", check: narrowSessions },
  { what: "4 path, tag and boundary; nothing of others touched", check: ownership },
  { what: "7 without grants the accounts are as they were", check: untouched },
  { what: "8 trusts name one workload, exactly", check: trusts },
  { what: "9 access is what the grant says, within the boundary", check: access },
  { what: "10 no role serves two workloads", check: rolesOfOne },
  { what: "12 a step is committed once", check: committedOnce },
  { what: "13 what is over is refused by IAM itself", check: expiry },
  { what: "14 history gives every state, by allowed moves", check: replayed },
  { what: "15 nothing is left on its way", check: atRest },
];

/**
 * Asks all of them of what happened since the mark.
 *
 * @param options.foreign statements that others have written since the arena was opened, by policy
 * @returns what is violated, in words
 */
export async function violationsOf(
  arena: Arena,
  since: Mark,
  options: { foreign?: ReadonlyMap<string, readonly Statement[]> } = {},
): Promise<string[]> {
  const view = await viewOf(arena, since);
  const { foreign } = options;
  const asked = foreign ? invariants.filter(({ check }) => check !== untouched) : invariants;
  return [
    ...asked.flatMap(({ what, check }) => check(view).map((fault) => `invariant ${what}: ${fault}`)),
    ...foreignStatements(view, foreign).map((fault) => `invariant 5 others' statements survive: ${fault}`),
  ];
}
