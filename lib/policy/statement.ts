import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { evaluateConditions, isRecord } from "./conditions.ts";
import { type Context, expandVariables } from "./context.ts";
import { actionFits, excludesResource, listMatches, resourceFits } from "./elements.ts";
import { anyOf, type ElementResult, holds, type Outcome } from "./outcome.ts";
import {
  type CallerPrincipal,
  entryOutcome,
  type NamedAs,
  nameOf,
  possibleName,
  principalEntries,
  sparedByNotPrincipal,
  strongestName,
} from "./principals.ts";

/** In which role a policy takes part in a decision. */
export type PolicyKind = "identity" | "boundary" | "session" | "resource" | "trust" | "scp" | "rcp";

/** What became of one statement. */
export interface StatementTrace {
  policy: string;
  kind: PolicyKind;
  /** place in the document, from 0 */
  index: number;
  sid?: string;
  effect: "Allow" | "Deny";
  /** it certainly matches; with `open`, it may */
  matched: boolean;
  /** as what its Principal names the caller, when it does */
  namedAs?: NamedAs;
  /** the first element that did not match */
  mismatch?: ElementResult;
  /** the elements that leave it open whether it matches: they hang on what is not known here */
  open?: ElementResult[];
  /** elements that could not be decided and were therefore held against the caller (Deny only) */
  undecided?: ElementResult[];
  /** every element with its outcome, where an explanation was asked for */
  elements?: ElementResult[];
}

/** The request, its context made ready for look-up. */
export interface PreparedRequest {
  principal: CallerPrincipal;
  /** whether the caller has a permissions boundary, which NotPrincipal takes into account */
  hasBoundary: boolean;
  action: string;
  resource: string;
  context: Context;
  /** looks at every element of a statement, not only up to the first that does not match */
  explain: boolean;
}

const ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** The version that a document has without saying so is the older one (IAM User Guide, "Version"). */
export function versionOf(document: PolicyDocument): NonNullable<PolicyDocument["Version"]> {
  return document.Version ?? "2008-10-17";
}

/** Looks at one statement. Never throws, whatever the statement holds. */
export function traceStatement(
  source: { policy: string; kind: PolicyKind; index: number; version: string },
  statement: unknown,
  request: PreparedRequest,
): StatementTrace {
  const fields = isRecord(statement) ? statement : {};
  // What is no Allow can't be read as one; what looks like a misspelt Deny still denies.
  const effect = fields.Effect === "Allow" ? "Allow" : "Deny";
  const principal = principalResult(fields, source.kind, request, effect);
  const checks: (() => ElementResult[])[] = [
    () => shapeResults(statement, source.version),
    () => [principal.result],
    () => [actionResult(fields, request)],
    () => [resourceResult(fields, source, request)],
    () =>
      evaluateConditions(
        fields.Condition,
        request.context,
        source.version === "2012-10-17" ? "2012-10-17" : "2008-10-17",
      ),
  ];
  const elements: ElementResult[] = [];
  let mismatch: ElementResult | undefined;
  for (const check of checks) {
    const results = check();
    elements.push(...results);
    mismatch ??= results.find((result) => result.outcome !== "unknown" && !holds(result.outcome, effect));
    if (mismatch !== undefined && !request.explain) break;
  }
  const having = (outcome: Outcome) =>
    mismatch === undefined ? elements.filter((element) => element.outcome === outcome) : [];
  const open = having("unknown");
  const undecided = having("indeterminate");
  return {
    policy: source.policy,
    kind: source.kind,
    index: source.index,
    ...(typeof fields.Sid === "string" ? { sid: fields.Sid } : {}),
    effect,
    matched: mismatch === undefined && open.length === 0,
    ...(principal.namedAs === null ? {} : { namedAs: principal.namedAs }),
    ...(mismatch === undefined ? {} : { mismatch }),
    ...(open.length > 0 ? { open } : {}),
    ...(undecided.length > 0 ? { undecided } : {}),
    ...(request.explain ? { elements } : {}),
  };
}

function shapeResults(statement: unknown, version: string): ElementResult[] {
  const problem = (note: string, expected: string[] = []): ElementResult => ({
    element: "Statement",
    outcome: "indeterminate",
    expected,
    actual: null,
    note,
  });
  // An Allow can't get past this (its Effect could not be read); as a Deny it would deny everything.
  if (!isRecord(statement)) return [{ ...problem("the statement is not an object"), outcome: "no-match" }];
  if (version !== "2012-10-17" && version !== "2008-10-17") return [problem(`unknown Version ${version}`)];
  const unknown = Object.keys(statement).filter((name) => !ELEMENTS.has(name));
  if (unknown.length > 0) return [problem(`unknown element ${unknown.join(", ")}`)];
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
    return [problem("Effect is neither Allow nor Deny", ["Allow", "Deny"])];
  }
  return [];
}

function principalResult(
  fields: Record<string, unknown>,
  kind: PolicyKind,
  { principal: caller, hasBoundary }: PreparedRequest,
  effect: "Allow" | "Deny",
): { result: ElementResult; namedAs: NamedAs | null } {
  const plain = fields.Principal !== undefined;
  const negated = fields.NotPrincipal !== undefined;
  const result: ElementResult = {
    element: negated ? "NotPrincipal" : "Principal",
    outcome: "match",
    expected: [],
    actual: [nameOf(caller)],
  };
  const undecided = (note: string) => ({
    result: { ...result, outcome: "indeterminate" as const, note },
    namedAs: null,
  });
  if (kind === "identity" || kind === "boundary" || kind === "session" || kind === "scp") {
    return plain || negated ? undecided("this kind of policy has no Principal") : { result, namedAs: null };
  }
  if (plain === negated) return undecided("needs exactly one of Principal and NotPrincipal");
  const entries = principalEntries(negated ? fields.NotPrincipal : fields.Principal);
  if (entries === null) return undecided("malformed");
  const expected = entries.map(printed);
  const outcomes = entries.map((entry) => entryOutcome(...entry, caller));
  const dependsOn = expected.filter((_, at) => outcomes[at] === "unknown");
  if (negated) {
    // "NotPrincipal must be used with Deny", and never in trust policies, SCPs and RCPs.
    if (effect === "Allow" || kind !== "resource") {
      return undecided("NotPrincipal works in resource policies with Deny only");
    }
    const spared = sparedByNotPrincipal(entries, caller, hasBoundary);
    const open = outcomes.includes("unknown") && !hasBoundary;
    const outcome = spared ? "no-match" : open ? "unknown" : "match";
    return { result: { ...result, expected, ...(open ? { dependsOn } : {}), outcome }, namedAs: null };
  }
  const outcome = anyOf(outcomes);
  const fits = expected.filter((_, at) => outcomes[at] === "match");
  return {
    result: {
      ...result,
      expected,
      ...(fits.length > 0 ? { fits } : {}),
      ...(outcome === "unknown" ? { dependsOn } : {}),
      outcome,
    },
    namedAs: strongestName(entries, caller) ?? (outcome === "unknown" ? possibleName(entries, caller) : null),
  };
}

function printed([type, value]: [string, string]): string {
  return `${type}:${value}`;
}

function actionResult(fields: Record<string, unknown>, request: PreparedRequest): ElementResult {
  const negated = fields.NotAction !== undefined;
  const actual = [request.action];
  if (negated === (fields.Action !== undefined)) {
    const note = "needs exactly one of Action and NotAction";
    return { element: "Action", outcome: "indeterminate", expected: [], actual, note };
  }
  const list = listMatches(negated ? fields.NotAction : fields.Action, negated, (text) =>
    actionFits(text, request.action),
  );
  return { element: negated ? "NotAction" : "Action", actual, ...list };
}

function resourceResult(
  fields: Record<string, unknown>,
  source: { kind: PolicyKind; version: string },
  request: PreparedRequest,
): ElementResult {
  const plain = fields.Resource !== undefined;
  const negated = fields.NotResource !== undefined;
  const actual = [request.resource];
  const base = { element: negated ? ("NotResource" as const) : ("Resource" as const), actual };
  if (source.kind === "trust") {
    // A trust policy is about the role that carries it and says nothing of resources.
    if (!plain && !negated) return { ...base, outcome: "match", expected: [] };
    return { ...base, outcome: "indeterminate", expected: [], note: "a trust policy has no Resource" };
  }
  if (plain === negated) {
    const note = "needs exactly one of Resource and NotResource";
    return { ...base, outcome: "indeterminate", expected: [], note };
  }
  const { resource, context } = request;
  const compare = negated ? excludesResource : resourceFits;
  const value = negated ? fields.NotResource : fields.Resource;
  const list = listMatches(value, negated, (text) => compare(text, resource, source.version, context));
  return list.outcome === "unknown"
    ? { ...base, ...list, dependsOn: unknownVariables(list.expected, source.version, context) }
    : { ...base, ...list };
}

/** The variables of the values that nobody here can fill. */
function unknownVariables(values: string[], version: string, context: Context): string[] {
  const keys = values.flatMap((value) => {
    const expansion = expandVariables(value, version, context);
    return !expansion.ok && expansion.why === "unknown" ? [expansion.variable] : [];
  });
  return [...new Set(keys)];
}
