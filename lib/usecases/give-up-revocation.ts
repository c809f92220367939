import { z } from "zod";
import { notify } from "#lib/db/notify.ts";
import { giveUpConfirmationRefusal, giveUpRefusal } from "#lib/db/permissions.ts";
import { leftBehindBy } from "#lib/db/queries/left-behind.ts";
import { revocationsLeft } from "#lib/db/queries/loaded-run.ts";
import { notFound } from "#lib/db/refusals.ts";
import { move } from "#lib/db/transitions.ts";
import { accountsLeft } from "#lib/model/giving-up.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";
import { openRun } from "./open-run.ts";
import { revocationReasonSchema } from "./revoke-grant.ts";

export const giveUpRevocationSchema = z.strictObject({
  runId: z.uuid(),
  reason: revocationReasonSchema,
  /** The accounts in which something may be left, as they were typed. */
  confirmation: z.string().max(500),
});

/**
 * An admin gives a revocation up that has failed again and again: nobody tries it any more, and what may be left in AWS
 * is on record. What could be taken away was, at each attempt. It says nothing of whether the access has ended; to
 * revoke it once more takes up what is left.
 */
export function giveUpRevocation(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ runId: string; grantIds: string[] }>> {
  return mutate(deps, actor, { schema: giveUpRevocationSchema, input }, async (mutation, given) => {
    const { tx, scope, at, record } = mutation;
    const { runId, reason } = given;
    const run = await openRun(mutation, runId);
    if (!run) return refused(notFound("run"));
    const objection = giveUpRefusal(run.standing, scope);
    if (objection) return refused(objection);
    const confirmed = accountsLeft(await leftBehindBy(tx, runId), run.standing.accountIds);
    const unconfirmed = giveUpConfirmationRefusal(confirmed, given.confirmation);
    if (unconfirmed) return refused(unconfirmed);

    const grants = revocationsLeft(run);
    for (const { id: grantId, requestId, targetArn: target, ...grant } of grants) {
      const left = await leftBehindBy(tx, runId, grantId);
      await move(tx, "grant", { id: grantId, wanted: false }, "given_up", {
        givenUpAt: at,
        giveUpReason: reason,
        leftBehind: left,
      });
      await record(
        { type: "grant.given-up", data: { target, reason, left: left.map(({ key }) => key), confirmed } },
        { requestId, grantId, runId, accountIds: [grant.clusterAccountId, grant.targetAccountId] },
      );
      await notify(tx, { topic: "grant", id: grantId });
    }
    await notify(tx, { topic: "run", id: runId });
    if (run.row.requestId) await notify(tx, { topic: "request", id: run.row.requestId });
    return accepted({ runId, grantIds: grants.map(({ id }) => id) });
  });
}
