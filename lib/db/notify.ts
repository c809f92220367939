import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { z } from "zod";
import type { Prisma } from "./generated/client.ts";

/**
 * The change feed: whoever writes a row says so in the same transaction, and Postgres tells every process once
 * the transaction has committed. A message names what changed and carries no data, so that readers always go
 * through their own queries and permissions. It is a hint to look again: nothing may depend on its arrival.
 */

const CHANNEL = "drawbridge";
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
const HEARTBEAT_MS = 30_000;
const ANSWER_WITHIN_MS = 10_000;
/** More than happens between a page's rendering and its stream, which is all that asks for them. */
const REMEMBERED_CHANGES = 1_000;

const changeSchema = z.object({ topic: z.string(), id: z.string() });

/** `topic` is a kind of row (`request`, `run`, …), `id` the row. */
export type Change = Readonly<z.infer<typeof changeSchema>>;

/** Tells all subscribers when, and only if, the transaction commits. */
export async function notify(
  tx: Pick<Prisma.TransactionClient, "$executeRaw">,
  change: Change,
): Promise<void> {
  const payload = JSON.stringify({ topic: change.topic, id: change.id });
  await tx.$executeRaw`SELECT pg_notify(${CHANNEL}, ${payload})`;
}

export interface Subscriber {
  readonly onChange: (change: Change) => void;
  /** The feed listens from now on, at first or after a lost connection: what came before may have been missed. */
  readonly onResync?: () => void;
  /** A `feedPosition`: what changed after it is told at once, or `onResync` called where that is not known. */
  readonly since?: string | undefined;
}

// One feed a database and process, also when the bundler loads this module once a route layer.
const shared = globalThis as typeof globalThis & { drawbridgeFeeds?: Map<string, Feed> };

/**
 * Listens to the changes of the database at `url`. All subscribers of a process share one connection, which is
 * opened by the first, closed after the last, and opened again when it breaks.
 * @returns the function that ends this subscription
 */
export function subscribe(url: string, subscriber: Subscriber): () => void {
  const feed = feedOf(url);
  feed.subscribers.add(subscriber);
  feed.catchUp(subscriber);
  return () => {
    feed.subscribers.delete(subscriber);
    if (feed.subscribers.size > 0 || feed.kept || shared.drawbridgeFeeds?.get(url) !== feed) return;
    shared.drawbridgeFeeds.delete(url);
    feed.close();
  };
}

/**
 * Where the feed stands, for `since` of a subscription that begins later; undefined until it listens. Ask before
 * reading what is to be kept up to date. A process that hands out positions listens until it ends.
 */
export function feedPosition(url: string): string | undefined {
  const feed = feedOf(url);
  feed.kept = true;
  return feed.position();
}

function feedOf(url: string): Feed {
  shared.drawbridgeFeeds ??= new Map();
  const feed = shared.drawbridgeFeeds.get(url) ?? new Feed(url);
  shared.drawbridgeFeeds.set(url, feed);
  return feed;
}

class Feed {
  readonly subscribers = new Set<Subscriber>();
  /** Also without subscribers. */
  kept = false;
  /** Of one unbroken connection: what another one heard is not known. */
  #hearing: { id: string; changes: Change[]; forgotten: number } | undefined;
  readonly #url: string;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
    void this.#connect();
  }

  position(): string | undefined {
    const hearing = this.#hearing;
    return hearing && `${hearing.id}.${hearing.forgotten + hearing.changes.length}`;
  }

  /** Without a connection there is nothing to say yet: all hear of it once there is one. */
  catchUp({ since, onChange, onResync }: Subscriber): void {
    const hearing = this.#hearing;
    if (since === undefined || !hearing) return;
    const [id, count] = since.split(".");
    const known = Number(count) - hearing.forgotten;
    if (id === hearing.id && known >= 0) for (const change of hearing.changes.slice(known)) onChange(change);
    else onResync?.();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    });
    this.#client = client;
    let lost = false;
    const onLost = () => {
      if (lost) return;
      lost = true;
      this.#hearing = undefined;
      client.end().catch(() => {});
      this.#retry();
    };
    client.on("error", onLost);
    client.on("end", onLost);
    client.on("notification", (message) => this.#receive(message.payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch {
      return onLost();
    }
    if (this.#closed) {
      client.end().catch(() => {});
      return;
    }
    this.#retryMs = FIRST_RETRY_MS;
    this.#hearing = { id: randomUUID(), changes: [], forgotten: 0 };
    this.#each((subscriber) => subscriber.onResync?.());
    this.#beat(client, onLost);
  }

  /** A connection whose other end vanished without a word shows it only when it is used. */
  #beat(client: Client, onLost: () => void): void {
    this.#timer = setTimeout(() => {
      client.query("SELECT 1").then(() => {
        if (!this.#closed && this.#client === client) this.#beat(client, onLost);
      }, onLost);
    }, HEARTBEAT_MS);
    this.#timer.unref();
  }

  #retry(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#timer.unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #receive(payload: string | undefined): void {
    const change = parse(payload);
    if (!change) return;
    this.#remember(change);
    this.#each((subscriber) => subscriber.onChange(change));
  }

  #remember(change: Change): void {
    const hearing = this.#hearing;
    if (!hearing) return;
    hearing.changes.push(change);
    if (hearing.changes.length <= 2 * REMEMBERED_CHANGES) return;
    hearing.forgotten += hearing.changes.length - REMEMBERED_CHANGES;
    hearing.changes = hearing.changes.slice(-REMEMBERED_CHANGES);
  }

  /** One subscriber's failure must not keep the others from hearing. */
  #each(tell: (subscriber: Subscriber) => void): void {
    for (const subscriber of this.subscribers) {
      try {
        tell(subscriber);
      } catch {
        // It loses this message only.
      }
    }
  }
}

/** Other tools may write to the channel: what is not a change is passed over. */
function parse(payload: string | undefined): Change | undefined {
  try {
    return changeSchema.safeParse(JSON.parse(payload ?? "")).data;
  } catch {
    return undefined;
  }
}
