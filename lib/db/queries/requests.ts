import { type ApprovalVote, type Decider, tallyApprovals, wouldSatisfy } from "#lib/model/approvals.ts";
import type { Actor } from "#lib/model/person.ts";
import type { RequestState } from "#lib/model/states.ts";
import { workloadOf } from "../estate.ts";
import { deciders } from "../people.ts";
import type { Prisma, Reader } from "../types.ts";
import { requestsVisible, type Scope, scopeOf } from "../visibility.ts";
import { beyond, idPatterns, type Position, pageSize, readPosition, toPage } from "./keyset.ts";
import { personView } from "./people-views.ts";
import { containing, searchWords } from "./search-text.ts";
import { versionRequirements } from "./version-requirements.ts";
import type { Page } from "./views/common.ts";
import type { RequestRow } from "./views/request.ts";

export interface RequestFilter {
  /** `open`: in review or waiting for changes. */
  state?: RequestState | "open" | undefined;
  who?: "mine" | "awaiting-me" | undefined;
  /** In the title; `#42` or `42` is a number. */
  text?: string | undefined;
  after?: string | undefined;
  limit?: number | undefined;
}

const parts = {
  requester: true,
  versions: { select: { number: true, approvals: true, risk: true } },
  reviews: { select: { version: true, personId: true, decision: true } },
} satisfies Prisma.RequestInclude;

type Row = Prisma.RequestGetPayload<{ include: typeof parts }>;

/** Newest first. */
export async function requestList(
  reader: Reader,
  actor: Actor,
  filter: RequestFilter,
): Promise<Page<RequestRow>> {
  const scope = await scopeOf(reader.prisma, actor);
  const size = pageSize(filter.limit);
  const where = [requestsVisible(scope), ...conditions(filter, scope)];
  let position = readPosition(filter.after, idPatterns.uuid);
  if (filter.who !== "awaiting-me") {
    const rows = await readRows(reader, where, position, size + 1);
    return pageOf(await withTallies(reader, scope, rows), size);
  }
  // Whose vote is missing can't be said in SQL; open reviews are few, and the condition has narrowed them down.
  const found: Tallied[] = [];
  for (;;) {
    const rows = await readRows(reader, where, position, awaitingBatch);
    found.push(...(await withTallies(reader, scope, rows)).filter(({ view }) => view.awaitsMe));
    const last = rows.at(-1);
    if (!last || rows.length < awaitingBatch || found.length > size) return pageOf(found, size);
    position = positionOf(last);
  }
}

const awaitingBatch = 100;

interface Tallied {
  row: Row;
  view: RequestRow;
}

function pageOf(tallied: readonly Tallied[], size: number): Page<RequestRow> {
  return toPage(
    tallied,
    size,
    ({ row }) => positionOf(row),
    ({ view }) => view,
  );
}

function positionOf(row: Row): Position {
  return { at: row.createdAt, id: row.id };
}

function conditions({ state, who, text }: RequestFilter, scope: Scope): Prisma.RequestWhereInput[] {
  const list: Prisma.RequestWhereInput[] = [];
  if (state === "open") list.push({ state: { in: ["in_review", "changes_requested"] } });
  else if (state) list.push({ state });
  if (who === "mine") list.push({ requesterId: scope.personId });
  if (who === "awaiting-me") {
    list.push({ state: "in_review", requesterId: { not: scope.personId } });
    if (!scope.admin) list.push({ OR: [{ accountIds: { hasSome: scope.accountIds } }, ...scope.namespaces] });
  }
  const words = searchWords(text);
  if (words) list.push(search(words));
  return list;
}

function search(words: string): Prisma.RequestWhereInput {
  const number = /^#?(\d{1,9})$/.exec(words)?.[1];
  return number === undefined
    ? { title: containing(words) }
    : { OR: [{ number: Number(number) }, { title: containing(words) }] };
}

function readRows(
  { prisma }: Reader,
  where: Prisma.RequestWhereInput[],
  position: Position | undefined,
  take: number,
): Promise<Row[]> {
  return prisma.request.findMany({
    where: { AND: [...where, ...beyond("createdAt", position, String)] },
    include: parts,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take,
  });
}

async function withTallies(reader: Reader, scope: Scope, rows: readonly Row[]): Promise<Tallied[]> {
  const judged = rows.map((row) => ({ row, ...standingOf(row) }));
  const groups = new Set(judged.flatMap(({ requirements }) => requirements.map((one) => one.group)));
  const people = await deciders(reader.prisma, [...groups]);
  return judged.map((one) => ({ row: one.row, view: rowView(one.row, one, people, scope) }));
}

const empty = { approvals: [], risk: { level: "low", reasons: [] } };

function standingOf(row: Row) {
  return versionRequirements(row.versions.find((one) => one.number === row.currentVersion) ?? empty);
}

function rowView(
  row: Row,
  { requirements, risk }: ReturnType<typeof standingOf>,
  people: readonly Decider[],
  scope: Scope,
): RequestRow {
  const votes = row.reviews
    .filter((review) => review.version === row.currentVersion)
    .map((review) => ({
      personId: review.personId,
      decision: review.decision as ApprovalVote["decision"],
    }));
  const tally = tallyApprovals(requirements, votes, people, row.requesterId);
  const open = tally.filter((requirement) => requirement.satisfiedBy === null);
  const me = people.find((person) => person.personId === scope.personId);
  const mine = me ? wouldSatisfy(requirements, votes, me, people, row.requesterId) : [];
  const voted = votes.some((vote) => vote.personId === scope.personId);
  return {
    id: row.id,
    number: row.number,
    title: row.title,
    // A CHECK constraint holds this column to the states of lib/model.
    state: row.state as RequestState,
    requester: personView(row.requester),
    workload: workloadOf(row),
    accountIds: row.accountIds,
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    version: row.currentVersion,
    risk: risk.level,
    approvals: { satisfied: tally.length - open.length, required: tally.length },
    awaitsMe: row.state === "in_review" && !voted && mine.length > 0,
  };
}
