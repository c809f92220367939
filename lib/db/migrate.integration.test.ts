import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MigrationError, migrate } from "./migrate.ts";
import { createEmptyDatabase, createTestDatabase } from "./testing.ts";

const FIRST = "CREATE TABLE colour (name text PRIMARY KEY);\nINSERT INTO colour VALUES ('red');";
const SECOND = "INSERT INTO colour VALUES ('green');";

let folder: string;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "migrations-"));
  database = await createEmptyDatabase();
  await write("20260101000000_first", FIRST);
});

afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "migration.sql"), sql);
}

async function query<Row>(sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

const colours = () =>
  query<{ name: string }>("SELECT name FROM colour ORDER BY name").then((r) => r.map((c) => c.name));

describe("migrate", () => {
  it("applies what is new, in order, and nothing twice", async () => {
    expect(await migrate(database.url, folder)).toEqual(["20260101000000_first"]);
    await write("20260102000000_second", SECOND);
    expect(await migrate(database.url, folder)).toEqual(["20260102000000_second"]);
    expect(await migrate(database.url, folder)).toEqual([]);
    expect(await colours()).toEqual(["green", "red"]);
  });

  it("records what Prisma's own deploy looks for", async () => {
    await migrate(database.url, folder);
    const rows = await query("SELECT * FROM _prisma_migrations");
    expect(rows).toEqual([
      expect.objectContaining({
        migration_name: "20260101000000_first",
        checksum: createHash("sha256").update(FIRST).digest("hex"),
        finished_at: expect.any(Date),
        rolled_back_at: null,
        applied_steps_count: 1,
      }),
    ]);
  });

  it("prepares the queue", async () => {
    await migrate(database.url, folder);
    expect(await query("SELECT (graphile_worker.add_job('task')).id > 0 AS added")).toEqual([
      { added: true },
    ]);
  });

  it("leaves nothing of a file that fails, keeps those before it, and goes on once it is mended", async () => {
    await write("20260102000000_second", `${SECOND}\nSELECT no_such_column;`);
    await expect(migrate(database.url, folder)).rejects.toThrow(
      /20260102000000_second failed .*no_such_column/,
    );
    expect(await colours()).toEqual(["red"]);
    await write("20260102000000_second", SECOND);
    expect(await migrate(database.url, folder)).toEqual(["20260102000000_second"]);
  });

  it("refuses a file that was changed after it had been applied, before anything else is done", async () => {
    await migrate(database.url, folder);
    await write("20260101000000_first", `${FIRST} `);
    await write("20260102000000_second", SECOND);
    await expect(migrate(database.url, folder)).rejects.toThrow(MigrationError);
    expect(await colours()).toEqual(["red"]);
  });

  it("refuses a database in which another tool's migration never finished", async () => {
    await migrate(database.url, folder);
    await query("UPDATE _prisma_migrations SET finished_at = NULL");
    await expect(migrate(database.url, folder)).rejects.toThrow(/never finished/);
  });

  it("lets an older release live beside a newer one's migrations", async () => {
    await write("20260102000000_second", SECOND);
    await migrate(database.url, folder);
    await rm(join(folder, "20260102000000_second"), { recursive: true });
    expect(await migrate(database.url, folder)).toEqual([]);
  });

  it("is applied once by many processes at the same time", async () => {
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url, folder)));
    expect(applied.flat()).toEqual(["20260101000000_first"]);
  });
});

describe("createTestDatabase", () => {
  it("gives each caller a migrated database of its own, from one template", async () => {
    const [one, two] = await Promise.all([
      createTestDatabase({ migrations: folder }),
      createTestDatabase({ migrations: folder }),
    ]);
    await one.pool.query("DELETE FROM colour");
    expect((await two.pool.query("SELECT name FROM colour")).rows).toEqual([{ name: "red" }]);
    expect(await one.prisma.$queryRaw`SELECT count(*)::int AS colours FROM colour`).toEqual([{ colours: 0 }]);
    await Promise.all([one.drop(), two.drop()]);
    await expect(
      query(`SELECT 1 FROM pg_database WHERE datname = '${new URL(one.url).pathname.slice(1)}'`),
    ).resolves.toEqual([]);
  });
});
