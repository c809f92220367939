import { textsOf } from "./conditions.ts";
import { type Context, type Expansion, expandVariables } from "./context.ts";
import { fits, foldCase, globPattern, hasWildcard } from "./glob.ts";
import { memoized } from "./memo.ts";
import { anyOf, negate, type Outcome } from "./outcome.ts";

/**
 * Whether one `Action` value covers the action. Not case-sensitive; wildcards stand in the part after the colon,
 * and the service is a name or a lone `*`.
 *
 * Source: IAM User Guide, "IAM JSON policy elements: Action".
 */
export function actionFits(pattern: string, action: string): Outcome {
  if (pattern === "*") return "match";
  const wanted = splitAction(pattern);
  if (wanted === null || (wanted.wild && wanted.service !== "*")) return "indeterminate";
  const asked = splitAction(action);
  const sameService = wanted.service === "*" || wanted.service === asked?.service;
  return sameService && fits(wanted.pattern, asked?.name ?? "") ? "match" : "no-match";
}

/** `S3:GetObject` as folded service and name; null without a service. */
const splitAction = memoized((action) => {
  const colon = action.indexOf(":");
  if (colon < 1) return null;
  const service = foldCase(action.slice(0, colon));
  const name = foldCase(action.slice(colon + 1));
  return { service, wild: hasWildcard(service), name, pattern: globPattern(name) };
});

/**
 * Whether one `Resource` value covers the resource. Case-sensitive; `*` alone is everything. Partition, Region and
 * account are compared segment by segment, so a wildcard in them crosses no colon; the resource part may hold
 * colons. A pattern that ends early with `*` (`arn:aws:sqs:eu-west-1:*`) covers what follows. The service takes no
 * wildcard, and variables stand after the fifth colon only.
 *
 * AWS's wording: a `*` which is the last character of a segment "can expand to match beyond the colon boundaries".
 * Before the last segment that is taken neither way: what only such an expansion would match is `indeterminate`, so
 * that an Allow does not reach it and a Deny does.
 *
 * Source: IAM User Guide, "IAM JSON policy elements: Resource" and "Variables and tags".
 */
export function resourceFits(value: string, resource: string, version: string, context: Context): Outcome {
  if (/^\*+$/.test(value)) return "match";
  const patterns = splitArn(value);
  const [arn, , service] = patterns;
  const head = patterns.slice(0, 5);
  const hasVariable = version === "2012-10-17" && head.some((part) => part.includes("${"));
  if (arn !== "arn" || service === undefined || hasWildcard(service) || hasVariable) return "indeterminate";
  if (patterns.length < 6 && (patterns.length < 4 || !value.endsWith("*"))) return "indeterminate";

  const last = expandVariables(patterns.at(-1) ?? "", version, context);
  if (!last.ok && last.why !== "unknown") return last.why === "malformed" ? "indeterminate" : "no-match";
  const segments = splitArn(resource, patterns.length);
  const headFits =
    segments.length === patterns.length &&
    patterns.slice(0, -1).every((part, at) => fits(globPattern(part), segments[at] ?? ""));
  if (headFits && !last.ok) return "unknown";
  if (headFits && last.ok && fits(last.pattern, segments.at(-1) ?? "")) return "match";
  const expanding = patterns.slice(3, -1).some((part) => part.endsWith("*"));
  return expanding && fitsBeyondColons(patterns, last, resource) ? "indeterminate" : "no-match";
}

/** As if wildcards knew no segments; a variable that nobody can fill may be anything. */
function fitsBeyondColons(patterns: readonly string[], last: Expansion, resource: string): boolean {
  const head = globPattern(`${patterns.slice(0, -1).join(":")}:`);
  return fits([...head, ...(last.ok ? last.pattern : globPattern("*"))], resource);
}

/** At most `parts` pieces between colons; the last keeps its colons. */
function splitArn(arn: string, parts = 6): readonly string[] {
  const pieces = piecesOf(arn);
  return pieces.length <= parts ? pieces : [...pieces.slice(0, parts - 1), pieces.slice(parts - 1).join(":")];
}

const piecesOf = memoized((arn): readonly string[] => arn.split(":"));

export interface ListResult {
  outcome: Outcome;
  expected: string[];
  fits?: string[];
  note?: string;
}

/**
 * A list element (`Action`, `NotResource` …) against the request: any value for the plain form, none for the
 * `Not…` form.
 */
export function listMatches(value: unknown, negated: boolean, one: (text: string) => Outcome): ListResult {
  const texts = textsOf(value);
  if (texts === null)
    return { outcome: "indeterminate", expected: [], note: "not a string or a list of strings" };
  const outcomes = texts.map(one);
  const any = anyOf(outcomes);
  const outcome = negated ? negate(any) : any;
  const odd = texts[outcomes.indexOf("indeterminate")];
  const note = outcome === "indeterminate" && odd !== undefined ? { note: `"${odd}" is malformed` } : {};
  const fitting = any === "match" ? { fits: texts.filter((_, at) => outcomes[at] === "match") } : {};
  return { outcome, expected: texts, ...fitting, ...note };
}

/**
 * `NotResource` with a variable that the request can't fill would exclude nothing; for an Allow that is wider
 * than its author meant, so it counts as undecided.
 */
export function excludesResource(
  value: string,
  resource: string,
  version: string,
  context: Context,
): Outcome {
  const expansion = expandVariables(value, version, context);
  if (!expansion.ok && expansion.why !== "unknown") return "indeterminate";
  return resourceFits(value, resource, version, context);
}
