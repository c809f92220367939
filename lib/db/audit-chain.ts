import {
  type Anchor,
  type ChainedEvent,
  type ChainHead,
  type ChainLink,
  type ChainReport,
  emptyChain,
  type ReadChain,
  sealsAfter,
  verifyChain,
} from "#lib/model/audit-chain.ts";
import type { Db, Prisma, PrismaClient } from "./types.ts";

type EventRow = Prisma.AuditEventGetPayload<object>;

/** Events sealed in one transaction, and links read at a time: some 20 ms of hashing. */
const batchSize = 500;
/**
 * How far below the highest sealed id a look goes. A lower id may be committed later, since a transaction takes it when
 * it writes; one that took so long that as many others were sealed meanwhile is for the look at all of them.
 */
const usualLookback = 2_000;
/** Milliseconds after which an event without a seal is a fault: sealing is a matter of seconds. */
const sealedWithinMs = 3_600_000;

/** How far history is sealed. */
export interface SealingReport {
  head: ChainHead;
  /** All that was committed before this moment, by the database's clock, is behind the head. */
  at: Date;
  sealed: number;
  /** Another worker is at it, or it was ended early: then `at` says nothing. */
  behind: boolean;
}

/** Below every id that there is. */
const lowest = -(2n ** 63n);

/**
 * Seals what has been committed since the last time. Of any number that try at once one does, so the chain has one
 * end; the constraints of the table hold that even for one whose lock was lost. Writers of history wait for nothing
 * here, and when there is nothing to do, it is two short queries.
 *
 * @param options.everything looks at all events, also far below those that were sealed last: a pass over both indexes
 * @param options.signal ends it between two transactions
 */
export async function sealHistory(
  prisma: PrismaClient,
  options: { everything?: boolean; batch?: number; lookback?: number; signal?: AbortSignal } = {},
): Promise<SealingReport> {
  const { everything = false, batch = batchSize, lookback = usualLookback, signal } = options;
  const end = await endOf(prisma);
  let floor = everything ? lowest : end.highest - BigInt(lookback);
  let report: SealingReport = { head: end.head, at: end.now, sealed: 0, behind: false };
  if ((await unsealed(prisma, floor, 1)).length === 0) return report;
  for (;;) {
    const part = await sealBatch(prisma, floor, batch);
    if (!part) return { ...report, behind: true };
    const behind = part.sealed === batch;
    report = { head: part.head, at: part.at, sealed: report.sealed + part.sealed, behind };
    if (!behind || signal?.aborted) return report;
    floor = part.through;
  }
}

interface SealedBatch {
  head: ChainHead;
  at: Date;
  sealed: number;
  /** Below it nothing is left that was there. */
  through: bigint;
}

/** @returns null when another is at it */
function sealBatch(prisma: PrismaClient, floor: bigint, batch: number): Promise<SealedBatch | null> {
  return prisma.$transaction(
    async (tx) => {
      const [lock] = await tx.$queryRaw<{ free: boolean }[]>`
        SELECT pg_try_advisory_xact_lock(hashtextextended('drawbridge:seal', 0)) AS free`;
      if (!lock?.free) return null;
      // Read with the lock: another may have sealed a moment ago.
      const end = await endOf(tx);
      const rows = await unsealed(tx, floor, batch);
      const seals = sealsAfter(end.head, rows.map(chained));
      await tx.$executeRaw`
        INSERT INTO "AuditSeal" ("position", "eventId", "hash")
        SELECT * FROM unnest(
          ${seals.map((seal) => seal.position)}::bigint[],
          ${seals.map((seal) => seal.eventId)}::bigint[],
          ${seals.map((seal) => seal.hash)}::text[])`;
      const { position, hash } = seals.at(-1) ?? end.head;
      const through = rows.at(-1)?.id ?? floor;
      return { head: { position, hash }, at: end.now, sealed: seals.length, through };
    },
    { maxWait: 10_000, timeout: 30_000 },
  );
}

interface ChainEnd {
  now: Date;
  head: ChainHead;
  /** The highest id that is sealed. */
  highest: bigint;
}

async function endOf(db: Db): Promise<ChainEnd> {
  const [row] = await db.$queryRaw<
    { now: Date; position: bigint | null; hash: string | null; highest: bigint | null }[]
  >`
    SELECT clock_timestamp() AS "now", head."position", head."hash", (SELECT max("eventId") FROM "AuditSeal") AS "highest"
    FROM (SELECT 1) AS one
    LEFT JOIN (SELECT "position", "hash" FROM "AuditSeal" ORDER BY "position" DESC LIMIT 1) head ON true`;
  const { now = new Date(), position = null, hash = null, highest = null } = row ?? {};
  const head = position === null || hash === null ? emptyChain : { position: Number(position), hash };
  return { now, head, highest: highest ?? 0n };
}

/** The floor bounds both sides: with that of the seals left out, Postgres reads them all. */
function unsealed(db: Db, floor: bigint, limit: number): Promise<EventRow[]> {
  return db.$queryRaw<EventRow[]>`
    SELECT e.* FROM "AuditEvent" e
    WHERE e."id" > ${floor} AND NOT EXISTS (
      SELECT 1 FROM "AuditSeal" s WHERE s."eventId" = e."id" AND s."eventId" > ${floor})
    ORDER BY e."id" LIMIT ${limit}`;
}

/** Of the latest events those without a seal, and the time of the oldest; null: there are none. */
export async function waitingForSeal(db: Db): Promise<{ count: number; since: Date } | null> {
  const { highest } = await endOf(db);
  const floor = highest - BigInt(usualLookback);
  const [row] = await db.$queryRaw<{ count: bigint; since: Date | null }[]>`
    SELECT count(*) AS "count", min(e."at") AS "since" FROM "AuditEvent" e
    WHERE e."id" > ${floor} AND NOT EXISTS (
      SELECT 1 FROM "AuditSeal" s WHERE s."eventId" = e."id" AND s."eventId" > ${floor})`;
  return row?.since ? { count: Number(row.count), since: row.since } : null;
}

/** A row as the chain covers it. */
function chained(row: EventRow): ChainedEvent {
  return { ...row, id: String(row.id), at: row.at.toISOString() };
}

type LinkRow = Omit<EventRow, "id"> & { position: bigint; eventId: bigint; hash: string; id: bigint | null };

/** The chain as it lies in the database, in pieces. */
export function readChain(db: Db, size = batchSize): ReadChain {
  return async function* (after) {
    let position = after;
    for (;;) {
      const rows = await db.$queryRaw<LinkRow[]>`
        SELECT s."position", s."eventId", s."hash", e.*
        FROM "AuditSeal" s LEFT JOIN "AuditEvent" e ON e."id" = s."eventId"
        WHERE s."position" > ${position} ORDER BY s."position" LIMIT ${size}`;
      if (rows.length > 0) yield rows.map(link);
      const last = rows.at(-1);
      if (!last || rows.length < size) return;
      position = Number(last.position);
    }
  };
}

function link({ position, eventId, hash, id, ...row }: LinkRow): ChainLink {
  return {
    position: Number(position),
    eventId: String(eventId),
    hash,
    event: id === null ? null : chained({ ...row, id }),
  };
}

/** What a check of the whole chain found. */
export interface HistoryReport extends ChainReport {
  anchors: number;
  /** Events that no seal covers yet. */
  unsealed: number;
  unsealedSince: Date | null;
}

/** Checks every event against its seal, and the chain against the heads that were written down outside. */
export async function verifyHistory(
  db: Db,
  anchors: readonly Anchor[],
  options: { size?: number } = {},
): Promise<HistoryReport> {
  const { head, fault } = await verifyChain(readChain(db, options.size), anchors);
  const [row] = await db.$queryRaw<{ now: Date; count: bigint; id: bigint | null; at: Date | null }[]>`
    SELECT clock_timestamp() AS "now", count(*) AS "count", min(e."at") AS "at",
      (array_agg(e."id" ORDER BY e."at"))[1] AS "id"
    FROM "AuditEvent" e WHERE NOT EXISTS (SELECT 1 FROM "AuditSeal" s WHERE s."eventId" = e."id")`;
  const { now = new Date(), count = 0n, id = null, at = null } = row ?? {};
  const late = id !== null && at !== null && now.getTime() - at.getTime() > sealedWithinMs;
  return {
    head,
    fault: fault ?? (late ? { kind: "never-sealed", eventId: String(id), since: at.toISOString() } : null),
    anchors: anchors.length,
    unsealed: Number(count),
    unsealedSince: at,
  };
}
