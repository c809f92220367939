import type { Change } from "#lib/db/notify.ts";
import type { Db } from "#lib/db/types.ts";
import { grantsVisible, requestsVisible, runsVisible, type Scope } from "#lib/db/visibility.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const grantId = /^[0-9a-z]{12}$/;

/** What a topic's ids look like, and which of them the reader sees: the same conditions as the pages' queries. */
type Topic = {
  id: RegExp;
  visible: (db: Db, scope: Scope, ids: string[]) => Promise<number>;
};

/** Accounts and clusters are known to everyone who is signed in: the form lists them. */
const known: Topic = { id: /^[\w./:-]{1,200}$/, visible: async (_db, _scope, ids) => ids.length };

const topics: Record<string, Topic> = {
  request: {
    id: uuid,
    visible: (db, scope, ids) =>
      db.request.count({ where: { AND: [{ id: { in: ids } }, requestsVisible(scope)] } }),
  },
  run: {
    id: uuid,
    visible: (db, scope, ids) => db.run.count({ where: { AND: [{ id: { in: ids } }, runsVisible(scope)] } }),
  },
  grant: {
    id: grantId,
    visible: (db, scope, ids) =>
      db.grant.count({ where: { AND: [{ id: { in: ids } }, grantsVisible(scope)] } }),
  },
  account: known,
  cluster: known,
  inventory: known,
  // That history was checked.
  history: { id: /^chain$/, visible: async (_db, scope, ids) => (scope.everything ? ids.length : 0) },
};

export function isTopic(topic: string): boolean {
  return Object.hasOwn(topics, topic);
}

/** Whether the reader sees at least one of them. */
export async function seesAny(db: Db, scope: Scope, topic: string, ids: readonly string[]): Promise<boolean> {
  const kind = Object.hasOwn(topics, topic) ? topics[topic] : undefined;
  if (!kind) return false;
  const wellFormed = ids.filter((id) => kind.id.test(id));
  return wellFormed.length > 0 && (await kind.visible(db, scope, wellFormed)) > 0;
}

/** What a page follows: one row, or every row of a kind that the reader sees. */
export type Interest = { topic: string; id: string | null };

const mostInterests = 20;

/** `?topic=run&id=…&topic=grant&id=` in pairs; an empty id means all of a kind. Null: malformed. */
export function readInterests(query: URLSearchParams): Interest[] | null {
  const names = query.getAll("topic");
  const ids = query.getAll("id");
  if (names.length === 0 || names.length > mostInterests || !names.every(isTopic)) return null;
  return names.map((topic, index) => ({ topic, id: ids[index] || null }));
}

/** Where the change feed stood when the page was read; malformed: not known, as after a restart. */
export function readSince(query: URLSearchParams): string | undefined {
  return query.get("since")?.slice(0, 64);
}

/** Whether the change is about one of these rows; the rest of a kind is looked up. */
export function concerns(interests: readonly Interest[], change: Change): "row" | "kind" | null {
  const same = interests.filter((interest) => interest.topic === change.topic);
  if (same.some((interest) => interest.id === change.id)) return "row";
  return same.some((interest) => interest.id === null) ? "kind" : null;
}
