import { retryable } from "#lib/aws/errors.ts";
import { type AccountSnapshot, policyKey, syncAccount } from "#lib/aws/inventory.ts";
import { loadEstate } from "#lib/db/estate.ts";
import { json } from "#lib/db/json.ts";
import { notify } from "#lib/db/notify.ts";
import type { Prisma, Tx } from "#lib/db/types.ts";
import { deletedCluster } from "#lib/model/cluster.ts";
import { findAccount } from "#lib/model/estate.ts";
import { guardedClients, readOnly } from "./clients.ts";
import { databaseNow, type WorkerDeps } from "./deps.ts";

/** Minutes after which an account is read again. */
const staleAfterMinutes = 5;

/** Accounts to read now: never read, asked for, or read long ago. The one asked for first, then the oldest. */
export async function accountsToSync(deps: Pick<WorkerDeps, "prisma">): Promise<string[]> {
  const rows = await deps.prisma.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Account"
    WHERE "syncedAt" IS NULL OR "syncRequestedAt" IS NOT NULL
      OR "syncedAt" < clock_timestamp() - make_interval(mins => ${staleAfterMinutes})
    ORDER BY "syncRequestedAt" IS NULL, "syncedAt" NULLS FIRST LIMIT 100`;
  return rows.map((row) => row.id);
}

/**
 * Reads the account and replaces what the portal knows of it, in one transaction. One worker at a time; a second one
 * leaves at once.
 */
export async function sync(deps: WorkerDeps, accountId: string): Promise<"synced" | "elsewhere"> {
  const free = await deps.locks.ifFree(`drawbridge:sync:${accountId}`, async () => {
    const began = await databaseNow(deps.prisma);
    const asked = await deps.prisma.account.findUnique({ where: { id: accountId } });
    const estate = await loadEstate(deps.prisma, deps.installation, { arns: [] });
    const account = findAccount(estate, accountId);
    if (!account) return;
    const purpose = { sessionName: "drawbridge-inventory", policy: readOnly };
    const clients = guardedClients(deps, account, purpose, { check: () => {} });
    const { classificationTag } = deps;
    const snapshot = await syncAccount(clients, account, deps.installation, {
      clusters: estate.clusters,
      classificationTag,
    });
    await store(deps, accountId, snapshot, began);
    // Asked for again while it was read: then it is read again.
    await deps.prisma.account.updateMany({
      where: { id: accountId, syncRequestedAt: asked?.syncRequestedAt ?? null },
      data: { syncRequestedAt: null },
    });
    const { items, clusters, errors } = snapshot;
    const counts = { items: items.length, clusters: clusters.length, errors: errors.length };
    deps.log.info({ accountId, ...counts }, "account read");
  });
  return free ? "synced" : "elsewhere";
}

type InventoryRow = Prisma.InventoryItemGetPayload<object>;

/** Whether what was known under a key (of an item: its ARN) stands, since it could not be read. */
type Stands = (key: string) => boolean;

/** Of which account, and when it began. */
interface Reading {
  id: string;
  began: Date;
}

async function store(deps: WorkerDeps, id: string, snapshot: AccountSnapshot, began: Date): Promise<void> {
  await deps.prisma.$transaction(
    async (tx) => {
      const before = await tx.inventoryItem.findMany({ where: { accountId: id } });
      const stands = standing(snapshot, before);
      await replaceItems(tx, before, stands, snapshot, { id, began });
      await replaceObserved(tx, stands, snapshot, { id, began });
      await updateClusters(tx, snapshot, began);
      await tellDeleted(tx, snapshot, id);
      await tx.account.update({
        where: { id },
        data: { syncedAt: began, syncErrors: json(snapshot.errors) },
      });
      await notify(tx, { topic: "inventory", id });
    },
    { maxWait: 10_000, timeout: 60_000 },
  );
}

/** An outage must not empty the form, and what one resource refuses says nothing of the rest. */
function standing(snapshot: AccountSnapshot, before: readonly InventoryRow[]): Stands {
  const beginnings = snapshot.errors.flatMap(({ gap }) => {
    if (gap.of === "list") return [gap.prefix];
    return gap.of === "resource" ? [`${gap.key}#`] : [];
  });
  const unread: Stands = (key) => beginnings.some((beginning) => `${key}#`.startsWith(beginning));
  const keyPolicies = new Set(standingKeys(snapshot, before, unread).map(policyKey));
  return (key) => keyPolicies.has(key) || unread(key);
}

/**
 * KMS keys behind items that could not be read, or not so far, were not looked at. Of those that were, what was known
 * stands while AWS says that waiting may help; what it refuses is known no more.
 */
function standingKeys(
  { items, errors }: AccountSnapshot,
  before: readonly InventoryRow[],
  unread: Stands,
): string[] {
  const encryptions = new Map(items.map(({ arn, encryption }) => [arn, encryption]));
  const unseen = before.flatMap(({ arn, encryption }) =>
    encryption && encryptions.get(arn) === undefined && (encryptions.has(arn) || unread(arn))
      ? [encryption]
      : [],
  );
  const failed = errors.flatMap(({ gap, kind }) => (gap.of === "key" ? [{ arn: gap.arn, kind }] : []));
  const refused = new Set(failed.filter(({ kind }) => !retryable(kind)).map(({ arn }) => arn));
  return [...unseen, ...failed.map(({ arn }) => arn)].filter((arn) => !refused.has(arn));
}

async function replaceItems(
  tx: Tx,
  before: readonly InventoryRow[],
  stands: Stands,
  { items }: AccountSnapshot,
  { id: accountId, began: seenAt }: Reading,
): Promise<void> {
  const known = new Map(before.map((item) => [item.arn, item]));
  for (const part of inParts(before.filter(({ arn }) => !stands(arn))))
    await tx.inventoryItem.deleteMany({ where: { accountId, arn: { in: part.map(({ arn }) => arn) } } });
  for (const part of inParts(items)) {
    await tx.inventoryItem.deleteMany({ where: { arn: { in: part.map(({ arn }) => arn) } } });
    await tx.inventoryItem.createMany({
      data: part.map(({ arn, service, name, region, classification, ...item }) => ({
        arn,
        accountId,
        service,
        name,
        region,
        encryption: encryptionOf(item, known.get(arn)?.encryption),
        // Tags that can't be read today say what they said.
        classification:
          classification === undefined ? (known.get(arn)?.classification ?? null) : classification,
        seenAt,
      })),
    });
  }
}

/** What can't be read today says what it said; a key that AWS manages may go by its own ARN in a configuration. */
function encryptionOf(
  { encryption, keyUnread }: Pick<AccountSnapshot["items"][number], "encryption" | "keyUnread">,
  before: string | null = null,
): string | null {
  if (encryption === undefined) return before;
  return keyUnread && before === "aws-managed" ? before : encryption;
}

/** Rows that a run wrote after the reading began are newer than what was read. */
async function replaceObserved(
  tx: Tx,
  stands: Stands,
  { observed }: AccountSnapshot,
  { id: accountId, began }: Reading,
): Promise<void> {
  const old = { accountId, seenAt: { lt: began } };
  const before = await tx.observedResource.findMany({ where: old, select: { key: true } });
  const gone = before.map(({ key }) => key).filter((key) => !stands(key) && !Object.hasOwn(observed, key));
  for (const part of inParts(gone))
    await tx.observedResource.deleteMany({ where: { ...old, key: { in: part } } });
  const rows = Object.entries(observed).map(([key, value]) => ({ key, observed: value }));
  for (const part of inParts(rows))
    await tx.$executeRaw`
      INSERT INTO "ObservedResource" ("key", "accountId", "observed", "seenAt")
      SELECT row->>'key', ${accountId}, row->'observed', ${began}
      FROM jsonb_array_elements(${JSON.stringify(part)}::jsonb) AS row
      ON CONFLICT ("key") DO UPDATE SET
        "accountId" = excluded."accountId", "observed" = excluded."observed", "seenAt" = excluded."seenAt"
      WHERE "ObservedResource"."seenAt" < ${began}`;
}

/** The issuer comes from EKS alone. Only clusters that an admin registered have a row. */
async function updateClusters(tx: Tx, { clusters }: AccountSnapshot, seenAt: Date): Promise<void> {
  for (const { ref, status, issuer, podIdentityAgent } of clusters)
    await tx.cluster.updateMany({
      where: { accountId: ref.accountId, region: ref.region, name: ref.name },
      data: {
        status,
        seenAt,
        // A cluster that is being deleted or updated still has the issuer it had.
        ...(issuer !== null && { issuer }),
        ...(podIdentityAgent !== undefined && { podIdentityAgent }),
      },
    });
}

/** Of those that were seen before, and are in a list no more: what was known of them stands, as their accesses do. */
async function tellDeleted(tx: Tx, { clusterNames }: AccountSnapshot, accountId: string): Promise<void> {
  for (const [region, names] of Object.entries(clusterNames))
    await tx.cluster.updateMany({
      where: { accountId, region, name: { notIn: names }, seenAt: { not: null } },
      data: { status: deletedCluster },
    });
}

/** Postgres takes 65,535 parameters a statement. */
function inParts<T>(rows: readonly T[], size = 1_000): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, part) =>
    rows.slice(part * size, (part + 1) * size),
  );
}
