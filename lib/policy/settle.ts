import type { Decision, EvaluationRequest, NamedPolicy, PolicySet, UnreadPolicy } from "./evaluate.ts";
import { accountOf, nameOf, partitionOf } from "./principals.ts";
import type { PolicyKind, StatementTrace } from "./statement.ts";

/** What a decision is about: a resource with its policy, or a role with its trust policy. */
export type Mode = "resource" | "trust";

/** One policy of a decision and what became of its statements. */
export interface TracedPolicy {
  kind: PolicyKind;
  policy: NamedPolicy;
  statements: StatementTrace[];
}

/** A request, the policies, and what became of each of their statements. */
export interface Question {
  request: EvaluationRequest;
  policies: PolicySet;
  mode: Mode;
  traced: TracedPolicy[];
}

/** Whether a statement counts as matched where it is open. */
type View = (statement: StatementTrace) => boolean;

/** All that is not known turns out well for the caller. */
export const best: View = ({ effect, matched, open }) =>
  matched || (open !== undefined && effect === "Allow");

/** All that is not known turns out badly for the caller. */
export const worst: View = ({ effect, matched, open }) =>
  matched || (open !== undefined && effect === "Deny");

/** What the Allow statements of a decision amount to. */
interface Grants {
  identity: boolean;
  boundary: boolean;
  session: boolean;
  resource: StatementTrace[];
}

/** Decides with every open statement counted as `view` does, and unread policies as allowing. */
export function settle(
  { request, policies, mode, traced }: Question,
  view: View,
): Pick<Decision, "effect" | "reason"> {
  const trace = traced.flatMap((one) => one.statements);
  const deny = trace.find((statement) => statement.effect === "Deny" && view(statement));
  if (deny !== undefined) {
    return { effect: "explicit-deny", reason: `Denied by ${label(deny)}, which denies ${request.action}.` };
  }
  const refused = (reason: string) => ({ effect: "implicit-deny" as const, reason: `Denied: ${reason}.` });
  const partition = partitionOf(request.principal);
  const target = /^arn:([^:]+):/.exec(request.resource)?.[1];
  if (partition !== null && target !== undefined && partition !== target) {
    return refused(`${partition} credentials can't reach the partition ${target}`);
  }
  const level = silentLevel(traced, "scp", view) ?? silentLevel(traced, "rcp", view);
  if (level !== null) return refused(`no ${level} allows ${request.action}`);

  const allows = (kind: PolicyKind) => trace.filter((one) => one.kind === kind && isAllow(one, view));
  const unread = (policies.unread ?? []).filter(({ kind }) => kind === mode).map(mostOf);
  const has = (kind: PolicyKind) =>
    allows(kind).length > 0 || policies.unread?.some((one) => one.kind === kind);
  const refusal = refuse(request, policies, mode, {
    // The root user has every permission of its account.
    identity: request.principal.kind === "root" || has("identity") === true,
    boundary: policies.boundary === undefined || has("boundary") === true,
    session: (policies.session ?? []).length === 0 || has("session") === true,
    resource: [...allows(mode), ...unread],
  });
  if (refusal !== null) return refused(refusal);
  const by = [...allows(mode), ...allows("identity")].map(label);
  const why = by.length === 0 ? "it is the account's root user" : `allowed by ${by.join(" and ")}`;
  return { effect: "allow", reason: `${nameOf(request.principal)} may ${request.action}: ${why}.` };
}

/** The most that a resource's policy can allow: it names the caller's session, which nothing else limits. */
function mostOf({ name }: UnreadPolicy): StatementTrace {
  return { policy: name, kind: "resource", index: 0, effect: "Allow", matched: true, namedAs: "session" };
}

/**
 * What an answer hangs on that could go either way: every unread policy, the keys of each open Deny, and those of the
 * open Allows of a kind of policy without which it would be refused.
 */
export function dependencies(question: Question): string[] {
  const { policies, traced } = question;
  const statements = traced.flatMap((one) => one.statements);
  const kinds = new Set(statements.map(({ kind }) => kind));
  const matters = [...kinds].flatMap((kind) => {
    const but: View = (one) => best(one) && (one.matched || one.kind !== kind);
    const needed = settle(question, but).effect !== "allow";
    return statements.filter((one) => one.kind === kind && (one.effect === "Deny" || needed));
  });
  const keysOf = (list: StatementTrace[]) =>
    list.flatMap(({ open = [] }) => open.flatMap(({ dependsOn = [] }) => dependsOn));
  const found = [...keysOf(matters), ...(policies.unread ?? []).map(({ name }) => name)];
  // Of kinds that can stand in for one another none is needed alone.
  return [...new Set(found.length > 0 ? found : keysOf(statements))];
}

/** Why the grants don't suffice, or null when they do. */
function refuse(request: EvaluationRequest, policies: PolicySet, mode: Mode, grants: Grants): string | null {
  const { principal, action } = request;
  const resourcePolicy = mode === "trust" ? "the role's trust policy" : "the resource's policy";
  const silent = `${policies.resource === undefined ? "there is no policy on the resource that" : `no statement of ${resourcePolicy}`} allows ${action} to ${nameOf(principal)}`;
  const account = accountOf(principal);
  if (account === null) return grants.resource.length > 0 ? null : silent;

  const limits = !grants.boundary
    ? `the permissions boundary does not allow ${action}`
    : !grants.session
      ? `no session policy allows ${action}`
      : null;
  const identity = grants.identity ? limits : `no identity policy of ${nameOf(principal)} allows ${action}`;
  if (account !== request.resourceAccount) return grants.resource.length > 0 ? identity : silent;

  const forms = new Set(grants.resource.map((statement) => statement.namedAs));
  if (forms.has("session")) return null;
  // A federated session of a user is limited by its session policy; the user itself by neither.
  if (forms.has("user") && grants.session) return null;
  if (forms.has("role") && limits === null) return null;
  if ((mode === "trust" || isKeyPolicy(request, policies)) && forms.size === 0) return silent;
  if (forms.has("role") || forms.has("user")) return limits ?? identity;
  if (identity === null) return null;
  return forms.has("account") ? `${resourcePolicy} leaves it to the account, and ${identity}` : identity;
}

/**
 * "No AWS principal has any permissions to a KMS key unless they are explicitly allowed": a key's policy has to
 * delegate to the account before identity policies count.
 *
 * Source: KMS Developer Guide, "Key policies in AWS KMS".
 */
function isKeyPolicy({ action, resource }: EvaluationRequest, policies: PolicySet): boolean {
  return policies.resource !== undefined && /^kms:/i.test(action) && resource !== "*";
}

/** The first level of SCPs or RCPs without an Allow, in words; null when all allow. */
function silentLevel(traced: TracedPolicy[], kind: "scp" | "rcp", view: View): string | null {
  const word = kind === "scp" ? "service control policy" : "resource control policy";
  const members = traced.filter((one) => one.kind === kind);
  for (const target of new Set(members.map((one) => one.policy.target ?? ""))) {
    const allows = members.some(
      (one) =>
        (one.policy.target ?? "") === target && one.statements.some((statement) => isAllow(statement, view)),
    );
    if (!allows) return target === "" ? word : `${word} of ${target}`;
  }
  return null;
}

function isAllow(statement: StatementTrace, view: View): boolean {
  return statement.effect === "Allow" && view(statement);
}

/** `statement Read of policy p`, by number where it has no Sid. */
export function label(statement: StatementTrace): string {
  const place =
    statement.sid === undefined ? `statement ${statement.index + 1}` : `statement ${statement.sid}`;
  return `${place} of ${statement.policy}`;
}
