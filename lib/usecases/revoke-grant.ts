import { z } from "zod";
import { lockOpenChange } from "#lib/db/locks.ts";
import { revokeRefusal } from "#lib/db/permissions.ts";
import { grantStanding } from "#lib/db/queries/loaded-grant.ts";
import { notFound } from "#lib/db/refusals.ts";
import { grantsVisible } from "#lib/db/visibility.ts";
import { grantIdSchema } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import { textSchema } from "#lib/model/submission.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";
import { takeBack } from "./take-back.ts";

export const revocationReasonSchema = textSchema("The reason", 500).refine(
  (text) => text.length > 0,
  "Say why: it is kept in history.",
);

export const revokeGrantSchema = z.strictObject({ grantId: grantIdSchema, reason: revocationReasonSchema });

/**
 * Takes an access back, without a review: it only narrows. A grant that is still being provisioned can be revoked
 * too; the worker finds it unwanted and takes away what there is.
 */
export function revokeGrant(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ grantId: string; runId: string }>> {
  return mutate(deps, actor, { schema: revokeGrantSchema, input }, async (mutation, { grantId, reason }) => {
    const { tx, scope } = mutation;
    await lockOpenChange(tx, grantId);
    const grant = await tx.grant.findFirst({ where: { AND: [{ id: grantId }, grantsVisible(scope)] } });
    if (!grant) return refused(notFound("access"));
    const objection = revokeRefusal(grantStanding(grant), scope);
    if (objection) return refused(objection);
    return accepted({ grantId, runId: await takeBack(mutation, grant.requestId, [grant], reason) });
  });
}
