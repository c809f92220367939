import {
  type Decision,
  type EvaluationOptions,
  type EvaluationRequest,
  evaluate,
  evaluateTrust,
  type NamedPolicy,
  type PolicySet,
  type UnreadPolicy,
} from "./evaluate.ts";
import { accountOf, type CallerPrincipal, principalContext } from "./principals.ts";
import {
  type Assumption,
  accountOfRole,
  actionsOf,
  openSession,
  policiesOfSession,
  type RoleFacts,
  type RoleSession,
  sessionContext,
  sessionObjection,
} from "./session.ts";

/** What is known of every call of a path, whoever makes it: the time, the network, and what nobody knows. */
export type Surroundings = Pick<
  EvaluationRequest,
  "context" | "unknownKeys" | "absentKeys" | "possibleValues"
>;

/** Something with a policy of its own: the target, or the key behind it. */
export interface Guarded {
  arn: string;
  accountId: string;
  /** absent: it has none, unless `unread` says that it was not read */
  policy?: NamedPolicy;
  rcps?: NamedPolicy[];
  unread?: readonly UnreadPolicy[];
  /** why nothing can be done with it, whatever the policies say: a key that is disabled */
  unusable?: string;
}

/** What is done at the end of a path. */
export interface FinalCall {
  action: string;
  /** the target; `arn` names what the action is on, e.g. an object */
  on: Guarded;
  context?: EvaluationRequest["context"];
  /** keys of this call that have one of a few values, which nobody knows */
  possibleValues?: Surroundings["possibleValues"];
  /** keys that this call does not have */
  absentKeys?: readonly string[];
}

/** From a token or a caller, by way of roles, to an action and the use of the key behind its target. */
export interface AccessPath {
  /** a provider (for a token), a service (the Pod Identity agent), a user, nobody */
  from: CallerPrincipal;
  /** what a user may do; providers and services have nothing of their own */
  policies?: Omit<PolicySet, "resource" | "rcps">;
  roles: { role: RoleFacts; by: Assumption }[];
  call: FinalCall;
  /** the calls that the service makes with the caller's permissions on the key that encrypts the target */
  key?: FinalCall[];
  surroundings: Surroundings;
}

/** One decision on the way. */
export interface Hop {
  action: string;
  resource: string;
  decision: Decision;
}

export interface PathDecision {
  effect: Decision["effect"];
  /** the reason of the hop that decides */
  reason: string;
  /** of `unknown` */
  dependsOn: string[];
  /** in order, up to the first that is refused */
  hops: Hop[];
}

/**
 * Decides a whole path: each role is assumed by the session before it, and the last one acts. Every hop must be
 * allowed; one that is refused decides, whatever the others hang on. Pure; the documents and facts are all that is
 * looked at.
 */
export function evaluatePath(path: AccessPath, options: EvaluationOptions = {}): PathDecision {
  const { from, roles, call, key = [], surroundings } = path;
  let caller: RoleSession | CallerPrincipal = from;
  const hops: Hop[] = [];
  for (const { role, by } of roles) {
    const step = assumeRole(caller, path.policies, role, by, surroundings, options);
    hops.push(...step.hops);
    if (step.session === null) return settled(hops);
    caller = step.session;
  }
  for (const one of [call, ...key]) {
    hops.push(act(caller, path.policies, one, surroundings, options));
    if (isRefused(hops.at(-1))) break;
  }
  return settled(hops);
}

/**
 * One role assumed: the decisions of all actions that this amounts to, up to the first that is refused, and the
 * session; null if it is refused. A hop that is unknown is taken for one that may be.
 *
 * @param policies of a caller that is no role session
 */
export function assumeRole(
  from: RoleSession | CallerPrincipal,
  policies: AccessPath["policies"],
  role: RoleFacts,
  by: Assumption,
  surroundings: Surroundings,
  options: EvaluationOptions = {},
): { hops: Hop[]; session: RoleSession | null } {
  const objection = sessionObjection(from, by);
  if (objection !== null)
    return { hops: [{ action: by.action, resource: role.arn, decision: objection }], session: null };
  const session = openSession(from, role, by);
  const unread: UnreadPolicy[] = role.trust
    ? []
    : [{ kind: "trust", name: `the trust policy of ${role.arn}` }];
  const hops: Hop[] = [];
  for (const { action, context } of actionsOf(session, by)) {
    const request = {
      ...asking(from, surroundings, { "aws:ResourceAccount": accountOfRole(role.arn), ...context }),
      // "sts:ExternalId" is a key of AssumeRole alone.
      absentKeys: [
        ...(surroundings.absentKeys ?? []),
        ...(action === "sts:AssumeRole" ? [] : ["sts:ExternalId"]),
      ],
      action,
      resource: role.arn,
      resourceAccount: accountOfRole(role.arn),
    };
    const set = policySet(from, policies, role.trust, unread);
    const decision = evaluateTrust(request, { ...set, ...(role.rcps ? { rcps: role.rcps } : {}) }, options);
    hops.push({ action, resource: role.arn, decision });
    if (isRefused(hops.at(-1))) return { hops, session: null };
  }
  return { hops, session };
}

/** One call of a session or another caller on something with a policy. */
export function act(
  from: RoleSession | CallerPrincipal,
  policies: AccessPath["policies"],
  { action, on, context = {}, possibleValues = {}, absentKeys = [] }: FinalCall,
  surroundings: Surroundings,
  options: EvaluationOptions = {},
): Hop {
  if (on.unusable !== undefined) return { action, resource: on.arn, decision: refusedBy(on.unusable) };
  const own = { "aws:ResourceAccount": on.accountId, ...callerAccount(from, action), ...context };
  const request = {
    ...asking(from, withPossible(surroundings, possibleValues), own),
    absentKeys: [...(surroundings.absentKeys ?? []), ...absentKeys],
    action,
    resource: on.arn,
    resourceAccount: on.accountId,
  };
  const set = policySet(from, policies, on.policy, on.unread ?? []);
  const decision = evaluate(request, { ...set, ...(on.rcps ? { rcps: on.rcps } : {}) }, options);
  return { action, resource: on.arn, decision };
}

function refusedBy(reason: string): Decision {
  return { effect: "implicit-deny", reason: `Denied: ${reason}.`, trace: [] };
}

/**
 * KMS tells the caller's account by a key of its own.
 *
 * Source: KMS Developer Guide, "AWS KMS condition keys", kms:CallerAccount.
 */
function callerAccount(from: RoleSession | CallerPrincipal, action: string): EvaluationRequest["context"] {
  const account = /^kms:/i.test(action) ? accountOf("role" in from ? from.principal : from) : null;
  return account === null ? {} : { "kms:CallerAccount": account };
}

function withPossible(
  surroundings: Surroundings,
  more: NonNullable<Surroundings["possibleValues"]>,
): Surroundings {
  const keys = Object.keys(more);
  if (keys.length === 0) return surroundings;
  const { unknownKeys = [], possibleValues = {} } = surroundings;
  return {
    ...surroundings,
    unknownKeys: [...unknownKeys, ...keys],
    possibleValues: { ...possibleValues, ...more },
  };
}

function asking(
  from: RoleSession | CallerPrincipal,
  { context, ...surroundings }: Surroundings,
  own: EvaluationRequest["context"],
): Pick<EvaluationRequest, "principal"> & Surroundings {
  const principal = "role" in from ? from.principal : from;
  const caller = "role" in from ? sessionContext(from) : principalContext(from);
  return { ...surroundings, principal, context: { ...context, ...caller, ...own } };
}

function policySet(
  from: RoleSession | CallerPrincipal,
  policies: AccessPath["policies"],
  resource: NamedPolicy | undefined,
  unread: readonly UnreadPolicy[],
): PolicySet {
  if ("role" in from) return policiesOfSession(from, resource, unread);
  const own = policies ?? { identity: [] };
  const unreadAll = [...(own.unread ?? []), ...unread];
  return { ...own, ...(resource === undefined ? {} : { resource }), unread: unreadAll };
}

function isRefused(hop: Hop | undefined): boolean {
  return hop?.decision.effect === "explicit-deny" || hop?.decision.effect === "implicit-deny";
}

/** What hops amount to: a refusal decides, then what is not known. */
export function settled(hops: readonly Hop[]): PathDecision {
  const decisive =
    hops.find(isRefused) ?? hops.find(({ decision }) => decision.effect === "unknown") ?? hops.at(-1);
  const effect = decisive?.decision.effect ?? "implicit-deny";
  const open = effect === "unknown" ? hops.flatMap(({ decision }) => decision.dependsOn ?? []) : [];
  return {
    effect,
    reason: decisive?.decision.reason ?? "Denied: nothing was asked.",
    dependsOn: [...new Set(open)],
    hops: [...hops],
  };
}
