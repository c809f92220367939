import type { Statement } from "#lib/model/policy-document.ts";
import { grantIdOfSid } from "#lib/model/resource-key.ts";
import type { KnownGrants } from "../controller.ts";
import { danglingPrincipals } from "../documents.ts";

/** A statement of ours that can let nobody in any more. */
export interface DeadStatement {
  sid: string;
  grantId: string;
}

/**
 * Statements of this installation's own grants whose role somebody deleted. They let nobody in, also when the role is
 * made again, since the new one has another id; and AWS accepts no change to the policy while they are in it. Each
 * would so keep the others from being repaired.
 *
 * Source: IAM User Guide, "AWS JSON policy elements: Principal", on roles that were deleted.
 */
export async function deadStatements(
  statements: readonly Statement[],
  knownGrants: KnownGrants,
): Promise<DeadStatement[]> {
  const dead = statements.flatMap((one) => {
    const grantId = grantIdOfSid(one.Sid);
    return one.Sid !== undefined && grantId !== undefined && letsNobodyIn(one)
      ? [{ sid: one.Sid, grantId }]
      : [];
  });
  if (dead.length === 0) return [];
  const known = await knownGrants(dead.map(({ grantId }) => grantId));
  return dead.filter(({ grantId }) => known.has(grantId));
}

/** Each of its principals was deleted; what says whom it does not mean is never so. */
function letsNobodyIn(statement: Statement): boolean {
  const { Principal: principal, NotPrincipal } = statement;
  if (typeof principal !== "object" || NotPrincipal !== undefined) return false;
  const named = Object.values(principal).flat();
  return named.length > 0 && danglingPrincipals([statement]).length === named.length;
}
