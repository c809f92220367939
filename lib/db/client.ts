import { PrismaPg } from "@prisma/adapter-pg";
import { Pool } from "pg";
import { webEnv } from "#lib/env.ts";
import { PrismaClient } from "./generated/client.ts";

export interface Database {
  readonly prisma: PrismaClient;
  /** The same connections that Prisma uses, for plain SQL and for the queue. */
  readonly pool: Pool;
  /** The address the pool connects to; the change feed opens a connection of its own with it. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Connects lazily: the first query opens the first connection. */
export function createDatabase(url: string, options: { maxConnections?: number } = {}): Database {
  const pool = new Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    // Without a limit a request would wait for ever while the database is away.
    connectionTimeoutMillis: 10_000,
  });
  // The pool replaces a connection that breaks, and whoever was using it gets an error from the query. The events
  // say the same again, and unheard they would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    prisma,
    pool,
    url,
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

// The bundler may load this module once a route layer, and development reloads it at each change.
const shared = globalThis as typeof globalThis & { drawbridgeDatabase?: Database };

/** The web process's one database. */
export function database(): Database {
  shared.drawbridgeDatabase ??= createDatabase(webEnv().DATABASE_URL);
  return shared.drawbridgeDatabase;
}
