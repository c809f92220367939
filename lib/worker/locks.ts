import type { Pool, PoolClient } from "pg";

/** The connection that held a lock broke, and the lock with it. */
export class LostLock extends Error {
  override readonly name = "LostLock";
}

/** Which run holds a lock, with the fence of its lease. */
interface LockHolder {
  id: string;
  fence: number;
}

/** One writer of a resource at a time, across all workers. */
export interface Locks {
  /** Waits for its turn. `work`'s signal ends with `signal`, or when the lock is lost. */
  withLock<T>(
    resource: string,
    holder: LockHolder,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Runs `work` only if nobody else has the lock. */
  ifFree(resource: string, work: () => Promise<void>): Promise<boolean>;
}

/** Milliseconds after which a waiter looks whether the holder is still entitled to its lock. */
const lookAfterMs = 2_000;
/** Postgres: lock_not_available. */
const lockTimeout = "55P03";

/**
 * Advisory locks of Postgres, each on a connection of its own, so that a lock ends with the process that holds it.
 *
 * @param pool connections for locks alone: waiting for a lock must never keep the holder from reaching the database
 */
export function createLocks(pool: Pool): Locks {
  const connected = async <T>(work: (client: PoolClient, broken: AbortSignal) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    const broken = new AbortController();
    const onBroken = () => broken.abort(new LostLock("The connection that held a lock broke."));
    client.on("error", onBroken);
    try {
      return await work(client, broken.signal);
    } finally {
      // A connection that can't say that it let go is closed, which lets go as well.
      const released = await client.query("SELECT pg_advisory_unlock_all()").then(
        () => true,
        () => false,
      );
      client.off("error", onBroken);
      client.release(!released);
    }
  };

  return {
    withLock: (resource, { id, fence }, signal, work) =>
      connected(async (client, broken) => {
        signal.throwIfAborted();
        if (!(await takeIfFree(client, resource, `drawbridge:${id}:${fence}`)))
          await waitFor(client, resource, signal);
        return work(AbortSignal.any([signal, broken]));
      }),
    ifFree: (resource, work) =>
      connected(async (client) => {
        if (!(await takeIfFree(client, resource, "drawbridge"))) return false;
        await work();
        return true;
      }),
  };
}

/** In one round trip. @param name the connection's: it says who holds what it locks */
async function takeIfFree(client: PoolClient, resource: string, name: string): Promise<boolean> {
  const { rows } = await client.query<{ free: boolean }>(
    `SELECT set_config('application_name', $1, false), set_config('lock_timeout', $2, false),
       pg_try_advisory_lock(hashtextextended($3, 0)) AS free`,
    [name, String(lookAfterMs), resource],
  );
  return rows[0]?.free === true;
}

async function waitFor(client: PoolClient, resource: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [resource]);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === lockTimeout)) throw error;
    }
    await evictStale(client, resource);
  }
}

/**
 * A worker that was stopped (SIGSTOP, a frozen machine) keeps its connections and thus its locks, although its runs
 * have been taken over. The connection's name says for which lease it holds the lock.
 */
async function evictStale(client: PoolClient, resource: string): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(a.pid)
     FROM pg_locks l
     JOIN pg_stat_activity a ON a.pid = l.pid
     JOIN "Run" r ON a.application_name LIKE 'drawbridge:' || r."id" || ':%'
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended($1, 0)
       AND (r."state" <> 'running' OR r."fence" > split_part(a.application_name, ':', 3)::int)`,
    [resource],
  );
}
