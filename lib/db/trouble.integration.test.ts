import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { PrismaPg } from "@prisma/adapter-pg";
import { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PrismaClient } from "./generated/client.ts";
import { createTestDatabase, type TestDatabase } from "./testing.ts";
import { isDatabaseTrouble } from "./trouble.ts";

/** The way to the database: as it is, ends as it begins, or leads nowhere. */
type Way = "open" | "closed" | "silent";

let way: Way = "open";
let db: TestDatabase;
const open = new Set<Socket>();
const proxy = createServer((socket) => {
  const { hostname, port } = new URL(db.url);
  open.add(socket.on("error", () => {}));
  if (way === "closed") socket.destroy();
  if (way !== "open") return;
  const onward = connect(Number(port), hostname).on("error", () => {});
  socket.pipe(onward).pipe(socket);
  socket.on("close", () => onward.destroy());
});

beforeAll(async () => {
  db = await createTestDatabase();
  await once(proxy.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  for (const socket of open) socket.destroy();
  proxy.close();
  await db.drop();
});
beforeEach(() => {
  way = "open";
});

/** @param withinMs that a connection may take; a busy machine takes its time over the first to a new database */
function connections(withinMs = 20_000): { pool: Pool; prisma: PrismaClient } {
  const url = new URL(db.url);
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const pool = new Pool({ connectionString: url.href, max: 2, connectionTimeoutMillis: withinMs });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return { pool, prisma: new PrismaClient({ adapter: new PrismaPg(pool) }) };
}

type Ask = (on: ReturnType<typeof connections>, sql: string) => Promise<unknown>;

const asked: [string, Ask][] = [
  ["the driver", ({ pool }, sql) => pool.query(sql)],
  ["Prisma", ({ prisma }, sql) => prisma.$queryRawUnsafe(sql)],
  ["a transaction of Prisma", ({ prisma }, sql) => prisma.$transaction((tx) => tx.$queryRawUnsafe(sql))],
];

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(asked)("trouble with the database, by way of %s,", (_, ask) => {
  it("is a connection that breaks while an answer is on its way", async () => {
    const on = connections();
    const failing = errorOf(ask(on, "SELECT pg_sleep(30)"));
    const isAsked = async () =>
      (
        await db.prisma.$queryRaw<unknown[]>`
          SELECT 1 FROM pg_stat_activity
          WHERE query = 'SELECT pg_sleep(30)' AND state = 'active' AND datname = current_database()`
      ).length > 0;
    await expect.poll(isAsked, { timeout: 20_000 }).toBe(true);
    for (const socket of open) socket.destroy();
    const error = await failing;
    expect(error).toBeInstanceOf(Error);
    expect(isDatabaseTrouble(error), String(error)).toBe(true);
    await on.pool.end();
    await db.prisma.$queryRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)'`;
  });

  it.each<Way>(["closed", "silent"])("is a server that is %s to whoever connects", async (other) => {
    way = other;
    const on = connections(500);
    const error = await errorOf(ask(on, "SELECT 1"));
    expect(error).toBeInstanceOf(Error);
    expect(isDatabaseTrouble(error), String(error)).toBe(true);
    await on.pool.end();
  });

  it("is a backend that an administrator ends", async () => {
    const on = connections();
    const error = await errorOf(ask(on, "SELECT pg_terminate_backend(pg_backend_pid())"));
    expect(error).toBeInstanceOf(Error);
    expect(isDatabaseTrouble(error), String(error)).toBe(true);
    await on.pool.end();
  });
});

describe("trouble with the database", () => {
  // Node documentation, "Errors": codes of the system and of the resolver.
  it.each(["ECONNRESET", "EAI_AGAIN", "ENOTFOUND", "EPIPE", "57P01"])("is %s", (code) => {
    expect(isDatabaseTrouble(Object.assign(new Error("no"), { code }))).toBe(true);
  });

  it("is whatever is asked of a connection that has broken already", async () => {
    const on = connections();
    const client = await on.pool.connect();
    const broken = once(client, "error");
    for (const socket of open) socket.destroy();
    await broken;
    const error = await errorOf(client.query("SELECT 1"));
    expect(error).toBeInstanceOf(Error);
    expect(isDatabaseTrouble(error), String(error)).toBe(true);
    client.release(true);
    await on.pool.end();
  });

  it.each([
    ["a mistake of ours", new TypeError("x is not a function")],
    [
      "a mistake of ours that Node names",
      Object.assign(new TypeError("no"), { code: "ERR_INVALID_ARG_TYPE" }),
    ],
    ["no error at all", "Connection terminated unexpectedly"],
  ])("is not %s", (_, error) => {
    expect(isDatabaseTrouble(error)).toBe(false);
  });

  it("is not a query that the program makes wrongly", async () => {
    // @ts-expect-error such a column does not exist
    const error = await errorOf(db.prisma.run.findMany({ where: { nowhere: 1 } }));
    expect(error).toBeInstanceOf(Error);
    expect(isDatabaseTrouble(error)).toBe(false);
  });
});
