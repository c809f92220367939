import type { BoundGrants } from "#lib/desired/earlier-cluster.ts";
import { accountSchema } from "#lib/model/account.ts";
import type { AccountId } from "#lib/model/arn.ts";
import type { Classification } from "#lib/model/classification.ts";
import type { Observed, ObservedState } from "#lib/model/cloud-resource.ts";
import { clusterSchema } from "#lib/model/cluster.ts";
import type { Estate, InventoryItem } from "#lib/model/estate.ts";
import { type Grant, type GrantId, grantSchema } from "#lib/model/grant.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import type { ClusterRef, Workload } from "#lib/model/workload.ts";
import { policySnapshotKey } from "#lib/plan/snapshot.ts";
import type { Db, Prisma } from "./types.ts";

/**
 * The registered accounts and clusters, with the inventory.
 *
 * @param only the targets that will be asked about (organisations have thousands); without it the whole inventory is read
 */
export async function loadEstate(
  db: Db,
  installation: string,
  only?: { arns: readonly string[] },
): Promise<Estate> {
  // One after the other, here and below: inside a transaction there is one connection.
  const accounts = await db.account.findMany({ orderBy: { id: "asc" } });
  const clusters = await db.cluster.findMany({
    orderBy: [{ accountId: "asc" }, { region: "asc" }, { name: "asc" }],
  });
  const items = await db.inventoryItem.findMany({
    ...(only ? { where: { arn: { in: [...only.arns] } } } : {}),
    orderBy: { arn: "asc" },
  });
  return {
    installation,
    accounts: accounts.map((row) =>
      accountSchema.parse({
        id: row.id,
        name: row.name,
        partition: row.partition,
        environment: row.environment,
        ownerGroup: row.ownerGroup,
        regions: row.regions,
        provisionerRoleArn: row.provisionerRoleArn,
        externalId: row.externalId,
        boundaryArn: row.boundaryArn,
      }),
    ),
    clusters: clusters.map(({ accountId, region, name, issuer, podIdentityAgent }) =>
      clusterSchema.parse({ accountId, region, name, issuer, podIdentityAgent }),
    ),
    inventory: items.map(
      ({ arn, accountId, service, name, region, encryption, classification }): InventoryItem => ({
        arn,
        accountId,
        service,
        name,
        region,
        encryption,
        // A CHECK constraint holds this column to the words of lib/model.
        ...(classification === null ? {} : { classification: classification as Classification }),
      }),
    ),
    tags: {},
  };
}

/** With the targets of the cluster's grants, whatever became of them: all that their desired state is made from. */
export async function clusterEstate(
  db: Db,
  installation: string,
  cluster: ClusterRef,
  more: readonly Grant[] = [],
): Promise<Estate> {
  const rows = await db.grant.findMany({
    where: onCluster(cluster),
    select: { targetArn: true },
    distinct: ["targetArn"],
  });
  const arns = [...rows.map(({ targetArn }) => targetArn), ...more.map(({ target }) => target.arn)];
  return loadEstate(db, installation, { arns });
}

/** With how full the targets' own policies are, as they were last seen: for whoever asks for more in them. */
export async function withPolicyUsage(db: Db, estate: Estate): Promise<Estate> {
  const keys = estate.inventory.map(({ arn }) => policySnapshotKey(arn));
  const rows = await db.observedResource.findMany({ where: { key: { in: keys } } });
  const usage = new Map(
    rows.map((row) => {
      const policy = asObserved(row.observed).surrounding;
      return [
        row.key,
        policy
          ? { bytes: Buffer.byteLength(JSON.stringify(policy)), statements: statementsOf(policy).length }
          : { bytes: 0, statements: 0 },
      ] as const;
    }),
  );
  const inventory = estate.inventory.map((item) => {
    const policyUsage = usage.get(policySnapshotKey(item.arn));
    return policyUsage ? { ...item, policyUsage } : item;
  });
  return { ...estate, inventory };
}

/** Only the worker writes these rows, from `Observed` values of its controllers. */
function asObserved(json: unknown): Observed {
  return json as Observed;
}

export interface Snapshot {
  observed: ObservedState;
  /** Key → when that was: a run and a look for drift read single resources. */
  seen: Record<string, Date>;
  /** When each account was last read; null: never. */
  ages: Record<AccountId, Date | null>;
}

/**
 * What the inventory or a run last saw in the accounts.
 *
 * @param keys what will be asked about; without it everything of the accounts is read
 */
export async function loadSnapshot(
  db: Db,
  accountIds: readonly AccountId[],
  keys?: readonly string[],
): Promise<Snapshot> {
  const rows = await db.observedResource.findMany({
    where: { accountId: { in: [...accountIds] }, ...(keys ? { key: { in: [...keys] } } : {}) },
  });
  const accounts = await db.account.findMany({
    where: { id: { in: [...accountIds] } },
    select: { id: true, syncedAt: true },
  });
  const synced = new Map(accounts.map((account) => [account.id, account.syncedAt]));
  return {
    observed: Object.fromEntries(rows.map((row) => [row.key, asObserved(row.observed)])),
    seen: Object.fromEntries(rows.map((row) => [row.key, row.seenAt])),
    ages: Object.fromEntries(accountIds.map((id) => [id, synced.get(id) ?? null])),
  };
}

/** When the oldest of the snapshots was read; null when an account was never read. */
export function oldest(ages: Snapshot["ages"]): Date | null {
  const all = Object.values(ages);
  if (all.length === 0 || all.includes(null)) return null;
  return all.reduce((a, b) => (a && b && a < b ? a : b)) ?? null;
}

const inOrderOfApproval = [{ createdAt: "asc" }, { id: "asc" }] as const;

function onCluster(cluster: ClusterRef) {
  return {
    clusterAccountId: cluster.accountId,
    clusterRegion: cluster.region,
    clusterName: cluster.name,
  };
}

/** The columns that name a workload, on requests and on grants. */
export function workloadColumns(workload: Workload) {
  const { cluster, namespace, serviceAccount } = workload;
  return { ...onCluster(cluster), namespace, serviceAccount };
}

/** The workload that a request's or a grant's columns name. */
export function workloadOf(row: ReturnType<typeof workloadColumns>): Workload {
  return {
    cluster: { accountId: row.clusterAccountId, region: row.clusterRegion, name: row.clusterName },
    namespace: row.namespace,
    serviceAccount: row.serviceAccount,
  };
}

/** The grants of a cluster that are part of the desired state, in the order of their approval. */
export async function liveGrants(db: Db, cluster: ClusterRef): Promise<Grant[]> {
  const rows = await db.grant.findMany({
    where: { wanted: true, ...onCluster(cluster) },
    orderBy: [...inOrderOfApproval],
  });
  return rows.map((row) => grantSchema.parse(row.spec));
}

const withBoundIssuer = {
  request: { select: { currentVersion: true, versions: { select: { number: true, issuer: true } } } },
} satisfies Prisma.GrantInclude;

function issuersOf(
  rows: readonly Prisma.GrantGetPayload<{ include: typeof withBoundIssuer }>[],
): Map<GrantId, string | null> {
  return new Map(
    rows.map(({ id, request: { currentVersion, versions } }) => [
      id,
      versions.find(({ number }) => number === currentVersion)?.issuer ?? null,
    ]),
  );
}

/** Of grants the issuer of the cluster that their approval binds; null: from before approvals did. */
export async function boundIssuers(db: Db, ids: GrantId[]): Promise<ReadonlyMap<GrantId, string | null>> {
  return issuersOf(await db.grant.findMany({ where: { id: { in: ids } }, include: withBoundIssuer }));
}

/** A cluster's live grants with the issuer that each is bound to. */
export async function boundGrants(db: Db, cluster: ClusterRef): Promise<BoundGrants> {
  const grants = await liveGrants(db, cluster);
  return {
    grants,
    issuers: await boundIssuers(
      db,
      grants.map(({ id }) => id),
    ),
  };
}

export interface WorkloadGrants {
  /** Part of the desired state. */
  wanted: Grant[];
  /** These and the ones being revoked, which still hold its identity; one that was given up does not. */
  standing: Grant[];
  /** Of each standing grant the issuer of the cluster that its approval binds; null: from before approvals did. */
  issuers: ReadonlyMap<GrantId, string | null>;
}

/**
 * A workload's grants in the order of their approval. `wanted` are part of the desired state; `standing` adds those
 * that are being revoked: until they are gone they still hold the service account's identity.
 */
export async function workloadGrants(db: Db, workload: Workload): Promise<WorkloadGrants> {
  const rows = await db.grant.findMany({
    where: { state: { not: "revoked" }, givenUpAt: null, ...workloadColumns(workload) },
    orderBy: [...inOrderOfApproval],
    include: withBoundIssuer,
  });
  const parsed = rows.map((row) => ({ wanted: row.wanted, grant: grantSchema.parse(row.spec) }));
  return {
    wanted: parsed.filter((row) => row.wanted).map((row) => row.grant),
    standing: parsed.map((row) => row.grant),
    issuers: issuersOf(rows),
  };
}

/** The group that owns the workload's namespace, if one does. */
export async function namespaceOwner(
  db: Db,
  workload: Pick<Workload, "cluster" | "namespace">,
): Promise<string | null> {
  const { accountId, region, name: clusterName } = workload.cluster;
  const owner = await db.namespaceOwner.findUnique({
    where: {
      accountId_region_clusterName_namespace: {
        accountId,
        region,
        clusterName,
        namespace: workload.namespace,
      },
    },
  });
  return owner?.groupName ?? null;
}

/** Of the ids of grants those that this installation has made. Grants are never deleted. */
export async function knownGrants(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.grant.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}
