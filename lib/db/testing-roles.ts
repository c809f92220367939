import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createDatabase, type Database } from "./client.ts";
import type { TestDatabase } from "./testing.ts";

const script = resolve(import.meta.dirname, "../../deploy/database/roles.sql");

export interface RoleDatabases {
  web: Database;
  worker: Database;
  drop: () => Promise<void>;
}

/** The same database as web and worker see it in production: with the rights of deploy/database/roles.sql alone. */
export async function asRoles({ pool, url }: Pick<TestDatabase, "pool" | "url">): Promise<RoleDatabases> {
  // Roles belong to the server and not to a database, and other tests make theirs at the same time.
  const prefix = `test_${randomBytes(6).toString("hex")}`;
  const sql = await readFile(script, "utf8");
  await pool.query(sql.replaceAll("drawbridge_", `${prefix}_`));
  const as = (role: string) => {
    const address = new URL(url);
    address.searchParams.set("options", `-c role=${prefix}_${role}`);
    return createDatabase(address.href);
  };
  const [web, worker] = [as("web"), as("worker")];
  return {
    web,
    worker,
    drop: async () => {
      await Promise.all([web.close(), worker.close()]);
      const roles = `${prefix}_web, ${prefix}_worker`;
      await pool.query(`DROP OWNED BY ${roles}; DROP ROLE ${roles}`);
    },
  };
}
