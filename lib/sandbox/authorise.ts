import {
  type Decision,
  type EvaluationRequest,
  evaluate,
  evaluateTrust,
  type NamedPolicy,
  type PolicySet,
} from "#lib/policy/evaluate.ts";
import { principalContext } from "#lib/policy/principals.ts";
import type { PolicyKind } from "#lib/policy/statement.ts";
import type { Caller } from "./callers.ts";
import { renderPrincipals } from "./principals.ts";
import type { Sandbox } from "./sandbox.ts";
import { type AccountState, type Role, type StoredPolicy, visible } from "./state.ts";

export type RequestContext = Record<string, string | string[]>;

/** One thing a call needs to be allowed to do. */
export interface Access {
  /** IAM action, e.g. `iam:PassRole`. */
  action: string;
  /** ARN, or `*` for actions without a resource. */
  resource: string;
  /** Who owns the resource. */
  resourceAccount: string;
  context?: RequestContext;
  /** The resource's own policy, as stored (principals as ids). */
  resourcePolicy?: StoredPolicy;
}

export interface RequestFacts {
  region: string;
  userAgent: string;
}

/** Of the NAT gateway that every caller is behind: `aws:SourceIp` is never a private address. */
const callersAddress = "198.51.100.24";

/**
 * Whether the caller may do it. The sandbox gathers what AWS would look at and leaves every decision to
 * `lib/policy`: that is what makes a test against the sandbox a test of the product's own evaluator.
 */
export function decide(sandbox: Sandbox, caller: Caller, access: Access, facts: RequestFacts): Decision {
  return evaluate(requestOf(sandbox, caller, access, facts), {
    ...callerPolicies(sandbox, caller),
    ...resourceSide(sandbox, access),
  });
}

/** Whether the caller may assume the role: its trust policy, and the caller's own policies. */
export function decideTrust(
  sandbox: Sandbox,
  caller: Caller,
  access: Omit<Access, "resourcePolicy">,
  role: Role,
  facts: RequestFacts,
): Decision {
  const trust = visible(role.trust, sandbox.now());
  return evaluateTrust(requestOf(sandbox, caller, access, facts), {
    ...callerPolicies(sandbox, caller),
    ...resourceSide(sandbox, {
      ...access,
      ...(trust && { resourcePolicy: { name: `trust policy of ${role.name}`, document: trust } }),
    }),
  });
}

function requestOf(sandbox: Sandbox, caller: Caller, access: Access, facts: RequestFacts): EvaluationRequest {
  return {
    principal: caller.principal,
    action: access.action,
    resource: access.resource,
    resourceAccount: access.resourceAccount,
    context: {
      ...globalContext(sandbox, facts),
      ...callerContext(caller),
      "aws:ResourceAccount": access.resourceAccount,
      ...access.context,
    },
  };
}

/**
 * Keys every request has. The sandbox speaks plain HTTP on the loopback only; `aws:SecureTransport` says what
 * would hold in AWS, where the same client uses TLS.
 */
function globalContext(sandbox: Sandbox, facts: RequestFacts): RequestContext {
  const now = sandbox.now();
  return {
    "aws:CurrentTime": new Date(now).toISOString(),
    "aws:EpochTime": String(Math.floor(now / 1000)),
    "aws:SecureTransport": "true",
    "aws:SourceIp": callersAddress,
    "aws:UserAgent": facts.userAgent,
    "aws:RequestedRegion": facts.region,
    "aws:ViaAWSService": "false",
    "aws:PrincipalIsAWSService": "false",
  };
}

function callerContext(caller: Caller): RequestContext {
  const context: RequestContext = principalContext(caller.principal);
  if (caller.kind === "session") {
    const { session, role } = caller;
    Object.assign(context, tagContext("aws:PrincipalTag", principalTags(role?.tags ?? {}, session.tags)));
    context["aws:TokenIssueTime"] = new Date(session.issuedAt).toISOString();
    if (session.sourceIdentity) context["aws:SourceIdentity"] = session.sourceIdentity;
    if (session.federatedProvider) context["aws:FederatedProvider"] = session.federatedProvider;
  }
  if (caller.kind === "user") Object.assign(context, tagContext("aws:PrincipalTag", caller.user.tags));
  return context;
}

/** A session's tag takes the place of the role's tag of the same name, whatever its case (IAM User Guide). */
function principalTags(
  role: Record<string, string>,
  session: Record<string, string>,
): Record<string, string> {
  const given = new Set(Object.keys(session).map((key) => key.toLowerCase()));
  const kept = Object.entries(role).filter(([key]) => !given.has(key.toLowerCase()));
  return { ...Object.fromEntries(kept), ...session };
}

/** Tags as context keys, e.g. `aws:RequestTag/team`. */
export function tagContext(key: string, tags: Record<string, string>): RequestContext {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [`${key}/${name}`, value]));
}

/** The keys of a request that carries tags. `aws:TagKeys` is absent when there are none. */
export function requestTagContext(tags: Record<string, string>): RequestContext {
  const keys = Object.keys(tags);
  return { ...tagContext("aws:RequestTag", tags), ...(keys.length > 0 && { "aws:TagKeys": keys }) };
}

function callerPolicies(sandbox: Sandbox, caller: Caller): Omit<PolicySet, "resource" | "rcps"> {
  if (caller.kind === "outside") return { identity: [] };
  const account = sandbox.account(caller.accountId);
  if (!account) return { identity: [] };
  const scps = account.scps.length > 0 ? { scps: account.scps } : {};
  if (caller.kind === "user") {
    const inline = Object.entries(caller.user.inline).map(([name, document]) => ({ name, document }));
    return { identity: [...inline, ...managed(account, caller.user.attached)], ...scps };
  }
  const { role, session } = caller;
  if (!role) return { identity: [], ...scps };
  const boundary = role.boundaryArn ? boundaryOf(account, role.boundaryArn) : undefined;
  return {
    identity: rolePolicies(sandbox, account, role),
    ...(boundary && { boundary }),
    session: session.policies,
    ...scps,
  };
}

function rolePolicies(sandbox: Sandbox, account: AccountState, role: Role): NamedPolicy[] {
  const now = sandbox.now();
  const inline = Object.entries(role.inline).flatMap(([name, held]) => {
    const document = visible(held, now);
    return document ? [{ name, document }] : [];
  });
  const attached = Object.values(role.attached).filter((one) => now >= one.visibleAt);
  return [
    ...inline,
    ...managed(
      account,
      attached.map((one) => one.arn),
    ),
  ];
}

function managed(account: AccountState, arns: string[]): NamedPolicy[] {
  return arns.flatMap((arn) => {
    const policy = account.policies[arn];
    return policy ? [{ name: policy.name, document: policy.document }] : [];
  });
}

/** A boundary that was deleted allows nothing: the role keeps the limit, not the permissions. */
function boundaryOf(account: AccountState, arn: string): NamedPolicy {
  const policy = account.policies[arn];
  return { name: arn, document: policy?.document ?? { Version: "2012-10-17", Statement: [] } };
}

function resourceSide(sandbox: Sandbox, access: Access): Pick<PolicySet, "resource" | "rcps"> {
  const rcps = sandbox.account(access.resourceAccount)?.rcps ?? [];
  const { resourcePolicy } = access;
  return {
    ...(resourcePolicy && {
      resource: {
        name: resourcePolicy.name,
        document: renderPrincipals(sandbox, resourcePolicy.document),
      },
    }),
    ...(rcps.length > 0 && { rcps }),
  };
}

/**
 * AWS's wording, which says on whose side the permission is missing.
 *
 * Source: IAM User Guide, "Troubleshoot access denied error messages".
 */
export function denialMessage(caller: Caller, access: Access, decision: Decision): string {
  const why =
    decision.effect === "explicit-deny"
      ? `with an explicit deny in ${denier(decision)}`
      : `because no ${sideOf(decision)} policy allows the ${access.action} action`;
  return `User: ${caller.arn ?? "anonymous"} is not authorized to perform: ${access.action} on resource: ${access.resource} ${why}`;
}

const policyTypes: Record<PolicyKind, string> = {
  identity: "an identity-based policy",
  boundary: "a permissions boundary",
  session: "a session policy",
  resource: "a resource-based policy",
  trust: "the role trust policy",
  scp: "a service control policy",
  rcp: "a resource control policy",
};

function denier({ trace }: Decision): string {
  const deny = trace.find(({ effect, matched }) => effect === "Deny" && matched);
  return deny ? policyTypes[deny.kind] : "a policy";
}

function sideOf({ reason }: Decision): string {
  return /there is no policy on the resource|no statement of the resource's policy/.test(reason)
    ? "resource-based"
    : "identity-based";
}
