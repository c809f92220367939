import type { Decision, EvaluationRequest, NamedPolicy, PolicySet, UnreadPolicy } from "./evaluate.ts";
import { foldCase } from "./glob.ts";
import { type CallerPrincipal, principalContext } from "./principals.ts";

type Context = EvaluationRequest["context"];

/** A role and what decides about it and about its sessions. */
export interface RoleFacts {
  arn: string;
  /** `AROA…`; absent: it was not read */
  id?: string;
  tags: Record<string, string>;
  /** absent: it was not read */
  trust?: NamedPolicy;
  /** resource control policies of its account: on the role as a resource, not on its sessions */
  rcps?: NamedPolicy[];
  /** what its sessions may do: identity policies, boundary, SCPs, and what of it was not read */
  policies: Omit<PolicySet, "resource" | "rcps" | "session">;
}

/** A session on a role, with what it carries on to the next call. */
export interface RoleSession {
  principal: CallerPrincipal;
  role: RoleFacts;
  /** passed when it was made, and inherited */
  tags: Record<string, string>;
  transitiveTagKeys: string[];
  sourceIdentity: string | null;
  /** the provider of the token at the beginning; not carried on by chaining */
  federatedProvider: string | null;
  /** passed when it was made; none: the role's policies alone */
  policies: NamedPolicy[];
}

/** One call that opens a session on a role. */
export interface Assumption {
  action: "sts:AssumeRole" | "sts:AssumeRoleWithWebIdentity" | "sts:AssumeRoleWithSAML";
  /** absent: nobody here knows it */
  sessionName?: string;
  tags?: Record<string, string>;
  transitiveTagKeys?: string[];
  externalId?: string;
  sourceIdentity?: string;
  /** session policies */
  policies?: NamedPolicy[];
  /** keys that only this call has, e.g. the token's claims */
  context?: Context;
}

/** Of a session that a call would open: what the call's context says of it. */
type Opening = Pick<RoleSession, "tags" | "transitiveTagKeys" | "sourceIdentity"> & {
  role: Pick<RoleFacts, "tags">;
};

/** Of a call: what its context says of it. */
type Call = Pick<Assumption, "action" | "sessionName" | "context"> & { externalId?: string | undefined };

/** The account in a role's ARN. */
export function accountOfRole(roleArn: string): string {
  return roleArn.split(":")[4] ?? "";
}

/** What decides about a call of the session on something with this policy. */
export function policiesOfSession(
  { role, policies }: RoleSession,
  resource: NamedPolicy | undefined,
  unread: readonly UnreadPolicy[] = [],
): PolicySet {
  return {
    ...role.policies,
    session: policies,
    ...(resource === undefined ? {} : { resource }),
    unread: [...(role.policies.unread ?? []), ...unread],
  };
}

/**
 * The context keys that a session brings to its calls: who it is, its tags and the role's (a session tag takes the
 * place of the role's tag of that name, whatever its case), its source identity and the provider of its token.
 *
 * Source: IAM User Guide, "AWS global condition context keys" and "Pass session tags in AWS STS".
 */
export function sessionContext(session: RoleSession): Context {
  const { principal, role, tags, sourceIdentity, federatedProvider } = session;
  const given = new Set(Object.keys(tags).map(foldCase));
  const own = Object.entries(role.tags).filter(([key]) => !given.has(foldCase(key)));
  return {
    ...principalContext(principal),
    ...tagKeys("aws:PrincipalTag", { ...Object.fromEntries(own), ...tags }),
    ...(sourceIdentity === null ? {} : { "aws:SourceIdentity": sourceIdentity }),
    ...(federatedProvider === null ? {} : { "aws:FederatedProvider": federatedProvider }),
  };
}

/** The session that the call opens, if it may. */
export function openSession(
  from: RoleSession | CallerPrincipal,
  role: RoleFacts,
  by: Assumption,
): RoleSession {
  const [, partition = "aws"] = role.arn.split(":");
  const accountId = accountOfRole(role.arn);
  const name = role.arn.split("/").at(-1) ?? "";
  const inherited = "role" in from ? handedOn(from) : {};
  return {
    principal: {
      kind: "role-session",
      roleArn: role.arn,
      roleId: role.id ?? null,
      sessionArn: `arn:${partition}:sts::${accountId}:assumed-role/${name}/${by.sessionName ?? "*"}`,
      accountId,
    },
    role,
    tags: { ...inherited, ...by.tags },
    transitiveTagKeys: [...new Set([...(by.transitiveTagKeys ?? []), ...Object.keys(inherited)])],
    sourceIdentity: by.sourceIdentity ?? ("role" in from ? from.sourceIdentity : null),
    federatedProvider: "role" in from || from.kind !== "federated" ? null : from.provider,
    policies: by.policies ?? [],
  };
}

/** The tags that a session hands on to the sessions opened from it. */
export function handedOn({ tags, transitiveTagKeys }: Pick<RoleSession, "tags" | "transitiveTagKeys">) {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => transitiveTagKeys.includes(key)));
}

/**
 * What STS refuses about a call before it reads any policy; null if nothing. A session tag that is handed on, and a
 * source identity once it is set, stay as they are along the whole chain.
 *
 * Source: IAM User Guide, "Pass session tags in AWS STS" and "AWS global condition context keys", aws:SourceIdentity:
 * "after the source identity is set, the value cannot be changed".
 */
export function sessionObjection(
  from: RoleSession | CallerPrincipal,
  { tags = {}, sourceIdentity }: Assumption,
): Decision | null {
  const set = "role" in from ? from.sourceIdentity : null;
  if (set !== null && sourceIdentity !== undefined && sourceIdentity !== set) {
    const reason = `Denied: the calling session has the source identity ${set}, which nothing can replace.`;
    return { effect: "implicit-deny", reason, trace: [] };
  }
  const inherited = new Set(Object.keys("role" in from ? handedOn(from) : {}).map(foldCase));
  const taken = Object.keys(tags).find((key) => inherited.has(foldCase(key)));
  if (taken === undefined) return null;
  const reason = `Denied: the session tag ${taken} is one that the calling session hands on, which nothing can replace.`;
  return { effect: "implicit-deny", reason, trace: [] };
}

/**
 * The actions that the call amounts to, each with the keys that it has: with tags, given or inherited, also
 * `sts:TagSession`; with a source identity, given or carried on, also `sts:SetSourceIdentity`. `sts:ExternalId`
 * belongs to AssumeRole alone.
 *
 * Source: IAM User Guide, "Pass session tags in AWS STS", "Monitor and control actions taken with assumed roles";
 * Service Authorization Reference, AWS STS.
 */
export function actionsOf(to: Opening, by: Call): { action: string; context: Context }[] {
  const keys = Object.keys(to.tags);
  const { transitiveTagKeys, sourceIdentity } = to;
  const tagged: Context = {
    ...tagKeys("aws:RequestTag", to.tags),
    ...(keys.length > 0 ? { "aws:TagKeys": keys } : {}),
    ...(transitiveTagKeys.length > 0 ? { "sts:TransitiveTagKeys": transitiveTagKeys } : {}),
    ...tagKeys("aws:ResourceTag", to.role.tags),
    ...tagKeys("iam:ResourceTag", to.role.tags),
    ...by.context,
  };
  const identity: Context = sourceIdentity === null ? {} : { "sts:SourceIdentity": sourceIdentity };
  return [
    {
      action: by.action,
      context: {
        ...tagged,
        ...identity,
        ...(by.sessionName === undefined ? {} : { "sts:RoleSessionName": by.sessionName }),
        ...(by.externalId === undefined ? {} : { "sts:ExternalId": by.externalId }),
      },
    },
    ...(keys.length > 0 ? [{ action: "sts:TagSession", context: tagged }] : []),
    ...(sourceIdentity === null
      ? []
      : [{ action: "sts:SetSourceIdentity", context: { ...tagged, ...identity } }]),
  ];
}

function tagKeys(key: string, tags: Record<string, string>): Context {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [`${key}/${name}`, value]));
}
