import type { AuditEventType } from "#lib/model/audit-event.ts";

/** What happened, in order. */

export interface HistoryEntry {
  /** Decimal text: the rows' numbers don't fit a double for ever. */
  id: string;
  at: string;
  type: AuditEventType;
  actor: { id: string | null; name: string };
  requestId: string | null;
  requestNumber: number | null;
  grantId: string | null;
  runId: string | null;
  accountIds: string[];
  correlationId: string;
  data: Record<string, unknown>;
}

/** How far history is sealed, and whether it still is what was sealed. */
export interface HistoryChainView {
  /** The last seal: how many events there are up to it, and the time of its event. */
  sealed: { position: number; at: string } | null;
  /** Events without a seal, and the time of the oldest. */
  waiting: { count: number; since: string } | null;
  /** The last check of all of it. */
  check: {
    at: string;
    /** How many events held. */
    position: number;
    /** How many heads, kept outside the database, it was compared with. */
    anchors: number;
    /** What is wrong, in one sentence. */
    fault: string | null;
  } | null;
}
