import type { AuditEventType } from "#lib/model/audit-event.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Db, Prisma, Reader } from "../types.ts";
import { eventsVisible, scopeOf } from "../visibility.ts";
import { beyond, idPatterns, pageSize, readPosition, toPage } from "./keyset.ts";
import { containing, searchWords } from "./search-text.ts";
import type { Page } from "./views/common.ts";
import type { HistoryEntry } from "./views/history.ts";

export interface HistoryFilter {
  /** A type, or the first part of one: `grant` is all of `grant.…`. */
  type?: string | undefined;
  /** In the actor's name or the telling parts of the event; `#42` is a request; ids are found whole. */
  text?: string | undefined;
  accountId?: string | undefined;
  /** Days or moments, RFC 3339; `to` is exclusive. */
  from?: string | undefined;
  to?: string | undefined;
  after?: string | undefined;
  limit?: number | undefined;
}

/** Everything that happened and that the actor may know of, newest first. */
export async function history(
  reader: Reader,
  actor: Actor,
  filter: HistoryFilter,
): Promise<Page<HistoryEntry>> {
  const { prisma } = reader;
  const scope = await scopeOf(prisma, actor);
  const size = pageSize(filter.limit);
  const position = readPosition(filter.after, idPatterns.number);
  const rows = await prisma.auditEvent.findMany({
    where: {
      AND: [
        await eventsVisible(prisma, scope),
        ...(await conditions(prisma, filter)),
        ...beyond("at", position, BigInt),
      ],
    },
    orderBy: [{ at: "desc" }, { id: "desc" }],
    take: size + 1,
  });
  const entries = await historyEntries(prisma, rows);
  return toPage(
    entries,
    size,
    (entry) => ({ at: new Date(entry.at), id: entry.id }),
    (entry) => entry,
  );
}

/** The parts of events that people search by. */
const searched = ["title", "target", "reason", "comment", "key", "name", "cluster", "namespace", "cause"];

async function conditions(
  db: Db,
  { type, text, accountId, from, to }: HistoryFilter,
): Promise<Prisma.AuditEventWhereInput[]> {
  const list: Prisma.AuditEventWhereInput[] = [];
  if (type && /^[a-z.-]{1,60}$/.test(type))
    list.push({ type: type.includes(".") ? type : { startsWith: `${type}.` } });
  if (accountId && idPatterns.account.test(accountId)) list.push({ accountIds: { has: accountId } });
  const [start, end] = [momentOf(from), momentOf(to)];
  if (start) list.push({ at: { gte: start } });
  if (end) list.push({ at: { lt: end } });
  const words = searchWords(text);
  if (words) list.push({ OR: await search(db, words) });
  return list;
}

async function search(db: Db, words: string): Promise<Prisma.AuditEventWhereInput[]> {
  const number = /^#(\d{1,9})$/.exec(words)?.[1];
  const request =
    number === undefined
      ? null
      : await db.request.findUnique({ where: { number: Number(number) }, select: { id: true } });
  return [
    { actorName: containing(words) },
    { grantId: words },
    { correlationId: words },
    ...(idPatterns.uuid.test(words) ? [{ runId: words }, { requestId: words }] : []),
    ...(request ? [{ requestId: request.id }] : []),
    ...searched.map((key) => ({
      data: { path: [key], string_contains: containing(words).contains, mode: "insensitive" as const },
    })),
  ];
}

/** Undefined for what is no date: it came from an address bar. */
function momentOf(text: string | undefined): Date | undefined {
  const moment = new Date(text ?? "");
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

/** The caller has checked that they may be seen. */
export async function historyEntries(
  db: Db,
  rows: readonly Prisma.AuditEventGetPayload<object>[],
): Promise<HistoryEntry[]> {
  const ids = [...new Set(rows.map((row) => row.requestId))].filter((id) => id !== null);
  const requests = await db.request.findMany({
    where: { id: { in: ids } },
    select: { id: true, number: true },
  });
  const numbers = new Map(requests.map((request) => [request.id, request.number]));
  return rows.map((row) => ({
    id: String(row.id),
    at: row.at.toISOString(),
    // Rows are written from `AuditEntry` values only.
    type: row.type as AuditEventType,
    actor: { id: row.actorId, name: row.actorName },
    requestId: row.requestId,
    requestNumber: row.requestId === null ? null : (numbers.get(row.requestId) ?? null),
    grantId: row.grantId,
    runId: row.runId,
    accountIds: row.accountIds,
    correlationId: row.correlationId,
    data: row.data as Record<string, unknown>,
  }));
}
