import { DanglingPrincipalError, NotSettledError } from "#lib/aws/errors.ts";
import { knownGrants } from "#lib/db/estate.ts";
import { addJob } from "#lib/db/jobs.ts";
import type { Tx } from "#lib/db/types.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { sidPrefix, statementsKey } from "#lib/model/resource-key.ts";
import { deadStatements } from "#lib/policy/dangling.ts";
import { AwsFailure } from "./aws-attempt.ts";
import { databaseNow } from "./deps.ts";
import { record } from "./history.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Other grants of this installation whose statements in the policy are dead: they go with the change that is about to be
 * made ([0019](../../docs/decisions/0019-dead-statements-of-our-own.md)).
 *
 * @param observed read a moment ago, with the policy's lock held
 * @throws AwsFailure that waiting may help: such a statement was written so lately that the policy may be shown as it
 *   was before, or its role by its id
 */
export async function deadGrantsIn(
  { deps }: RunContext,
  { kind, body, owners }: CloudResource,
  observed: Observed,
): Promise<ReadonlySet<string>> {
  if (kind !== "resource-policy-statements" || !("surrounding" in observed) || !observed.surrounding)
    return new Set();
  const { resourceArn } = body;
  const dead = deadStatements(statementsOf(observed.surrounding)).map(({ grantId }) => grantId);
  const known = await knownGrants(
    deps.prisma,
    dead.filter((id) => !owners.includes(id)),
  );
  if (known.size === 0) return known;
  const since = new Date((await databaseNow(deps.prisma)).getTime() - deps.timing.settledAfterMs);
  const written = await deps.prisma.step.findFirst({
    where: {
      AND: [
        // Of the index.
        { startedAt: { not: null } },
        { OR: [...known].map((id) => ({ key: { startsWith: statementsKey(resourceArn, sidPrefix(id)) } })) },
        {
          OR: [
            // Also what failed or was left by a lost worker: it may have had its effect, until its last attempt ended.
            { state: "running" },
            { startedAt: { gt: since } },
            {
              finishedAt: { gt: since },
              OR: [{ state: { not: "succeeded" } }, { outcome: { in: ["created", "updated", "deleted"] } }],
            },
          ],
        },
      ],
    },
  });
  if (!written) return known;
  throw new AwsFailure(
    new NotSettledError(
      `The policy of ${resourceArn} names a role that was deleted, in a statement that Drawbridge has written a moment ago: it may be shown as it was before, so nothing was changed.`,
    ),
  );
}

/**
 * A role may be deleted between the look and the write, by a revocation of ours: then the statements in the way are
 * ours, which the next look finds.
 *
 * @throws AwsFailure that waiting may help
 */
export async function refuseToBlameOthers({ deps }: RunContext, { cause }: AwsFailure): Promise<void> {
  if (!(cause instanceof DanglingPrincipalError)) return;
  const ids = cause.grants.flatMap((id) => id ?? []);
  const known = await knownGrants(deps.prisma, ids);
  if (cause.grants.every((id) => id !== undefined && known.has(id)))
    throw new AwsFailure(
      new NotSettledError(`${cause.message} It was found as the policy was about to be changed.`),
    );
}

/**
 * On record before the change is made: whose statements leave, in the history of those who may see that access. It is
 * looked at anew.
 */
export async function recordDeadGrants(
  tx: Tx,
  { history }: RunContext,
  { key }: CloudResource,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const target = key.split("#")[0] ?? key;
  const grants = await tx.grant.findMany({ where: { id: { in: [...ids] } } });
  for (const { id, requestId, clusterAccountId, targetAccountId } of grants) {
    const own = { ...history, runId: null, requestId, accountIds: [clusterAccountId, targetAccountId] };
    await record(tx, own, { type: "grant.statements-dead", data: { target } }, id);
    await addJob(tx, "check-drift", { grantId: id }, { key: `check-drift:${id}` });
  }
}
