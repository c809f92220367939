import { type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { sentence } from "../describe.ts";
import { type CheckOptions, checkPolicy } from "../findings/check-policy.ts";
import { checkServiceAccount } from "../findings/check-service-account.ts";
import { hasPrincipal } from "../findings/kinds.ts";
import { type ToldFinding, toldFinding } from "../findings/told-finding.ts";
import { parsePolicyJson } from "../parse.ts";
import { validateDocument } from "../validate.ts";

/** A document as it is read back to its author. */
export interface ToldDocument {
  findings: ToldFinding[];
  /** One a statement; null for what breaks the grammar so that it says nothing. */
  sentences: (string | null)[];
}

/** The worst come first, and nobody reads more: a short text may break a rule ten thousand times. */
const mostFindings = 500;

/** What is wrong with a policy, and what each of its statements says in plain English. Never throws. */
export function toldDocument(text: string, options: CheckOptions): ToldDocument {
  const findings = checkPolicy(text, options).slice(0, mostFindings).map(toldFinding);
  return { findings, sentences: sentencesOf(text, options) };
}

/** The same of a service account's manifest, which has no statements. Never throws. */
export function toldServiceAccount(text: string): ToldDocument {
  return { findings: checkServiceAccount(text).slice(0, mostFindings).map(toldFinding), sentences: [] };
}

function sentencesOf(text: string, { kind }: CheckOptions): (string | null)[] {
  const parsed = parsePolicyJson(text);
  const grammar = kind === "trust" ? "trust" : hasPrincipal(kind) ? "resource" : "identity";
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null) return [];
  const { Statement: written } = parsed.value as { Statement?: unknown };
  // Each by itself: what is wrong with one hides no other.
  return statementsOf({ Statement: written as Statement[] }).map((statement) => {
    const alone = validateDocument({ Version: "2012-10-17", Statement: [statement] }, grammar);
    return alone.ok ? sentence(statement) : null;
  });
}
