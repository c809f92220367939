import { lockGrant } from "#lib/db/locks.ts";
import { changeRefusal } from "#lib/db/permissions.ts";
import { type LoadedChange, loadChange } from "#lib/db/queries/loaded-change.ts";
import { notFound } from "#lib/db/refusals.ts";
import { ConflictError } from "#lib/db/transitions.ts";
import type { Prisma, Tx } from "#lib/db/types.ts";
import { grantsVisible } from "#lib/db/visibility.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Mutation } from "./mutation.ts";

/** A live grant, locked, with what is under way of it. */
export interface OpenedGrant extends LoadedChange {
  row: Prisma.GrantGetPayload<object>;
  grant: Grant;
}

/** Reads a grant to decide on its form; null when there is none or the actor does not see it. */
export async function openGrant(
  { tx, scope, at }: Mutation,
  id: string,
  reconsidered?: string,
): Promise<OpenedGrant | null> {
  await lockGrant(tx, id);
  const row = await tx.grant.findFirst({ where: { AND: [{ id }, grantsVisible(scope)] } });
  if (!row) return null;
  return { row, grant: grantSchema.parse(row.spec), ...(await loadChange(tx, row, at, reconsidered)) };
}

/**
 * The grant that a submission is another form of.
 *
 * @param reconsidered the id of the request that is being revised
 */
export async function openForChange(
  mutation: Mutation,
  grantId: string,
  reconsidered?: string,
): Promise<Outcome<OpenedGrant>> {
  const opened = await openGrant(mutation, grantId, reconsidered);
  if (!opened) return refused(notFound("access"));
  const objection = changeRefusal(opened.standing);
  return objection ? refused(objection) : accepted(opened);
}

/**
 * Gives a live grant another approved form, on the way to which it stays active. The guard stands in the write: of
 * two decisions on its form one loses, and a revocation wins over both.
 *
 * @throws ConflictError
 */
export async function putForm(
  tx: Tx,
  { row }: OpenedGrant,
  grant: Grant,
  now: { requestId: string; changeRunId: string },
): Promise<void> {
  const { count } = await tx.grant.updateMany({
    where: {
      id: row.id,
      state: "active",
      wanted: true,
      requestId: row.requestId,
      changeRunId: row.changeRunId,
    },
    data: {
      ...now,
      spec: grant,
      level: grant.level,
      expiresAt: grant.expiresAt === null ? null : new Date(grant.expiresAt),
    },
  });
  if (count !== 1) throw new ConflictError("grant", "active");
}
