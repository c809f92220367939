import type { Tx } from "#lib/db/types.ts";
import type { LeasedRun } from "./lease.ts";

/** What an authorisation rests on has changed since it was looked at: it is asked for again. */
export class StandingChanged extends Error {
  override readonly name = "StandingChanged";
}

/**
 * Everything that a person or the clock can change about a run's right to widen access, as one text: the request's
 * state and version; of each grant whether it is wanted, its state, its form and whether it is over; of its cluster
 * the issuer, and of its accounts what the plan is made from. Read once with the authorisation and once more in the
 * transaction that puts the intention on record, so that nothing slips in between.
 */
export async function standingOf(db: Pick<Tx, "$queryRaw">, run: LeasedRun): Promise<string> {
  const [row] = await db.$queryRaw<{ standing: string }[]>`
    SELECT coalesce((SELECT concat_ws(' ', r."state", r."currentVersion", v."digest") FROM "Request" r
        LEFT JOIN "RequestVersion" v ON v."requestId" = r."id" AND v."number" = r."currentVersion"
        WHERE r."id" = ${run.requestId}::uuid), 'none') || ' ' || coalesce(string_agg(
      concat_ws(' ', g."id", g."wanted", g."state", g."requestId", coalesce(g."changeRunId"::text, '-'),
        md5(g."spec"::text), coalesce(g."expiresAt" <= clock_timestamp(), false), c."issuer", a."boundaryArn", t."boundaryArn"),
        ',' ORDER BY g."id"), 'none') AS standing
    FROM "Grant" g
    LEFT JOIN "Account" a ON a."id" = g."clusterAccountId"
    LEFT JOIN "Account" t ON t."id" = g."targetAccountId"
    LEFT JOIN "Cluster" c ON c."accountId" = g."clusterAccountId" AND c."region" = g."clusterRegion"
      AND c."name" = g."clusterName"
    WHERE g."id" = ANY(${run.grantIds})`;
  return row?.standing ?? "none";
}

/**
 * Everything else that the cluster's desired state is made from, as one text: all live grants, the accounts and
 * clusters, and what the inventory knows of the targets. What was compiled and found under the same text holds.
 */
export async function surroundingsOf(db: Pick<Tx, "$queryRaw">, run: LeasedRun): Promise<string> {
  const [row] = await db.$queryRaw<{ surroundings: string }[]>`
    WITH "own" AS (SELECT * FROM "Grant" WHERE "id" = ANY(${run.grantIds})),
      "near" AS (SELECT g.* FROM "Grant" g JOIN (SELECT DISTINCT "clusterAccountId", "clusterRegion", "clusterName"
          FROM "own") AS o USING ("clusterAccountId", "clusterRegion", "clusterName"))
    SELECT concat_ws(' ',
      (SELECT md5(string_agg(concat_ws(' ', n."id", n."spec"), ',' ORDER BY n."createdAt", n."id"))
        FROM "near" n WHERE n."wanted"),
      (SELECT md5(string_agg((to_jsonb(a) - 'syncedAt' - 'syncErrors' - 'syncRequestedAt')::text, ',' ORDER BY a."id"))
        FROM "Account" a),
      (SELECT md5(string_agg((to_jsonb(c) - 'seenAt')::text, ',' ORDER BY c."accountId", c."region", c."name"))
        FROM "Cluster" c),
      (SELECT md5(string_agg((to_jsonb(i) - 'seenAt')::text, ',' ORDER BY i."arn"))
        FROM "InventoryItem" i WHERE i."arn" IN (SELECT "targetArn" FROM "near"))) AS surroundings`;
  return row?.surroundings ?? "none";
}
