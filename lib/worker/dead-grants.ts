import { NotSettledError } from "#lib/aws/errors.ts";
import { deadStatements } from "#lib/aws/policies/dead-statements.ts";
import { addJob } from "#lib/db/jobs.ts";
import type { Db, Tx } from "#lib/db/types.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { sidPrefix, statementsKey } from "#lib/model/resource-key.ts";
import { AwsFailure } from "./aws-attempt.ts";
import { databaseNow } from "./deps.ts";
import { record } from "./history.ts";
import type { RunContext } from "./run-context.ts";

/** Of the ids of grants those that this installation has made. Grants are never deleted. */
export async function knownGrants(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.grant.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}

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
        { OR: [...known].map((id) => ({ key: { startsWith: statementsKey(resourceArn, sidPrefix(id)) } })) },
        { OR: [{ state: "running" }, { finishedAt: { gt: since }, outcome: { not: "kept" } }] },
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

/** On record before the change is made: whose statements go. Their access is looked at anew. */
export async function recordDeadGrants(
  tx: Tx,
  { history }: RunContext,
  { key }: CloudResource,
  grants: ReadonlySet<string>,
): Promise<void> {
  const target = key.split("#")[0] ?? key;
  for (const grantId of grants) {
    await record(tx, history, { type: "grant.statements-dead", data: { target } }, grantId);
    await addJob(tx, "check-drift", { grantId }, { key: `check-drift:${grantId}` });
  }
}
