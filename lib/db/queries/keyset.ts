import type { Page } from "./views/common.ts";

/**
 * Pages of a list that is read from the newest on. The position is the last row's time and id, so that a page costs
 * the same however deep it lies. The redundant `lte` beside the OR lets Postgres use the index on the time: measured
 * 0.8 ms against 100 ms over a million rows (stack notes, "Lists").
 */

const defaultLimit = 50;
const maxLimit = 200;

export interface Position {
  at: Date;
  id: string;
}

/** What ids look like, by table: a query with anything else would fail in the database. */
export const idPatterns = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  number: /^[1-9]\d{0,17}$/,
  grant: /^[0-9a-z]{12}$/,
  account: /^\d{12}$/,
};

/** A malformed position reads from the start: it came from an address bar. */
export function readPosition(after: string | undefined, idPattern: RegExp): Position | undefined {
  const [time, id, ...rest] = Buffer.from(after ?? "", "base64url")
    .toString("utf8")
    .split("|");
  const at = new Date(time ?? "");
  if (!id || rest.length > 0 || Number.isNaN(at.getTime()) || !idPattern.test(id)) return undefined;
  return { at, id };
}

function writePosition({ at, id }: Position): string {
  return Buffer.from(`${at.toISOString()}|${id}`).toString("base64url");
}

export function pageSize(limit: number | undefined): number {
  return Math.min(Math.max(Math.trunc(limit ?? defaultLimit) || defaultLimit, 1), maxLimit);
}

/** The condition for rows after the position, of a table that is ordered by `time` and `id`, newest first. */
export function beyond<T extends string, I>(
  time: T,
  position: Position | undefined,
  toId: (id: string) => I,
): Record<string, unknown>[] {
  if (!position) return [];
  const { at, id } = position;
  return [{ [time]: { lte: at } }, { OR: [{ [time]: { lt: at } }, { [time]: at, id: { lt: toId(id) } }] }];
}

/** Cuts one row more than the page holds, which tells that there is more. */
export function toPage<R, T>(
  rows: readonly R[],
  size: number,
  positionOf: (row: R) => Position,
  view: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    next: last !== undefined && rows.length > size ? writePosition(positionOf(last)) : null,
  };
}
