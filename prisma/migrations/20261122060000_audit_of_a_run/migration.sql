-- A run finds the events of its own correlation.
CREATE INDEX "AuditEvent_runId_idx" ON "AuditEvent"("runId");
