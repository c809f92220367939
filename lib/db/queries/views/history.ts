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
