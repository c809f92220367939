import { listOf, type Statement } from "#lib/model/policy-document.ts";
import { grantIdOfSid } from "#lib/model/resource-key.ts";
import { sameStatement } from "./canonical.ts";

/** Statements that name principals who were deleted. */

/** How AWS shows a principal that was deleted: its unique id (role `AROA`, user `AIDA`) instead of its ARN. */
const danglingId = /^(AROA|AIDA)[A-Z0-9]{12,124}$/;

export interface DanglingPrincipal {
  /** The statement's Sid, or its place: `statement 2`. */
  statement: string;
  principal: string;
}

/** Statements that name deleted principals. Source: IAM User Guide, "AWS JSON policy elements: Principal". */
export function danglingPrincipals(statements: Statement[]): DanglingPrincipal[] {
  return statements.flatMap((statement, index) =>
    [statement.Principal, statement.NotPrincipal].flatMap((principal) =>
      typeof principal !== "object"
        ? []
        : listOf(principal.AWS)
            .filter((id) => danglingId.test(id))
            .map((id) => ({ statement: statement.Sid ?? `statement ${index + 1}`, principal: id })),
    ),
  );
}

/** A statement with a Sid of ours that can let nobody in any more. */
export interface DeadStatement {
  statement: Statement;
  /** Of which grant its Sid says that it is. That may be one of another installation. */
  grantId: string;
}

/**
 * Statements of grants whose role somebody deleted. They let nobody in, also when the role is made again, since the new
 * one has another id; and AWS accepts no change to the policy while they are in it, so that each would keep the others
 * from being repaired.
 *
 * Source: IAM User Guide, "AWS JSON policy elements: Principal", on roles that were deleted.
 */
export function deadStatements(statements: readonly Statement[]): DeadStatement[] {
  return statements.flatMap((statement) => {
    const grantId = grantIdOfSid(statement.Sid);
    return grantId !== undefined && letsNobodyIn(statement) ? [{ statement, grantId }] : [];
  });
}

/** Each of its principals was deleted; what says whom it does not mean is never so. */
function letsNobodyIn(statement: Statement): boolean {
  const { Principal: principal, NotPrincipal } = statement;
  if (typeof principal !== "object" || NotPrincipal !== undefined) return false;
  const named = Object.values(principal).flat();
  return named.length > 0 && danglingPrincipals([statement]).length === named.length;
}

/**
 * Whether statements, in any order, differ from the approved ones only in that AWS shows the ids of roles that were
 * deleted in place of their names.
 *
 * @returns the ARNs of those roles; null: they differ in something else as well
 */
export function onlyDeletedRoles(
  approved: readonly Statement[],
  found: readonly Statement[],
): string[] | null {
  const left = [...approved];
  const deleted: string[] = [];
  for (const statement of found) {
    const fits = left.map((one) => deletedRoles(one, statement));
    const at = fits.findIndex((roles) => roles !== null);
    if (at < 0) return null;
    left.splice(at, 1);
    deleted.push(...(fits[at] ?? []));
  }
  return left.length > 0 ? null : deleted;
}

/** Of one statement: the approved roles in whose places it has ids; null: with them it is not the approved one. */
function deletedRoles(approved: Statement, found: Statement): string[] | null {
  if (sameStatement(found, approved)) return [];
  if (typeof found.Principal !== "object" || typeof approved.Principal !== "object") return null;
  const principals = listOf(found.Principal.AWS);
  const kept = principals.filter((id) => !(id.startsWith("AROA") && danglingId.test(id)));
  const roles = listOf(approved.Principal.AWS).filter((arn) => arn.includes(":role/") && !kept.includes(arn));
  const renewed = { ...found, Principal: { ...found.Principal, AWS: [...kept, ...roles] } };
  return roles.length === principals.length - kept.length && sameStatement(renewed, approved) ? roles : null;
}
