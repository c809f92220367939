import { retryable } from "#lib/aws/errors.ts";
import { type AccountSnapshot, keySection, policyKey, syncAccount, tagSection } from "#lib/aws/inventory.ts";
import { loadEstate } from "#lib/db/estate.ts";
import { json } from "#lib/db/json.ts";
import { notify } from "#lib/db/notify.ts";
import type { Tx } from "#lib/db/types.ts";
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

async function store(deps: WorkerDeps, id: string, snapshot: AccountSnapshot, began: Date): Promise<void> {
  await deps.prisma.$transaction(
    async (tx) => {
      await replaceItems(tx, id, snapshot, began);
      await replaceObserved(tx, id, snapshot, began);
      await updateClusters(tx, snapshot, began);
      await tx.account.update({
        where: { id },
        data: { syncedAt: began, syncErrors: json(snapshot.errors) },
      });
      await notify(tx, { topic: "inventory", id });
    },
    { maxWait: 10_000, timeout: 60_000 },
  );
}

/** What is not about targets: roles, providers, associations, clusters. */
const otherSections = [
  "roles",
  "role-policies",
  "oidc-providers",
  "pod-identity-associations",
  "clusters",
  "add-ons",
];

/** Without these a target is known all the same. */
const beside = [tagSection, keySection];

/** What could not be read keeps what was known of it: an outage must not empty the form. */
function gapsOf({ errors }: AccountSnapshot): { identities: boolean; targets: boolean } {
  const other = ({ section }: { section: string }) => otherSections.includes(section);
  const targets = errors.some((error) => !other(error) && !beside.includes(error.section));
  return { identities: errors.some(other), targets };
}

/** Of keys: what was known of one stands while AWS says that waiting may help. What it refuses is known no more. */
function keptKeys({ errors }: AccountSnapshot): string[] {
  return errors.flatMap(({ section, subject, kind }) =>
    section === keySection && retryable(kind) ? [policyKey(subject)] : [],
  );
}

async function replaceItems(
  tx: Tx,
  accountId: string,
  snapshot: AccountSnapshot,
  seenAt: Date,
): Promise<void> {
  const { items } = snapshot;
  const before = await tx.inventoryItem.findMany({ where: { accountId } });
  const known = new Map(before.map((item) => [item.arn, item]));
  if (!gapsOf(snapshot).targets) await tx.inventoryItem.deleteMany({ where: { accountId } });
  for (const part of inParts(items)) {
    await tx.inventoryItem.deleteMany({ where: { arn: { in: part.map(({ arn }) => arn) } } });
    await tx.inventoryItem.createMany({
      data: part.map(({ arn, service, name, region, encryption, classification }) => ({
        arn,
        accountId,
        service,
        name,
        region,
        // A key or tags that can't be read today say what they said.
        encryption: encryption === undefined ? (known.get(arn)?.encryption ?? null) : encryption,
        classification:
          classification === undefined ? (known.get(arn)?.classification ?? null) : classification,
        seenAt,
      })),
    });
  }
}

/** Rows that a run wrote after the reading began are newer than what was read. */
async function replaceObserved(
  tx: Tx,
  accountId: string,
  snapshot: AccountSnapshot,
  began: Date,
): Promise<void> {
  const { observed } = snapshot;
  const gaps = gapsOf(snapshot);
  const old = { accountId, seenAt: { lt: began } };
  const policies = { key: { endsWith: "#policy" } };
  if (!gaps.targets)
    await tx.observedResource.deleteMany({
      where: { ...old, ...policies, NOT: { key: { in: keptKeys(snapshot) } } },
    });
  if (!gaps.identities) await tx.observedResource.deleteMany({ where: { ...old, NOT: policies } });
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

/** Postgres takes 65,535 parameters a statement. */
function inParts<T>(rows: readonly T[], size = 1_000): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, part) =>
    rows.slice(part * size, (part + 1) * size),
  );
}
