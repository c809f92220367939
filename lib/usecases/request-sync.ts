import { z } from "zod";
import { addJob } from "#lib/db/jobs.ts";
import { notify } from "#lib/db/notify.ts";
import { forbidden, notFound } from "#lib/db/refusals.ts";
import { ownsAccount } from "#lib/db/visibility.ts";
import { accountIdSchema } from "#lib/model/arn.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";

export const requestSyncSchema = z.strictObject({ accountId: accountIdSchema });

/** An admin or an owner of the account wants it read now. Asked twice, it is still one job. */
export function requestSync(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ accountId: string }>> {
  return mutate(deps, actor, { schema: requestSyncSchema, input }, async (mutation, { accountId }) => {
    const { tx, scope, at, record } = mutation;
    if (!scope.admin && !ownsAccount(scope, accountId))
      return refused(forbidden("Only admins and the account's owners may do this.", "Ask one of them."));
    const { count } = await tx.account.updateMany({
      where: { id: accountId },
      data: { syncRequestedAt: at },
    });
    if (count !== 1) return refused(notFound("account"));
    await record({ type: "account.sync-requested", data: { accountId } }, { accountIds: [accountId] });
    await addJob(tx, "sync-account", { accountId }, { key: `sync-account:${accountId}` });
    await notify(tx, { topic: "account", id: accountId });
    return accepted({ accountId });
  });
}
