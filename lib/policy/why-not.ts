import { conditionPhrase, listPhrase, quote } from "./describe-words.ts";
import type { Decision } from "./evaluate.ts";
import type { ElementResult } from "./outcome.ts";
import { label } from "./settle.ts";
import type { StatementTrace } from "./statement.ts";

/** How far the comparison of a statement came; the one that came farthest is the one that was meant. */
const order: ElementResult["element"][] = [
  "Statement",
  "NotPrincipal",
  "Principal",
  "NotAction",
  "Action",
  "NotResource",
  "Resource",
  "Condition",
];

/**
 * A decision in words: its reason, and for what nothing allowed, the statement that comes nearest to it, with the
 * element and the values of both sides. One line or two sentences.
 */
export function whyNot(decision: Decision): string {
  if (decision.effect !== "implicit-deny") return decision.reason;
  const nearest = nearestAllow(decision);
  if (nearest?.mismatch === undefined) return decision.reason;
  return `${decision.reason} Nearest: ${label(nearest)}, but ${mismatchWords(nearest.mismatch)}.`;
}

/**
 * Of what was not allowed: the Allow whose comparison came farthest, of the kinds of policy that don't allow it yet. Of
 * SCPs and RCPs each level has to.
 */
export function nearestAllow({ trace }: Decision): StatementTrace | undefined {
  const allowing = new Set(
    trace.filter(({ effect, matched }) => effect === "Allow" && matched).map(({ kind }) => kind),
  );
  return trace
    .filter((one) => one.effect === "Allow" && one.mismatch !== undefined)
    .filter(({ kind }) => kind === "scp" || kind === "rcp" || !allowing.has(kind))
    .toSorted((one, other) => reached(other) - reached(one))[0];
}

function reached({ mismatch }: StatementTrace): number {
  return mismatch === undefined ? -1 : order.indexOf(mismatch.element);
}

function mismatchWords({ element, operator, key, expected, actual, note }: ElementResult): string {
  if (element === "Statement") return note ?? "it can't be read";
  const asked = actual === null ? "nothing" : listPhrase(actual.map(quote), "and");
  const why = note === undefined ? "" : ` (${note})`;
  if (element === "Condition")
    return `it asks that ${conditionPhrase({ operator: operator ?? "", key: key ?? "", values: expected })}, and the request has ${asked}${why}`;
  const verb = element.startsWith("Not") ? "excludes" : "names";
  return `its ${element.replace("Not", "")} ${verb} ${listPhrase(expected.map(quote), "and")}, and the request has ${asked}${why}`;
}
