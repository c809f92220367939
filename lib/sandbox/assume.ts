import { listOf } from "#lib/model/policy-document.ts";
import { actionsOf, handedOn } from "#lib/policy/session.ts";
import {
  type Access,
  decideTrust,
  denialMessage,
  type RequestContext,
  type RequestFacts,
} from "./authorise.ts";
import type { Caller } from "./callers.ts";
import { iamDocumentErrors, readDocument } from "./documents.ts";
import { secretAccessKey, sessionToken, uniqueId } from "./identifiers.ts";
import { limits } from "./quotas.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Role, Session, StoredPolicy } from "./state.ts";
import { AwsError } from "./wire/error.ts";

/** What is common to AssumeRole, AssumeRoleWithWebIdentity and the Pod Identity agent. */
export interface Assumption {
  action: "sts:AssumeRole" | "sts:AssumeRoleWithWebIdentity";
  roleArn: string;
  sessionName: string;
  durationSeconds: number;
  tags: Record<string, string>;
  transitiveTagKeys: string[];
  externalId?: string | undefined;
  sourceIdentity?: string | undefined;
  policy?: string | undefined;
  policyArns?: string[];
  /** Keys that only this kind of call has, e.g. the token's claims. */
  context?: RequestContext;
  federatedProvider?: string;
}

/**
 * Opens a session on a role if the role's trust policy and the caller's own policies allow it, for each action
 * that the call amounts to: with session tags, given or inherited, also `sts:TagSession`; with a source identity
 * also `sts:SetSourceIdentity`. Source: IAM User Guide, "Pass session tags in AWS STS".
 */
export function assume(sandbox: Sandbox, caller: Caller, facts: RequestFacts, wanted: Assumption): Session {
  checkShape(wanted);
  const role = sandbox.visibleRole(wanted.roleArn);
  const parent = caller.kind === "session" ? caller.session : undefined;
  const inherited = parent ? handedOn(parent) : {};
  checkTags(wanted, inherited);
  const tags = { ...inherited, ...wanted.tags };
  const sourceIdentity = wanted.sourceIdentity ?? parent?.sourceIdentity ?? null;
  const transitiveTagKeys = [...new Set([...wanted.transitiveTagKeys, ...Object.keys(inherited)])];
  if (!role) throw notAuthorised(caller, wanted);
  for (const needed of actionsOf({ tags, transitiveTagKeys, sourceIdentity, role }, wanted)) {
    authoriseOn(sandbox, caller, facts, role, needed, wanted);
  }
  checkDuration(wanted, role, parent !== undefined);
  const policies = sessionPolicies(sandbox, role, wanted);
  const now = sandbox.now();
  const session: Session = {
    accessKeyId: uniqueId("temporaryKey"),
    secretAccessKey: secretAccessKey(),
    sessionToken: sessionToken(),
    issuedAt: now,
    expiresAt: now + wanted.durationSeconds * 1000,
    accountId: accountIdOf(role.arn),
    roleArn: role.arn,
    roleId: role.id,
    sessionName: wanted.sessionName,
    tags,
    transitiveTagKeys,
    sourceIdentity,
    federatedProvider: wanted.federatedProvider ?? null,
    policies,
    chained: parent !== undefined,
  };
  forgetExpired(sandbox, now);
  sandbox.state.sessions[session.accessKeyId] = session;
  return session;
}

const sweepEveryMs = 60_000;

/**
 * Expired sessions are kept for an hour, so that their use is answered with ExpiredToken. Looked for now and then: who
 * makes a hundred thousand sessions would otherwise look at all of them for each.
 */
function forgetExpired(sandbox: Sandbox, now: number): void {
  if (now - sandbox.sessionsSweptAt < sweepEveryMs) return;
  sandbox.sessionsSweptAt = now;
  for (const session of Object.values(sandbox.state.sessions)) {
    if (now - session.expiresAt > 3_600_000) delete sandbox.state.sessions[session.accessKeyId];
  }
}

function authoriseOn(
  sandbox: Sandbox,
  caller: Caller,
  facts: RequestFacts,
  role: Role,
  needed: { action: string; context: RequestContext },
  wanted: Assumption,
): void {
  const access: Access = {
    action: needed.action,
    resource: role.arn,
    resourceAccount: accountIdOf(role.arn),
    context: needed.context,
  };
  const decision = decideTrust(sandbox, caller, access, role, facts);
  if (decision.effect === "allow") return;
  if (wanted.action === "sts:AssumeRoleWithWebIdentity") throw notAuthorised(caller, wanted);
  throw new AwsError("AccessDenied", denialMessage(caller, access, decision), 403);
}

/** STS does not tell a role that is not there from one that may not be assumed. */
function notAuthorised(caller: Caller, wanted: Assumption): AwsError {
  const message =
    wanted.action === "sts:AssumeRoleWithWebIdentity"
      ? "Not authorized to perform sts:AssumeRoleWithWebIdentity"
      : `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${wanted.roleArn}`;
  return new AwsError("AccessDenied", message, 403);
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

function checkShape({ roleArn, sessionName, durationSeconds, externalId }: Assumption): void {
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(roleArn)) throw invalid(`${roleArn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw invalid(
      `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
    );
  }
  if (durationSeconds < 900 || durationSeconds > 43_200) {
    throw invalid(
      `1 validation error detected: Value '${durationSeconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200`,
    );
  }
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    throw invalid(`Value '${externalId}' at 'externalId' failed to satisfy constraint`);
  }
}

function checkTags({ tags, transitiveTagKeys }: Assumption, inherited: Record<string, string>): void {
  if (Object.keys(tags).length > limits.sessionTags) throw invalid("A session has 50 tags at most");
  for (const [key, value] of Object.entries(tags)) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) || key.toLowerCase().startsWith("aws:")) {
      throw invalid(`The tag key ${key} is not valid`);
    }
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value)) {
      throw invalid(`The tag value of ${key} is not valid`);
    }
    if (Object.keys(inherited).some((known) => known.toLowerCase() === key.toLowerCase())) {
      throw new AwsError(
        "InvalidParameterValue",
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      );
    }
  }
  const unknown = transitiveTagKeys.find((key) => tags[key] === undefined);
  if (unknown !== undefined) {
    throw new AwsError("InvalidParameterValue", `The transitive tag key ${unknown} has no tag`);
  }
}

function checkDuration({ durationSeconds }: Assumption, role: Role, chained: boolean): void {
  if (chained && durationSeconds > limits.chainedSessionSeconds) {
    throw invalid(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    );
  }
  if (durationSeconds > role.maxSessionDuration) {
    throw invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
}

function sessionPolicies(
  sandbox: Sandbox,
  role: Role,
  { policy, policyArns = [] }: Assumption,
): StoredPolicy[] {
  const account = sandbox.account(accountIdOf(role.arn));
  const managed = policyArns.map((arn): StoredPolicy => {
    const found = account?.policies[arn];
    if (!found) throw invalid(`PolicyArn ${arn} does not exist`);
    return { name: arn, document: found.document };
  });
  if (policy === undefined) return managed;
  if (policy.length > limits.sessionPolicySize) {
    throw new AwsError(
      "PackedPolicyTooLarge",
      `Serialized session policy exceeds the maximum of ${limits.sessionPolicySize} characters`,
    );
  }
  const document = readDocument(sandbox, policy, "identity", iamDocumentErrors);
  return [{ name: "session policy", document }, ...managed];
}

export function accountIdOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}

/** The audience of a token: one value or several. */
export function audiences(claim: string | string[] | undefined): string[] {
  return listOf(claim);
}
