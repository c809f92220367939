import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDatabase, type Database } from "./client.ts";
import { type Change, feedPosition, notify, subscribe } from "./notify.ts";
import { createEmptyDatabase } from "./testing.ts";

let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
let database: Database;
let unsubscribe: (() => void)[];

beforeEach(async () => {
  empty = await createEmptyDatabase();
  database = createDatabase(empty.url);
  unsubscribe = [];
});

afterEach(async () => {
  for (const end of unsubscribe) end();
  await database.close();
  await empty.drop();
});

interface Listening {
  changes: Change[];
  resyncs: () => number;
}

function listenSince(since?: string): Listening {
  const changes: Change[] = [];
  const onResync = vi.fn();
  unsubscribe.push(subscribe(empty.url, { onChange: (change) => changes.push(change), onResync, since }));
  return { changes, resyncs: () => onResync.mock.calls.length };
}

/** Subscribes and waits until the feed listens. */
async function listen(): Promise<Listening> {
  const listening = listenSince();
  await expect.poll(() => listening.resyncs()).toBeGreaterThan(0);
  return listening;
}

const cut = () =>
  database.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
  );

const say = (topic: string, id: string) => database.prisma.$transaction((tx) => notify(tx, { topic, id }));

async function listeners(): Promise<number> {
  const found = await database.pool.query(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
  );
  return found.rows.length;
}

describe("change feed", () => {
  it("tells subscribers what a transaction changed", async () => {
    const { changes } = await listen();
    await say("request", "42");
    await expect.poll(() => changes).toEqual([{ topic: "request", id: "42" }]);
  });

  it("says nothing of a transaction that is rolled back", async () => {
    const { changes } = await listen();
    const failing = database.prisma.$transaction(async (tx) => {
      await notify(tx, { topic: "request", id: "undone" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await say("request", "done");
    await expect.poll(() => changes).toEqual([{ topic: "request", id: "done" }]);
  });

  it("shares one connection among subscribers and closes it after the last", async () => {
    const { changes } = await listen();
    const more: Change[] = [];
    unsubscribe.push(subscribe(empty.url, { onChange: (change) => more.push(change) }));
    await say("run", "1");
    await expect.poll(() => [changes.length, more.length]).toEqual([1, 1]);
    expect(await listeners()).toBe(1);
    for (const end of unsubscribe.splice(0)) end();
    await expect.poll(listeners).toBe(0);
  });

  it("comes back after a lost connection and says that changes may have been missed", async () => {
    const { changes, resyncs } = await listen();
    await cut();
    await expect.poll(resyncs).toBe(2);
    await say("run", "after");
    await expect.poll(() => changes).toEqual([{ topic: "run", id: "after" }]);
  });

  it("passes over what is not a change", async () => {
    const { changes } = await listen();
    await database.pool.query(
      `SELECT pg_notify('drawbridge', 'hello'), pg_notify('drawbridge', '{"topic":1}')`,
    );
    await say("run", "1");
    await expect.poll(() => changes).toEqual([{ topic: "run", id: "1" }]);
  });

  it("has no position before it listens", async () => {
    expect(feedPosition(empty.url)).toBeUndefined();
    await expect.poll(() => feedPosition(empty.url)).toBeDefined();
  });

  it("tells who comes later what changed since a position, and nothing that was before it", async () => {
    const { changes } = await listen();
    await say("run", "before");
    await expect.poll(() => changes).toHaveLength(1);
    const position = feedPosition(empty.url);
    const calm = listenSince(position);
    await say("run", "after");
    await expect.poll(() => changes).toHaveLength(2);
    expect(listenSince(position).changes).toEqual([{ topic: "run", id: "after" }]);
    expect(calm).toMatchObject({ changes: [{ topic: "run", id: "after" }] });
    expect(calm.resyncs()).toBe(0);
  });

  it.each([
    ["of another process", "00000000-0000-4000-8000-000000000000.3"],
    ["that is none", "nonsense"],
    ["that is empty", ""],
  ])("says that changes may have been missed since a position %s", async (_, position) => {
    await listen();
    expect(listenSince(position).resyncs()).toBe(1);
  });

  it("says so too for a position from before a lost connection", async () => {
    const { resyncs } = await listen();
    const position = feedPosition(empty.url);
    await cut();
    await expect.poll(resyncs).toBe(2);
    expect(listenSince(position).resyncs()).toBe(1);
  });

  it("says so too when more has changed since than it remembers", async () => {
    const { changes } = await listen();
    const position = feedPosition(empty.url);
    await database.prisma.$executeRaw`
      SELECT pg_notify('drawbridge', json_build_object('topic', 'run', 'id', n::text)::text)
      FROM generate_series(1, 2500) AS n`;
    await expect.poll(() => changes).toHaveLength(2_500);
    const late = listenSince(position);
    expect([late.changes.length, late.resyncs()]).toEqual([0, 1]);
    const recent = feedPosition(empty.url);
    await say("run", "last");
    await expect.poll(() => changes).toHaveLength(2_501);
    expect(listenSince(recent).changes).toEqual([{ topic: "run", id: "last" }]);
  });
});
