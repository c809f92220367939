import type { AuditEntry } from "#lib/model/audit-event.ts";
import type { Tx } from "./types.ts";

/** What an event is about, and who caused it. */
export interface AuditContext {
  /** Null: the system itself. */
  actor: { id: string; name: string } | null;
  requestId?: string | null;
  grantId?: string | null;
  runId?: string | null;
  /** The accounts it concerns: their owners see it. */
  accountIds: readonly string[];
  /** One id through everything that one act sets off. */
  correlationId: string;
  at: Date;
}

/** Writes an event of history in the transaction of what it records: when one fails, so does the other. */
export async function audit(tx: Tx, entry: AuditEntry, context: AuditContext): Promise<void> {
  await tx.auditEvent.create({
    data: {
      at: context.at,
      type: entry.type,
      actorId: context.actor?.id ?? null,
      actorName: context.actor?.name ?? "Drawbridge",
      requestId: context.requestId ?? null,
      grantId: context.grantId ?? null,
      runId: context.runId ?? null,
      accountIds: [...new Set(context.accountIds)].sort(),
      correlationId: context.correlationId,
      data: entry.data,
    },
  });
}
