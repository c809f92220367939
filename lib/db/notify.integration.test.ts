import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDatabase, type Database } from "./client.ts";
import { type Change, notify, subscribe } from "./notify.ts";
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

/** Subscribes and waits until the feed listens. */
async function listen(): Promise<{ changes: Change[]; resyncs: () => number }> {
  const changes: Change[] = [];
  const onResync = vi.fn();
  unsubscribe.push(subscribe(empty.url, { onChange: (change) => changes.push(change), onResync }));
  await vi.waitFor(() => expect(onResync).toHaveBeenCalled());
  return { changes, resyncs: () => onResync.mock.calls.length };
}

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
    await vi.waitFor(() => expect(changes).toEqual([{ topic: "request", id: "42" }]));
  });

  it("says nothing of a transaction that is rolled back", async () => {
    const { changes } = await listen();
    const failing = database.prisma.$transaction(async (tx) => {
      await notify(tx, { topic: "request", id: "undone" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await say("request", "done");
    await vi.waitFor(() => expect(changes).toEqual([{ topic: "request", id: "done" }]));
  });

  it("shares one connection among subscribers and closes it after the last", async () => {
    const { changes } = await listen();
    const more: Change[] = [];
    unsubscribe.push(subscribe(empty.url, { onChange: (change) => more.push(change) }));
    await say("run", "1");
    await vi.waitFor(() => expect([changes.length, more.length]).toEqual([1, 1]));
    expect(await listeners()).toBe(1);
    for (const end of unsubscribe.splice(0)) end();
    await vi.waitFor(async () => expect(await listeners()).toBe(0));
  });

  it("comes back after a lost connection and says that changes may have been missed", async () => {
    const { changes, resyncs } = await listen();
    await database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    await vi.waitFor(() => expect(resyncs()).toBe(2), { timeout: 5_000 });
    await say("run", "after");
    await vi.waitFor(() => expect(changes).toEqual([{ topic: "run", id: "after" }]));
  });

  it("passes over what is not a change", async () => {
    const { changes } = await listen();
    await database.pool.query(
      `SELECT pg_notify('drawbridge', 'hello'), pg_notify('drawbridge', '{"topic":1}')`,
    );
    await say("run", "1");
    await vi.waitFor(() => expect(changes).toEqual([{ topic: "run", id: "1" }]));
  });
});
