import type { Grant } from "#lib/model/grant.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import type { CallerPrincipal } from "#lib/policy/evaluate.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { fulfilled } from "#lib/policy/intended.ts";
import type { Assumption } from "#lib/policy/session.ts";
import type { Opener } from "./surroundings.ts";

/** Somebody who tries to become a role, and how. */
export interface Candidate {
  /** In words, for a row of the proof. */
  name: string;
  principal: CallerPrincipal;
  opener: Opener;
  calls: Assumption[];
}

/** The workload's own roles, and whom else their statements may name without letting in anybody else. */
export interface Own {
  grant: Grant;
  roles: ReadonlySet<string>;
  issuers: ReadonlySet<string>;
}

/** What the statement asks of what somebody else has issued, as its conditions take it. */
export function claimsOf(statement: Statement, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fulfilled(statement)).filter(([key]) => foldCase(key).startsWith(foldCase(prefix))),
  );
}
