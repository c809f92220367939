import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { readContext } from "./context.ts";
import { accountOf, type CallerPrincipal, nameOf, partitionOf } from "./principals.ts";
import {
  type PolicyKind,
  type PreparedRequest,
  type StatementTrace,
  traceStatement,
  versionOf,
} from "./statement.ts";

export type { CallerPrincipal } from "./principals.ts";
export type { PolicyKind, StatementTrace } from "./statement.ts";

export interface EvaluationRequest {
  /** who calls */
  principal: CallerPrincipal;
  /** `s3:GetObject` */
  action: string;
  /** an ARN, or `*` for actions without a resource */
  resource: string;
  /** the account that owns the resource */
  resourceAccount: string;
  /**
   * Request context: keys in any case, multi-valued keys as arrays, an absent key is not there. Nothing is added
   * to it; `principalContext` gives the keys that follow from the caller.
   */
  context: Record<string, string | string[]>;
}

export interface NamedPolicy {
  name: string;
  document: PolicyDocument;
  /**
   * For an SCP or RCP: the root, organizational unit or account that it is attached to. Policies of one target
   * are a level, and every level has to allow. Without it all are of one level.
   */
  target?: string;
}

export interface PolicySet {
  /** the caller's attached and inline policies */
  identity: NamedPolicy[];
  /** the caller's permissions boundary */
  boundary?: NamedPolicy;
  /** session policies passed when the session was made; none or an empty list: unlimited */
  session?: NamedPolicy[];
  /** the resource's policy; the role's trust policy for `evaluateTrust` */
  resource?: NamedPolicy;
  /** service control policies of the caller's account; leave out where they don't apply */
  scps?: NamedPolicy[];
  /** resource control policies of the resource's account */
  rcps?: NamedPolicy[];
}

export interface Decision {
  effect: "allow" | "explicit-deny" | "implicit-deny";
  /** one line in plain words */
  reason: string;
  /** every statement looked at */
  trace: StatementTrace[];
}

/**
 * Decides one request as AWS does. Pure, and total: a document that AWS would not have stored makes an Allow of it
 * not apply and a Deny apply.
 *
 * Same account: identity or resource policy allows. A resource policy that names the role is limited by boundary
 * and session policies, one that names the session or the user, or `*`, is not; one that names the account only
 * delegates. Cross-account: the resource policy and the caller's side (identity, within boundary and session) both
 * allow. Services, identity providers and anonymous callers have the resource policy alone. An explicit Deny in any
 * policy wins, and each level of the supplied SCPs and RCPs has to allow.
 *
 * Source: IAM User Guide, "How AWS enforcement code logic evaluates requests", "Policy evaluation for requests
 * within a single account", "Cross-account policy evaluation logic".
 */
export function evaluate(request: EvaluationRequest, policies: PolicySet): Decision {
  return decide(request, policies, "resource");
}

/**
 * Decides whether a role may be assumed; `policies.resource` is its trust policy, `request.resource` its ARN. As
 * `evaluate`, but the trust policy has to allow always. For web identities and services it alone decides; an AWS
 * principal of the same account needs no more if it is named itself, and its identity policy too if the trust
 * names the account.
 *
 * Source: IAM User Guide, "Roles terms and concepts", "Compare IAM roles and resource-based policies"; STS API
 * Reference, AssumeRole and AssumeRoleWithWebIdentity.
 */
export function evaluateTrust(request: EvaluationRequest, policies: PolicySet): Decision {
  const barred = unableToCall(request);
  return barred === null
    ? decide(request, policies, "trust")
    : { effect: "implicit-deny", reason: `Denied: ${barred}.`, trace: [] };
}

const TOKEN_CALLS = new Set(["sts:assumerolewithwebidentity", "sts:assumerolewithsaml"]);

/** What STS refuses before it reads any policy; null if nothing. */
function unableToCall({ principal, action, resourceAccount }: EvaluationRequest): string | null {
  const call = action.toLowerCase();
  if (principal.kind === "anonymous") return "a caller without credentials or token can't assume a role";
  if (principal.kind === "root") return "the root user can't assume roles";
  if (TOKEN_CALLS.has(call) && principal.kind !== "federated") return `${action} is called with a token only`;
  if (call === "sts:assumerole" && principal.kind === "federated") return `${action} needs AWS credentials`;
  if (principal.kind === "federated") {
    // STS looks the provider up in the role's account; a provider elsewhere is not found.
    const account = /^arn:[^:]*:iam::(\d{12}):/.exec(principal.provider)?.[1];
    if (account !== undefined && account !== resourceAccount) {
      return `the identity provider ${principal.provider} is not in the role's account ${resourceAccount}`;
    }
  }
  return null;
}

/** What the Allow statements of a decision amount to. */
interface Grants {
  identity: boolean;
  boundary: boolean;
  session: boolean;
  resource: StatementTrace[];
}

function decide(request: EvaluationRequest, policies: PolicySet, mode: "resource" | "trust"): Decision {
  const read = readContext(request.context);
  if (!read.ok) {
    const reason = `Denied: the request gives the context key ${read.key} twice.`;
    return { effect: "implicit-deny", reason, trace: [] };
  }
  const prepared = { ...request, hasBoundary: policies.boundary !== undefined, context: read.context };
  const traced = traceAll(prepared, policies, mode);
  const trace = traced.flatMap((one) => one.statements);
  const result = (effect: Decision["effect"], reason: string): Decision => ({ effect, reason, trace });

  const deny = trace.find((statement) => statement.effect === "Deny" && statement.matched);
  if (deny !== undefined) {
    return result("explicit-deny", `Denied by ${label(deny)}, which denies ${request.action}.`);
  }
  const partition = partitionOf(request.principal);
  const target = /^arn:([^:]+):/.exec(request.resource)?.[1];
  if (partition !== null && target !== undefined && partition !== target) {
    return result("implicit-deny", `Denied: ${partition} credentials can't reach the partition ${target}.`);
  }
  const level = silentLevel(traced, "scp") ?? silentLevel(traced, "rcp");
  if (level !== null) return result("implicit-deny", `Denied: no ${level} allows ${request.action}.`);

  const allows = (kind: PolicyKind) => trace.filter((one) => one.kind === kind && isMatchedAllow(one));
  const refusal = refuse(request, policies, mode, {
    // The root user has every permission of its account.
    identity: request.principal.kind === "root" || allows("identity").length > 0,
    boundary: policies.boundary === undefined || allows("boundary").length > 0,
    session: (policies.session ?? []).length === 0 || allows("session").length > 0,
    resource: allows(mode),
  });
  if (refusal !== null) return result("implicit-deny", `Denied: ${refusal}.`);
  const by = [...allows(mode), ...allows("identity")].map(label);
  return result(
    "allow",
    `${nameOf(request.principal)} may ${request.action}: ${by.length === 0 ? "it is the account's root user" : `allowed by ${by.join(" and ")}`}.`,
  );
}

/** Why the grants don't suffice, or null when they do. */
function refuse(
  request: EvaluationRequest,
  policies: PolicySet,
  mode: "resource" | "trust",
  grants: Grants,
): string | null {
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
  if (mode === "trust" && forms.size === 0) return silent;
  if (forms.has("role") || forms.has("user")) return limits ?? identity;
  if (identity === null) return null;
  return forms.has("account") ? `${resourcePolicy} leaves it to the account, and ${identity}` : identity;
}

/** One policy of a decision and what became of its statements. */
interface TracedPolicy {
  kind: PolicyKind;
  policy: NamedPolicy;
  statements: StatementTrace[];
}

function traceAll(request: PreparedRequest, policies: PolicySet, mode: "resource" | "trust"): TracedPolicy[] {
  const sources: [PolicyKind, NamedPolicy[]][] = [
    ["scp", policies.scps ?? []],
    ["rcp", policies.rcps ?? []],
    [mode, policies.resource === undefined ? [] : [policies.resource]],
    ["identity", policies.identity],
    ["boundary", policies.boundary === undefined ? [] : [policies.boundary]],
    ["session", policies.session ?? []],
  ];
  return sources.flatMap(([kind, list]) =>
    list.map((policy) => {
      const version = versionOf(policy.document);
      const statements = statementsOf(policy.document).map((statement, index) =>
        traceStatement({ policy: policy.name, kind, index, version }, statement, request),
      );
      return { kind, policy, statements };
    }),
  );
}

/** The first level of SCPs or RCPs without an Allow, in words; null when all allow. */
function silentLevel(traced: TracedPolicy[], kind: "scp" | "rcp"): string | null {
  const word = kind === "scp" ? "service control policy" : "resource control policy";
  const members = traced.filter((one) => one.kind === kind);
  for (const target of new Set(members.map((one) => one.policy.target ?? ""))) {
    const allows = members.some(
      (one) => (one.policy.target ?? "") === target && one.statements.some(isMatchedAllow),
    );
    if (!allows) return target === "" ? word : `${word} of ${target}`;
  }
  return null;
}

function isMatchedAllow(statement: StatementTrace): boolean {
  return statement.effect === "Allow" && statement.matched;
}

function label(statement: StatementTrace): string {
  const place =
    statement.sid === undefined ? `statement ${statement.index + 1}` : `statement ${statement.sid}`;
  return `${place} of ${statement.policy}`;
}
