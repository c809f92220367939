import { type ClusterRef, clusterKey } from "#lib/model/workload.ts";
import type { Tx } from "./types.ts";

/** Until the transaction ends, nobody else decides on the request: two approvers must see each other's votes. */
export async function lockRequest(tx: Tx, requestId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Request" WHERE "id" = ${requestId}::uuid FOR UPDATE`;
}

/**
 * Until the transaction ends, nobody else adds grants to the cluster: two requests for one service account, approved
 * at the same moment, could otherwise give it two identities.
 */
export async function lockCluster(tx: Tx, cluster: ClusterRef): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`cluster ${clusterKey(cluster)}`}, 0))`;
}
