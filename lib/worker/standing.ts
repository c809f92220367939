import type { Tx } from "#lib/db/types.ts";
import type { LeasedRun } from "./lease.ts";

/** What an authorisation rests on has changed since it was looked at: it is asked for again. */
export class StandingChanged extends Error {
  override readonly name = "StandingChanged";
}

/**
 * Everything that a person or the clock can change about a run's right to widen access, as one text: the request's
 * state and version, and of each grant whether it is wanted, its state, its form and whether it is over. Read once
 * with the authorisation and once more in the transaction that puts the intention on record, so that nothing slips in
 * between.
 */
export async function standingOf(db: Pick<Tx, "$queryRaw">, run: LeasedRun): Promise<string> {
  const [row] = await db.$queryRaw<{ standing: string }[]>`
    SELECT coalesce((SELECT concat_ws(' ', r."state", r."currentVersion") FROM "Request" r
        WHERE r."id" = ${run.requestId}::uuid), 'none') || ' ' || coalesce(string_agg(
      concat_ws(' ', g."id", g."wanted", g."state", g."requestId", md5(g."spec"::text),
        coalesce(g."expiresAt" <= clock_timestamp(), false)), ',' ORDER BY g."id"), 'none') AS standing
    FROM "Grant" g WHERE g."id" = ANY(${run.grantIds})`;
  return row?.standing ?? "none";
}
