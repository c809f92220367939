import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { type KnownContext, readContext } from "./context.ts";
import { accountOf, type CallerPrincipal, nameOf, openUserId } from "./principals.ts";
import { best, dependencies, type Mode, settle, type TracedPolicy, worst } from "./settle.ts";
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
  /**
   * Keys that the request may have with values that nobody here knows, `*` and `?` as wildcards; a key that
   * `context` gives is known. Without it, what is not given is not in the request.
   */
  unknownKeys?: readonly string[];
  /** Of these, the ones that are certainly not in the request. */
  absentKeys?: readonly string[];
  /** Of these, the ones of which it is known that they have one of a few values. */
  possibleValues?: Readonly<Record<string, readonly string[]>>;
}

/** A policy that takes part in the decision and could not be read. */
export interface UnreadPolicy {
  kind: PolicyKind | "vpc-endpoint";
  /** in words, e.g. `the policy of the key arn:…` */
  name: string;
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
  /** what AWS looks at besides, and nobody here has read: it may deny all, or allow all that its kind can allow */
  unread?: readonly UnreadPolicy[];
}

export interface Decision {
  /** `unknown`: what is not known here decides */
  effect: "allow" | "explicit-deny" | "implicit-deny" | "unknown";
  /** one line in plain words */
  reason: string;
  /** every statement looked at */
  trace: StatementTrace[];
  /** of `unknown`: the condition keys, as written, and the policies by name that it hangs on */
  dependsOn?: string[];
}

export interface EvaluationOptions {
  /** looks at every element of every statement and gives each one's outcome in the trace */
  explain?: boolean;
}

/**
 * Decides one request as AWS does. Pure, and total: a document that AWS would not have stored makes an Allow of it
 * not apply and a Deny apply.
 *
 * Same account: identity or resource policy allows. A resource policy that names the role is limited by boundary
 * and session policies, one that names the session or the user, or `*`, is not; one that names the account only
 * delegates; the policy of a KMS key has to do at least that. Cross-account: the resource policy and the caller's side (identity, within boundary and session) both
 * allow. Services, identity providers and anonymous callers have the resource policy alone. An explicit Deny in any
 * policy wins, and each level of the supplied SCPs and RCPs has to allow.
 *
 * `allow` and the denials hold whatever the unknown keys and unread policies turn out to say; where they could turn
 * the answer it is `unknown`.
 *
 * Source: IAM User Guide, "How AWS enforcement code logic evaluates requests", "Policy evaluation for requests
 * within a single account", "Cross-account policy evaluation logic".
 */
export function evaluate(
  request: EvaluationRequest,
  policies: PolicySet,
  options: EvaluationOptions = {},
): Decision {
  return decide(request, policies, "resource", options);
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
export function evaluateTrust(
  request: EvaluationRequest,
  policies: PolicySet,
  options: EvaluationOptions = {},
): Decision {
  const barred = unableToCall(request);
  return barred === null
    ? decide(request, policies, "trust", options)
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

function decide(
  request: EvaluationRequest,
  policies: PolicySet,
  mode: Mode,
  { explain = false }: EvaluationOptions,
): Decision {
  const read = readContext(withOpenUserId(request));
  if (!read.ok) {
    const reason = `Denied: the request gives the context key ${read.key} twice.`;
    return { effect: "implicit-deny", reason, trace: [] };
  }
  const prepared = {
    ...request,
    hasBoundary:
      policies.boundary !== undefined || policies.unread?.some(({ kind }) => kind === "boundary") === true,
    context: read.context,
    explain,
  };
  const traced = traceAll(prepared, policies, mode);
  const trace = traced.flatMap((one) => one.statements);
  const question = { request, policies, mode, traced };
  const decision = settle(question, best);
  if (decision.effect !== "allow") return { ...decision, trace };
  const unread = policies.unread ?? [];
  if (unread.length === 0) {
    if (trace.every((statement) => statement.open === undefined)) return { ...decision, trace };
    const certain = settle(question, worst);
    if (certain.effect === "allow") return { ...certain, trace };
  }
  const dependsOn = dependencies(question);
  const who = `${nameOf(request.principal)} may ${request.action}`;
  const reason = `Unknown whether ${who}: it depends on ${dependsOn.join(", ")}.`;
  return { effect: "unknown", reason, trace, dependsOn };
}

/**
 * Users and roles, but for service-linked roles; nobody outside an account.
 *
 * Source: Organizations User Guide, "Service control policies (SCPs)": an SCP "restricts permissions for IAM users and
 * roles in member accounts, including the member account's root user"; "SCPs do not affect any service-linked role".
 */
function isGovernedByScps(caller: CallerPrincipal): boolean {
  return accountOf(caller) !== null && !isServiceLinked(caller);
}

/** Neither do RCPs restrict calls by service-linked roles (Organizations User Guide, "Resource control policies"). */
function isServiceLinked(caller: CallerPrincipal): boolean {
  return (
    caller.kind === "role-session" &&
    caller.roleArn.split(":")[5]?.startsWith("role/aws-service-role/") === true
  );
}

/** Of a caller whose id nobody here knows, `aws:userid` is not known either, where the context does not give it. */
function withOpenUserId(request: EvaluationRequest): KnownContext {
  const begins = openUserId(request.principal);
  if (begins === null) return request;
  const unknownKeys = [...(request.unknownKeys ?? []), "aws:userid"];
  return { ...request, unknownKeys, beginnings: { "aws:userid": begins } };
}

function traceAll(request: PreparedRequest, policies: PolicySet, mode: Mode): TracedPolicy[] {
  const sources: [PolicyKind, NamedPolicy[]][] = [
    ["scp", isGovernedByScps(request.principal) ? (policies.scps ?? []) : []],
    ["rcp", isServiceLinked(request.principal) ? [] : (policies.rcps ?? [])],
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
