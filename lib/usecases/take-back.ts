import { notify } from "#lib/db/notify.ts";
import { lapseOpenChange } from "#lib/db/open-change.ts";
import { move } from "#lib/db/transitions.ts";
import type { Prisma } from "#lib/db/types.ts";
import type { Mutation } from "./mutation.ts";
import { queueRun } from "./queued-run.ts";

/**
 * Takes grants of one request back, all or none, with one run. The caller has checked that the actor may.
 *
 * @returns the run's id
 */
export async function takeBack(
  mutation: Mutation,
  requestId: string,
  grants: readonly Prisma.GrantGetPayload<object>[],
  reason: string,
): Promise<string> {
  const { tx, me, at, record } = mutation;
  for (const { id: grantId, targetArn, clusterAccountId, targetAccountId } of grants) {
    await move(tx, "grant", { id: grantId }, "revoking", { wanted: false, revokeReason: reason });
    await record(
      { type: "grant.revoking", data: { target: targetArn, reason } },
      { requestId, grantId, accountIds: [clusterAccountId, targetAccountId] },
    );
    const lapsed = await lapseOpenChange(tx, grantId, at);
    if (lapsed)
      await record(
        { type: "request.lapsed", data: { number: lapsed.number } },
        { requestId: lapsed.id, accountIds: lapsed.accountIds },
      );
  }
  const accountIds = grants.flatMap((grant) => [grant.clusterAccountId, grant.targetAccountId]);
  const runId = await queueRun(mutation, {
    kind: "revoke",
    requestId,
    grantIds: grants.map(({ id }) => id),
    authorisation: { basis: "revocation", personId: me.id, reason },
    accountIds: [...new Set(accountIds)],
  });
  await notify(tx, { topic: "request", id: requestId });
  return runId;
}
