import {
  listOf,
  type PolicyDocument,
  type Principal,
  type Statement,
  statementsOf,
} from "#lib/model/policy-document.ts";
import type { Sandbox } from "./sandbox.ts";

/**
 * Principals are names when written and unique ids when stored: a role that is deleted leaves its id behind in
 * every policy that named it, and a new role of the same name is nobody. Reading turns ids back into ARNs where
 * the role is still there. Source: IAM User Guide, "AWS JSON policy elements: Principal", role principals.
 */
export type Resolution = { ok: true; document: PolicyDocument } | { ok: false; principal: string };

/**
 * Names to ids. Fails at the first AWS principal that does not exist or can't be seen yet. `keepDangling` lets ids
 * of nobody through, which only a seed may store.
 */
export function resolvePrincipals(
  sandbox: Sandbox,
  document: PolicyDocument,
  keepDangling = false,
): Resolution {
  let unknown: string | undefined;
  const resolved = mapPrincipals(document, (arn) => {
    const id = keepDangling && isUniqueId(arn) ? arn : idOf(sandbox, arn);
    if (id === undefined) unknown ??= arn;
    return id ?? arn;
  });
  return unknown === undefined ? { ok: true, document: resolved } : { ok: false, principal: unknown };
}

/** Ids to names, where what they name still exists; a dangling `AROA…` stays visible. */
export function renderPrincipals(sandbox: Sandbox, document: PolicyDocument): PolicyDocument {
  const arns = arnsById(sandbox);
  return mapPrincipals(document, (id) => arns.get(id) ?? id);
}

/** Only the `AWS` principals are looked at: IAM does not check that services and providers exist. */
function mapPrincipals(document: PolicyDocument, map: (value: string) => string): PolicyDocument {
  const statements = statementsOf(document).map(
    (statement): Statement => ({
      ...statement,
      ...(statement.Principal && { Principal: mapPrincipal(statement.Principal, map) }),
      ...(statement.NotPrincipal && { NotPrincipal: mapPrincipal(statement.NotPrincipal, map) }),
    }),
  );
  const [first] = statements;
  return { ...document, Statement: Array.isArray(document.Statement) || !first ? statements : first };
}

function mapPrincipal(principal: Principal, map: (value: string) => string): Principal {
  if (principal === "*" || principal.AWS === undefined) return principal;
  const AWS = Array.isArray(principal.AWS) ? principal.AWS.map(map) : map(principal.AWS);
  return { ...principal, AWS };
}

function idOf(sandbox: Sandbox, value: string): string | undefined {
  if (value === "*") return value;
  // An id that names nobody any more makes the whole write fail, as in AWS.
  if (isUniqueId(value)) return arnsById(sandbox).has(value) ? value : undefined;
  if (/^\d{12}$/.test(value)) {
    const account = sandbox.account(value);
    return account && `arn:${account.partition}:iam::${value}:root`;
  }
  const [, partition, service, accountId, resource] =
    /^arn:([^:]+):(iam|sts)::(\d{12}):(.+)$/.exec(value) ?? [];
  if (!accountId || !resource) return undefined;
  const account = sandbox.account(accountId);
  // Access across partitions is impossible, and so is naming a principal of another one.
  if (!account || account.partition !== partition) return undefined;
  if (service === "iam" && resource === "root") return value;
  const name = resource.split("/").at(-1)?.toLowerCase() ?? "";
  if (service === "iam" && resource.startsWith("user/")) {
    const user = account.users[name];
    return user?.arn === value ? user.id : undefined;
  }
  if (service === "iam" && resource.startsWith("role/")) return sandbox.visibleRole(value)?.id;
  const session = service === "sts" ? /^assumed-role\/([^/]+)\/[^/]+$/.exec(resource)?.[1] : undefined;
  return session && account.roles[session.toLowerCase()] ? value : undefined;
}

function isUniqueId(value: string): boolean {
  return /^A(ROA|IDA)[A-Z0-9]+$/.test(value);
}

function arnsById(sandbox: Sandbox): Map<string, string> {
  const arns = new Map<string, string>();
  for (const account of Object.values(sandbox.state.accounts)) {
    for (const role of Object.values(account.roles)) arns.set(role.id, role.arn);
    for (const user of Object.values(account.users)) arns.set(user.id, user.arn);
  }
  return arns;
}

/** The `AWS` principals of a document, for checks that need to see them. */
export function awsPrincipals(statement: Statement): string[] {
  const principal = statement.Principal;
  return principal === undefined ? [] : principal === "*" ? ["*"] : listOf(principal.AWS);
}
