import { isRecord, textsOf } from "./conditions.ts";
import type { Outcome } from "./outcome.ts";

/** Who makes a request. */
export type CallerPrincipal =
  | {
      kind: "role-session";
      /** `arn:aws:iam::111122223333:role/path/name` */
      roleArn: string;
      /** `AROA…` */
      roleId: string;
      /** `arn:aws:sts::111122223333:assumed-role/name/session` */
      sessionArn: string;
      accountId: string;
    }
  | { kind: "user"; arn: string; userId: string; accountId: string }
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
 * `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:userid`, and of a token its provider. `evaluate` adds nothing to the context it is given,
 * so whoever builds one for an AWS caller spreads these into it.
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
        "aws:userid": `${caller.roleId}:${caller.sessionArn.split("/").slice(2).join("/")}`,
      };
    case "user":
      return {
        "aws:PrincipalArn": caller.arn,
        "aws:PrincipalAccount": caller.accountId,
        "aws:PrincipalType": "User",
        "aws:userid": caller.userId,
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
    if (value === caller.sessionArn) return "session";
    return value === caller.roleArn || value === caller.roleId ? "role" : null;
  }
  if (caller.kind === "user") return value === caller.arn || value === caller.userId ? "user" : null;
  return null;
}

const KINDS = new Set(["AWS", "Service", "Federated", "CanonicalUser"]);

/**
 * Whether one principal entry names the caller. A canonical user id stands for an account, and nobody here knows for
 * which; a kind that there is not is `indeterminate`.
 *
 * Source: S3 User Guide, "Finding the canonical user ID for your AWS account": "an obfuscated form of the AWS account
 * ID".
 */
export function entryOutcome(kind: string, value: string, caller: CallerPrincipal): Outcome {
  if (namedAs(kind, value, caller) !== null) return "match";
  if (kind === "CanonicalUser") return accountOf(caller) === null ? "no-match" : "unknown";
  return KINDS.has(kind) ? "no-match" : "indeterminate";
}

const STRENGTH: NamedAs[] = ["session", "user", "outside", "role", "account"];

/** The form among the entries that grants most; null when none names the caller. */
export function strongestName(entries: [string, string][], caller: CallerPrincipal): NamedAs | null {
  const names = entries.map(([kind, value]) => namedAs(kind, value, caller));
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
