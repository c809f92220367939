import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Anchor, emptyChain } from "#lib/model/audit-chain.ts";
import { audit } from "./audit.ts";
import { readChain, sealHistory, verifyHistory } from "./audit-chain.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";
import type { Tx } from "./types.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function write(count: number, at = new Date(), tx: Tx = database.prisma): Promise<void> {
  for (let number = 1; number <= count; number += 1)
    await audit(
      tx,
      { type: "request.commented", data: { number } },
      { actor: null, accountIds: ["111122223333"], correlationId: `c-${number}`, at },
    );
}

/** The ids of sealed events, in the order of the chain. */
async function sealedIds(): Promise<number[]> {
  const ids: number[] = [];
  for await (const links of readChain(database.prisma, 3)(0))
    ids.push(...links.map(({ eventId }) => Number(eventId)));
  return ids;
}

async function lastId(): Promise<number> {
  const last = await database.prisma.auditEvent.findFirst({ orderBy: { id: "desc" } });
  return Number(last?.id ?? 0);
}

/** As somebody who owns the database can, past the triggers; nothing of it stays. */
async function tampered<T>(sql: string, look: (tx: Tx) => Promise<T>): Promise<T> {
  const undone = new Error("undone");
  let seen: T | undefined;
  await database.prisma
    .$transaction(async (tx) => {
      await tx.$executeRaw`ALTER TABLE "AuditEvent" DISABLE TRIGGER ALL`;
      await tx.$executeRaw`ALTER TABLE "AuditSeal" DISABLE TRIGGER ALL`;
      await tx.$executeRawUnsafe(sql);
      seen = await look(tx);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return seen as T;
}

describe("history", () => {
  beforeAll(async () => {
    await write(1);
    await sealHistory(database.prisma);
    await database.prisma.auditCheck.create({
      data: { position: 1, hash: "x", anchors: 0, unsealed: 0, durationMs: 0 },
    });
  });

  const changes = ["AuditEvent", "AuditSeal", "AuditCheck"].flatMap((table) => {
    const column = { AuditEvent: "type", AuditSeal: "hash", AuditCheck: "hash" }[table];
    return [
      `UPDATE "${table}" SET "${column}" = "${column}"`,
      `DELETE FROM "${table}"`,
      `TRUNCATE "${table}"`,
    ];
  });

  it.each(changes)("refuses: %s", async (sql) => {
    await expect(database.pool.query(sql)).rejects.toThrow(/^Audit\w+ rows are never changed or deleted$/);
  });

  it.each(changes)("refuses it to a session that plays a replica as well: %s", async (sql) => {
    const client = await database.pool.connect();
    try {
      await client.query("SET session_replication_role = replica");
      await expect(client.query(sql)).rejects.toThrow("rows are never changed or deleted");
    } finally {
      client.release(true);
    }
  });
});

describe("sealing", () => {
  beforeEach(async () => {
    await sealHistory(database.prisma, { everything: true });
  });

  it("covers every column that an event has", async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'AuditEvent'",
    );
    for await (const [link] of readChain(database.prisma, 1)(0))
      expect(Object.keys(link?.event ?? {}).sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  it("appends what is new, in pieces, and then has nothing to do", async () => {
    const before = await sealedIds();
    await write(7);
    const report = await sealHistory(database.prisma, { batch: 3 });
    expect(report).toMatchObject({ sealed: 7, behind: false, head: { position: before.length + 7 } });
    const after = await sealedIds();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(await sealHistory(database.prisma)).toMatchObject({ sealed: 0, behind: false, head: report.head });
    expect(await verifyHistory(database.prisma, [])).toMatchObject({ head: report.head, fault: null });
  });

  it("seals each event once, however many try", async () => {
    await write(20);
    await Promise.all(Array.from({ length: 6 }, () => sealHistory(database.prisma, { batch: 4 })));
    await sealHistory(database.prisma);
    const ids = await sealedIds();
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(await database.prisma.auditEvent.count());
    expect(await verifyHistory(database.prisma, [])).toMatchObject({ fault: null, unsealed: 0 });
  });

  it("takes an event that is committed after a later one, and passes over those that never were", async () => {
    await database.prisma
      .$transaction(async (tx) => {
        await write(2, new Date(), tx);
        throw new Error("rolled back");
      })
      .catch(() => {});
    let late = 0;
    await database.prisma.$transaction(async (tx) => {
      await write(1, new Date(), tx);
      const [row] = await tx.$queryRaw<{ id: bigint }[]>`SELECT max("id") AS id FROM "AuditEvent"`;
      late = Number(row?.id);
      await write(3);
      await sealHistory(database.prisma);
      expect((await sealedIds()).at(-1)).toBeGreaterThan(late);
    });
    expect(await sealHistory(database.prisma)).toMatchObject({ sealed: 1 });
    expect((await sealedIds()).at(-1)).toBe(late);
    expect(await verifyHistory(database.prisma, [])).toMatchObject({ fault: null, unsealed: 0 });
  });

  it("finds one that was left far behind when it looks at everything", async () => {
    await database.prisma.$transaction(async (tx) => {
      await write(1, new Date(), tx);
      await write(5);
      await sealHistory(database.prisma);
    });
    expect(await sealHistory(database.prisma, { lookback: 3 })).toMatchObject({ sealed: 0 });
    expect(await verifyHistory(database.prisma, [])).toMatchObject({ fault: null, unsealed: 1 });
    expect(await sealHistory(database.prisma, { everything: true })).toMatchObject({ sealed: 1 });
  });

  it("keeps no writer waiting", async () => {
    await write(1);
    await database.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('drawbridge:seal', 0)) IS NULL`;
      await write(2);
      expect(await sealHistory(database.prisma)).toMatchObject({ sealed: 0, behind: true });
    });
    expect(await sealHistory(database.prisma)).toMatchObject({ sealed: 3 });
  });
});

describe("a check", () => {
  it("finds what was done past the triggers, and the heads that were written down decide about the end", async () => {
    await write(5);
    const { head, at } = await sealHistory(database.prisma, { everything: true });
    const anchors: Anchor[] = [{ ...head, at: at.toISOString() }];
    const id = await lastId();
    const faultAfter = (sql: string, known: Anchor[] = anchors) =>
      tampered(sql, async (tx) => (await verifyHistory(tx, known)).fault);
    const position = head.position - 1;
    const eventId = String(id - 1);
    expect(await faultAfter(`UPDATE "AuditEvent" SET "data" = '{}' WHERE "id" = ${eventId}`)).toEqual({
      kind: "event-changed",
      position,
      eventId,
    });
    expect(await faultAfter(`DELETE FROM "AuditEvent" WHERE "id" = ${eventId}`)).toMatchObject({
      kind: "event-missing",
      eventId,
    });
    const cut = `DELETE FROM "AuditSeal" WHERE "position" >= ${position};`;
    const cutRows = `DELETE FROM "AuditEvent" WHERE "id" >= ${eventId}`;
    const both = `WITH seals AS (${cut.slice(0, -1)}) ${cutRows}`;
    expect(await faultAfter(both)).toMatchObject({ kind: "truncated", position: position - 1 });
    // Without them the shorter history is as good as the longer.
    expect(await faultAfter(both, [])).toBeNull();
    expect(await verifyHistory(database.prisma, anchors)).toMatchObject({ head, fault: null });
  });

  it("says since when an event has no seal, and calls it a fault after an hour", async () => {
    await sealHistory(database.prisma, { everything: true });
    const now = new Date();
    await write(1, now);
    expect(await verifyHistory(database.prisma, [])).toMatchObject({
      fault: null,
      unsealed: 1,
      unsealedSince: now,
    });
    const since = new Date(now.getTime() - 2 * 3_600_000);
    await write(1, since);
    expect(await verifyHistory(database.prisma, [])).toMatchObject({
      unsealed: 2,
      fault: { kind: "never-sealed", eventId: String(await lastId()), since: since.toISOString() },
    });
  });

  it("of a history without events finds an empty chain", async () => {
    const empty = await createTestDatabase();
    try {
      expect(await sealHistory(empty.prisma)).toMatchObject({ head: emptyChain, sealed: 0 });
      expect(await verifyHistory(empty.prisma, [])).toMatchObject({ head: emptyChain, fault: null });
    } finally {
      await empty.drop();
    }
  });
});
