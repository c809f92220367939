import { parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import type { CallerPrincipal } from "#lib/policy/evaluate.ts";
import { example, fulfilled, roleSession, takenValues } from "#lib/policy/intended.ts";
import { accountPrincipal } from "#lib/policy/principals.ts";
import { type Candidate, claimsOf, type Own } from "./candidates.ts";
import { whatOthersSend } from "./what-others-send.ts";

/** An account that nothing names. */
const nowhere = "000000000000";

/** AWS principals, as whoever rules their account lets them be. Who is named by an id is deleted: nobody has it again. */
export function callersOf(
  role: CloudResource<"role">,
  statement: Statement,
  value: string,
  { roles }: Own,
): Candidate[] {
  const { partition = "aws" } = parseArn(role.key) ?? {};
  const account = accountPrincipal(value)?.accountId ?? null;
  const isAnybody = value === "*" || account !== null;
  const named = isAnybody ? takenBy(statement, account, partition) : [{ name: value, arn: value }];
  // Of whom is meant whoever fits, who they are and how they are tagged is theirs to choose.
  const context = isAnybody
    ? Object.fromEntries(Object.entries(fulfilled(statement)).filter(([key]) => theirs.test(key)))
    : claimsOf(statement, "aws:PrincipalTag/");
  const calls = whatOthersSend(role.body.trust, [statement]).map((sent) => ({
    action: "sts:AssumeRole" as const,
    ...sent,
  }));
  return named.flatMap(({ name, arn }): Candidate[] => {
    const principal = principalOf(arn);
    if (principal === null) return [];
    if (principal.kind === "role-session" && [...roles].some((one) => isRoleOf(one, principal))) return [];
    return [
      {
        name,
        principal,
        opener: "person",
        calls: calls.flatMap((one) => [one, { ...one, context }]),
      },
    ];
  });
}

const theirs = /^aws:(PrincipalTag\/|PrincipalType$|username$|MultiFactorAuthPresent$|SourceIdentity$)/i;

/** Who of an account, or of all, fits what the statement asks of the caller's ARN and account. */
function takenBy(
  statement: Statement,
  account: string | null,
  partition: string,
): { name: string; arn: string }[] {
  const all = account === null ? "anybody with an AWS account" : `anybody in account ${account}`;
  const userOf = (id: string) => `arn:${partition}:iam::${id}:user/somebody`;
  const arns = takenValues(statement, "aws:PrincipalArn");
  const accounts = takenValues(statement, "aws:PrincipalAccount");
  const home = account ?? accounts.map(example).find((id) => /^\d{12}$/.test(id)) ?? nowhere;
  if (arns.length > 0)
    return arns.map((pattern) => {
      const [, , , , owner = "", ...rest] = pattern.split(":");
      const id = /^\d{12}$/.test(owner) ? owner : home;
      const resource = example(rest.join(":")) || "user/somebody";
      return { name: pattern === "*" ? all : pattern, arn: `arn:${partition}:iam::${id}:${resource}` };
    });
  if (account === null && accounts.length > 0)
    return accounts.map((id) => ({
      name: `anybody in account ${id}`,
      arn: userOf(/^\d{12}$/.test(id) ? id : nowhere),
    }));
  return [{ name: all, arn: userOf(home) }];
}

function principalOf(arn: string): CallerPrincipal | null {
  const [, partition, service, , accountId = "", ...rest] = arn.split(":");
  if (!/^\d{12}$/.test(accountId)) return null;
  const [kind, name] = rest.join(":").split("/");
  if (service === "iam" && kind === "role") return roleSession(arn);
  if (service === "sts" && kind === "assumed-role") {
    const roleArn = `arn:${partition}:iam::${accountId}:role/${name}`;
    return { kind: "role-session", roleArn, roleId: null, sessionArn: arn, accountId };
  }
  return { kind: "user", arn, userId: null, accountId };
}

/** By account and name: a session's ARN does not have the role's path. */
function isRoleOf(roleArn: string, { sessionArn }: { sessionArn: string }): boolean {
  const [, , , , accountId, ...rest] = roleArn.split(":");
  return sessionArn.includes(`::${accountId}:assumed-role/${rest.join(":").split("/").at(-1)}/`);
}
