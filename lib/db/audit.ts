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
  await tx.auditEvent.create({ data: { at: context.at, ...rowOf(entry, context) } });
}

/** The same at the database's time, in one round trip. */
export async function auditNow(tx: Tx, entry: AuditEntry, context: Omit<AuditContext, "at">): Promise<void> {
  const row = rowOf(entry, context);
  await tx.$executeRaw`
    INSERT INTO "AuditEvent"
      ("at", "type", "actorId", "actorName", "requestId", "grantId", "runId", "accountIds", "correlationId", "data")
    VALUES (clock_timestamp(), ${row.type}, ${row.actorId}::uuid, ${row.actorName}, ${row.requestId}::uuid,
      ${row.grantId}, ${row.runId}::uuid, ${row.accountIds}, ${row.correlationId}, ${JSON.stringify(row.data)}::jsonb)`;
}

function rowOf(entry: AuditEntry, context: Omit<AuditContext, "at">) {
  return {
    type: entry.type,
    actorId: context.actor?.id ?? null,
    actorName: context.actor?.name ?? "Drawbridge",
    requestId: context.requestId ?? null,
    grantId: context.grantId ?? null,
    runId: context.runId ?? null,
    accountIds: [...new Set(context.accountIds)].sort(),
    correlationId: context.correlationId,
    data: entry.data,
  };
}
