import { auditNow } from "#lib/db/audit.ts";
import type { Db, Tx } from "#lib/db/types.ts";
import type { AuditEntry } from "#lib/model/audit-event.ts";

/** What every event of one run has in common; null where there is no run. */
export interface RunHistory {
  runId: string | null;
  requestId: string | null;
  accountIds: readonly string[];
  correlationId: string;
}

/** Writes to history in the transaction of what it records, on behalf of the system, at the database's time. */
export async function record(tx: Tx, run: RunHistory, entry: AuditEntry, grantId?: string): Promise<void> {
  await auditNow(tx, entry, {
    actor: null,
    runId: run.runId,
    requestId: run.requestId,
    grantId: grantId ?? null,
    accountIds: run.accountIds,
    correlationId: run.correlationId,
  });
}

/** What queued the run gave its history an id; what the run does belongs to the same. */
export async function correlationOf(db: Db, runId: string, requestId: string | null): Promise<string> {
  const queued = await db.auditEvent.findFirst({
    // With the request's index where there is a request.
    where: { type: "run.queued", runId, ...(requestId ? { requestId } : {}) },
    select: { correlationId: true },
  });
  return queued?.correlationId ?? runId;
}
