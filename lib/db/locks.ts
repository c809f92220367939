import { type ClusterRef, clusterKey } from "#lib/model/workload.ts";
import type { Tx } from "./types.ts";

/** Until the transaction ends, nobody else decides on the request: two approvers must see each other's votes. */
export async function lockRequest(tx: Tx, requestId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Request" WHERE "id" = ${requestId}::uuid FOR UPDATE`;
}

/**
 * Until the transaction ends, nobody else changes the account or registers a cluster in it: a Region that is taken off
 * its list must have none. Rows that only refer to the account can still be written.
 */
export async function lockAccount(tx: Tx, accountId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Account" WHERE "id" = ${accountId} FOR NO KEY UPDATE`;
}

/**
 * Until the transaction ends, nobody else adds grants to the cluster: two requests for one service account, approved
 * at the same moment, could otherwise give it two identities.
 */
export async function lockCluster(tx: Tx, cluster: ClusterRef): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`cluster ${clusterKey(cluster)}`}, 0))`;
}

/**
 * Before a grant is taken back: requests are locked before grants everywhere, so that a decision on the grant's open
 * change and its revocation wait for each other in one order.
 */
export async function lockOpenChange(tx: Tx, grantId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM "Request" WHERE "grantId" = ${grantId} AND "state" IN ('in_review', 'changes_requested') FOR UPDATE`;
}

/** Until the transaction ends, no worker takes up or ends a run with one of these grants, and nobody queues one again. */
export async function lockRunsOf(tx: Tx, grantIds: readonly string[]): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Run" WHERE "grantIds" && ${grantIds} ORDER BY "id" FOR UPDATE`;
}

/** Until the transaction ends, nobody else changes the grant or takes it back. */
export async function lockGrant(tx: Tx, grantId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Grant" WHERE "id" = ${grantId} FOR UPDATE`;
}
