import type { AuditEventType } from "#lib/model/audit-event.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Reader } from "../types.ts";
import type { HistoryEntry, Page } from "./views.ts";

export interface HistoryFilter {
  type?: AuditEventType;
  /** In the actor's name, the grant's id, or the event's data. */
  text?: string;
  accountId?: string;
  /** Days or moments, RFC 3339; `to` is exclusive. */
  from?: string;
  to?: string;
  after?: string;
  limit?: number;
}

export async function history(
  _reader: Reader,
  _actor: Actor,
  _filter: HistoryFilter,
): Promise<Page<HistoryEntry>> {
  throw new Error("being written");
}
