import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runMigrations } from "graphile-worker";
import { Client, type ClientBase, Pool } from "pg";

/**
 * Applies `prisma/migrations/<name>/migration.sql` in the order of their names, one transaction a file, and
 * records them as `prisma migrate deploy` does, so that either can follow the other. The production image
 * thus needs neither the Prisma command line nor the engine that it downloads.
 */

/** The advisory lock that `prisma migrate` takes as well: the two never run at the same time. */
const MIGRATION_LOCK = 72_707_369;
const LOCK_WAIT_MS = 60_000;

interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  /** Hex SHA-256 of the file, which is what Prisma keeps too. */
  readonly checksum: string;
}

interface MigrationRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** A state of the files or of the database in which applying more would make things worse. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/**
 * Brings a database up to date: the product's tables first, then the queue's own. Safe to call from several
 * processes at once; the later ones wait and find nothing to do.
 * @returns the names of the migrations that this call applied
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const files = await readMigrations(folder);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await lock(client);
    await client.query(MIGRATIONS_TABLE);
    const pending = pendingMigrations(files, await appliedMigrations(client));
    for (const file of pending) await apply(client, file);
    await migrateQueue(url);
    return pending.map((file) => file.name);
  } finally {
    // The advisory lock belongs to the session and ends with it.
    await client.end();
  }
}

/**
 * With a pool of ours: of its own the queue takes the error handlers off before the connections are closed, which it
 * does not wait for. A database that goes away at that moment would then end the process (57P01).
 */
async function migrateQueue(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  try {
    await runMigrations({ pgPool: pool });
  } finally {
    await pool.end();
  }
}

const MIGRATIONS_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
  )`;

/** The migrations of a folder in the order in which they apply. */
export async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function lock(client: ClientBase): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_WAIT_MS}`);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
  } catch (cause) {
    const message = `Another process has been migrating this database for ${LOCK_WAIT_MS / 1000} seconds.`;
    throw new MigrationError(message, { cause });
  }
  await client.query("RESET lock_timeout");
}

async function appliedMigrations(client: ClientBase): Promise<MigrationRow[]> {
  const { rows } = await client.query<MigrationRow>(
    "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
  );
  return rows;
}

/**
 * Files that the database has not seen. Rows without a file are left alone: that is an older release beside a
 * newer one during a rolling update.
 */
function pendingMigrations(files: readonly MigrationFile[], rows: readonly MigrationRow[]): MigrationFile[] {
  const applied = new Map(rows.map((row) => [row.migration_name, row]));
  const unfinished = rows.find((row) => row.finished_at === null);
  if (unfinished) {
    throw new MigrationError(
      `Migration ${unfinished.migration_name} was begun by another tool and never finished. Look at what it did, then use \`prisma migrate resolve\`.`,
    );
  }
  return files.filter((file) => {
    const row = applied.get(file.name);
    if (row && row.checksum !== file.checksum) {
      throw new MigrationError(
        `Migration ${file.name} was changed after it had been applied. Restore the file and write a new migration instead.`,
      );
    }
    return !row;
  });
}

async function apply(client: ClientBase, file: MigrationFile): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(file.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), file.checksum, file.name],
    );
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK");
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError(`Migration ${file.name} failed and left nothing behind: ${reason}`, { cause });
  }
}
