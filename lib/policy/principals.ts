import { isRecord, textsOf } from "./conditions.ts";
import type { Outcome } from "./outcome.ts";

/** Who makes a request. */
export type CallerPrincipal =
  | {
      kind: "role-session";
      /** `arn:aws:iam::111122223333:role/path/name` */
      roleArn: string;
      /** `AROA…`; null: nobody here knows it */
      roleId: string | null;
      /** `arn:aws:sts::111122223333:assumed-role/name/session`; with `*` for a session whose name nobody here knows */
      sessionArn: string;
      accountId: string;
    }
  | {
      kind: "user";
      arn: string;
      /** `AIDA…`; null: nobody here knows it */
      userId: string | null;
      accountId: string;
    }
  | { kind: "root"; accountId: string; arn: string }
  /** the caller of AssumeRoleWithWebIdentity: an OIDC provider's ARN */
  | { kind: "federated"; provider: string }
  /** `pods.eks.amazonaws.com` */
  | { kind: "service"; service: string }
  | { kind: "anonymous" };

/**
 * As what a `Principal` names the caller; within one account that decides what else limits the grant.
 * - `session`: its session ARN, or `*`, which holds every session
 * - `user`: the user's ARN or id
 * - `role`: the role's ARN or id
 * - `account`: the account, which only delegates to the account's own policies
 * - `outside`: a service or an identity provider
 */
export type NamedAs = "session" | "user" | "role" | "account" | "outside";

/** The account of the caller; null for callers that belong to none. */
export function accountOf(caller: CallerPrincipal): string | null {
  return "accountId" in caller ? caller.accountId : null;
}

/** The ARN that AWS shows for the caller, or the nearest there is. */
export function nameOf(caller: CallerPrincipal): string {
  switch (caller.kind) {
    case "role-session":
      return caller.sessionArn;
    case "user":
    case "root":
      return caller.arn;
    case "federated":
      return caller.provider;
    case "service":
      return caller.service;
    case "anonymous":
      return "anonymous";
  }
}

/** `aws` of `arn:aws:iam::…`; null for callers without an ARN of their own. */
export function partitionOf(caller: CallerPrincipal): string | null {
  if (caller.kind === "role-session") return caller.roleArn.split(":")[1] ?? null;
  if (caller.kind === "user" || caller.kind === "root") return caller.arn.split(":")[1] ?? null;
  return null;
}

/**
 * The condition keys that AWS itself derives from the caller: `aws:PrincipalArn` (the role, not the session),
 * `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:userid`, and of a token its provider. `evaluate` adds nothing to
 * the context it is given, so whoever builds one for an AWS caller spreads these into it.
 *
 * Source: IAM User Guide, "AWS global condition context keys".
 */
export function principalContext(caller: CallerPrincipal): Record<string, string> {
  switch (caller.kind) {
    case "role-session":
      return {
        "aws:PrincipalArn": caller.roleArn,
        "aws:PrincipalAccount": caller.accountId,
        "aws:PrincipalType": "AssumedRole",
        ...(openUserId(caller) === null
          ? { "aws:userid": `${caller.roleId}:${caller.sessionArn.split("/").slice(2).join("/")}` }
          : {}),
      };
    case "user":
      return {
        "aws:PrincipalArn": caller.arn,
        "aws:PrincipalAccount": caller.accountId,
        "aws:PrincipalType": "User",
        ...(caller.userId === null ? {} : { "aws:userid": caller.userId }),
        "aws:username": caller.arn.split("/").at(-1) ?? "",
      };
    case "root":
      return {
        "aws:PrincipalArn": caller.arn,
        "aws:PrincipalAccount": caller.accountId,
        "aws:PrincipalType": "Account",
        "aws:userid": caller.accountId,
      };
    case "service":
      return { "aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": caller.service };
    case "anonymous":
      // "For anonymous requests, the request context returns anonymous."
      return { "aws:PrincipalAccount": "anonymous" };
    case "federated":
      // "… in the role-trust policy when an OIDC provider is used to call the AssumeRoleWithWebIdentity operation"
      return caller.provider.includes(":oidc-provider/") ? { "aws:FederatedProvider": caller.provider } : {};
  }
}

/**
 * How `aws:userid` begins where nobody here knows all of it; null for a caller of whom it is known, or who has none
 * that follows from what they are. Ids of roles begin with AROA, those of users with AIDA.
 *
 * Source: IAM User Guide, "IAM identifiers", "Unique identifiers", and "Principal key values" of `aws:userid`.
 */
export function openUserId(caller: CallerPrincipal): string | null {
  if (caller.kind === "user") return caller.userId === null ? "AIDA" : null;
  if (caller.kind !== "role-session") return null;
  if (caller.roleId === null) return "AROA";
  return hasNoName(caller.sessionArn) ? `${caller.roleId}:` : null;
}

function hasNoName(sessionArn: string): boolean {
  return sessionArn.endsWith("/*");
}

/** `Principal` as kind and value pairs (`"*"` is `AWS: *`, which AWS documents as the same); null if malformed. */
export function principalEntries(principal: unknown): [string, string][] | null {
  if (principal === "*") return [["AWS", "*"]];
  if (!isRecord(principal) || Object.keys(principal).length === 0) return null;
  const entries: [string, string][] = [];
  for (const [kind, value] of Object.entries(principal)) {
    const texts = textsOf(value);
    if (texts === null) return null;
    for (const text of texts) entries.push([kind, text]);
  }
  return entries;
}

/** The account that an `AWS` principal stands for: a bare id or a `:root` ARN; null for anything else. */
export function accountPrincipal(value: string): { partition: string | null; accountId: string } | null {
  if (/^\d{12}$/.test(value)) return { partition: null, accountId: value };
  const found = /^arn:([^:*?]+):iam::(\d{12}):root$/.exec(value);
  return found?.[1] === undefined || found[2] === undefined
    ? null
    : { partition: found[1], accountId: found[2] };
}

/**
 * As what one principal entry names the caller, or null. Wildcards are no patterns here: only a lone `*` means
 * everyone, signed or not.
 *
 * Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
export function namedAs(kind: string, value: string, caller: CallerPrincipal): NamedAs | null {
  if (kind === "Service") return caller.kind === "service" && caller.service === value ? "outside" : null;
  if (kind === "Federated")
    return caller.kind === "federated" && caller.provider === value ? "outside" : null;
  if (kind !== "AWS") return null;
  if (value === "*") return "session";
  const account = accountPrincipal(value);
  if (account !== null) {
    const samePartition = account.partition === null || account.partition === partitionOf(caller);
    return samePartition && account.accountId === accountOf(caller) ? "account" : null;
  }
  if (caller.kind === "role-session") {
    if (value === caller.sessionArn && !hasNoName(value)) return "session";
    return value === caller.roleArn || value === caller.roleId ? "role" : null;
  }
  if (caller.kind === "user") return value === caller.arn || value === caller.userId ? "user" : null;
  return null;
}

/** As what an entry may name the caller, by an id or a session's name that nobody here knows; null: certainly not. */
export function mayBeNamedAs(kind: string, value: string, caller: CallerPrincipal): NamedAs | null {
  // It stands for an account, and nobody here knows for which.
  if (kind === "CanonicalUser") return accountOf(caller) === null ? null : "account";
  if (kind !== "AWS") return null;
  if (caller.kind === "user") return caller.userId === null && isId("AIDA", value) ? "user" : null;
  if (caller.kind !== "role-session") return null;
  const { sessionArn, roleId } = caller;
  if (hasNoName(sessionArn) && value.startsWith(sessionArn.slice(0, -1))) return "session";
  return roleId === null && isId("AROA", value) ? "role" : null;
}

function isId(prefix: string, value: string): boolean {
  return value.startsWith(prefix) && /^[A-Z0-9]+$/.test(value);
}

const KINDS = new Set(["AWS", "Service", "Federated", "CanonicalUser"]);

/**
 * Whether one principal entry names the caller; a kind that there is not is `indeterminate`.
 *
 * Source: S3 User Guide, "Finding the canonical user ID for your AWS account": "an obfuscated form of the AWS account
 * ID".
 */
export function entryOutcome(kind: string, value: string, caller: CallerPrincipal): Outcome {
  if (namedAs(kind, value, caller) !== null) return "match";
  if (mayBeNamedAs(kind, value, caller) !== null) return "unknown";
  return KINDS.has(kind) ? "no-match" : "indeterminate";
}

const STRENGTH: NamedAs[] = ["session", "user", "outside", "role", "account"];

/** The form among the entries that grants most; null when none names the caller. */
export function strongestName(entries: [string, string][], caller: CallerPrincipal): NamedAs | null {
  const names = entries.map(([kind, value]) => namedAs(kind, value, caller));
  return STRENGTH.find((name) => names.includes(name)) ?? null;
}

/** The form among the entries that grants most and may name the caller; null when none does. */
export function possibleName(entries: [string, string][], caller: CallerPrincipal): NamedAs | null {
  const names = entries.map(([kind, value]) => mayBeNamedAs(kind, value, caller));
  return STRENGTH.find((name) => names.includes(name)) ?? null;
}

/**
 * Whether `NotPrincipal` of a Deny spares the caller. AWS may look at the account, then the role, then the
 * session, so sparing a session takes all three, and a user its account as well; naming the account alone spares
 * only its root user. A caller with a permissions boundary is never spared: AWS denies it whatever the element lists.
 *
 * Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
 */
export function sparedByNotPrincipal(
  entries: [string, string][],
  caller: CallerPrincipal,
  hasBoundary: boolean,
): boolean {
  if (hasBoundary) return false;
  const names = new Set(entries.map(([kind, value]) => namedAs(kind, value, caller)));
  if (entries.some(([kind, value]) => kind === "AWS" && value === "*")) return true;
  switch (caller.kind) {
    case "role-session":
      return names.has("account") && names.has("role") && names.has("session");
    case "user":
      return names.has("account") && names.has("user");
    case "root":
      return names.has("account");
    case "federated":
    case "service":
      return names.has("outside");
    case "anonymous":
      return false;
  }
}
