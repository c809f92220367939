import { z } from "zod";
import { lockOpenChange } from "#lib/db/locks.ts";
import { notify } from "#lib/db/notify.ts";
import { lapseOpenChange } from "#lib/db/open-change.ts";
import { revokeRefusal } from "#lib/db/permissions.ts";
import { grantStanding } from "#lib/db/queries/loaded-grant.ts";
import { notFound } from "#lib/db/refusals.ts";
import { move } from "#lib/db/transitions.ts";
import { grantsVisible } from "#lib/db/visibility.ts";
import { grantIdSchema } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import { textSchema } from "#lib/model/submission.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";
import { queueRun } from "./queued-run.ts";

export const revokeGrantSchema = z.strictObject({
  grantId: grantIdSchema,
  reason: textSchema("The reason", 500).refine((text) => text.length > 0, "Say why: it is kept in history."),
});

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
    const { tx, me, scope, at, record } = mutation;
    await lockOpenChange(tx, grantId);
    const grant = await tx.grant.findFirst({ where: { AND: [{ id: grantId }, grantsVisible(scope)] } });
    if (!grant) return refused(notFound("access"));
    const { targetAccountId, clusterAccountId, requestId } = grant;
    const objection = revokeRefusal(grantStanding(grant), scope);
    if (objection) return refused(objection);

    await move(tx, "grant", { id: grantId }, "revoking", { wanted: false, revokeReason: reason });
    const accountIds = [clusterAccountId, targetAccountId];
    await record(
      { type: "grant.revoking", data: { target: grant.targetArn, reason } },
      { requestId, grantId, accountIds },
    );
    const lapsed = await lapseOpenChange(tx, grantId, at);
    if (lapsed)
      await record(
        { type: "request.lapsed", data: { number: lapsed.number } },
        { requestId: lapsed.id, accountIds: lapsed.accountIds },
      );
    const runId = await queueRun(mutation, {
      kind: "revoke",
      requestId,
      grantIds: [grantId],
      authorisation: { basis: "revocation", personId: me.id, reason },
      accountIds,
    });
    await notify(tx, { topic: "request", id: requestId });
    return accepted({ grantId, runId });
  });
}
