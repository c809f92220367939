-- History is sealed after it was written: one row for each event, whose hash covers the event and the hash before it
-- (lib/model/audit-chain.ts). Seals lie beside the events, so that an event is never written again. No foreign key: it
-- would lock and mark every event once more, and that an event is gone is what a check is there to say.
CREATE TABLE "AuditSeal" (
    "position" BIGINT NOT NULL,
    "eventId" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "AuditSeal_pkey" PRIMARY KEY ("position"),
    CONSTRAINT "AuditSeal_position_check" CHECK ("position" > 0),
    CONSTRAINT "AuditSeal_hash_check" CHECK ("hash" ~ '^[0-9a-f]{64}$')
);
CREATE UNIQUE INDEX "AuditSeal_eventId_key" ON "AuditSeal"("eventId");

-- What each check of the whole chain found.
CREATE TABLE "AuditCheck" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "position" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "anchors" INTEGER NOT NULL,
    "unsealed" INTEGER NOT NULL,
    "unsealedSince" TIMESTAMPTZ(3),
    "durationMs" INTEGER NOT NULL,
    "fault" JSONB,

    CONSTRAINT "AuditCheck_pkey" PRIMARY KEY ("id")
);

CREATE TRIGGER "AuditSeal_append_only" BEFORE UPDATE OR DELETE ON "AuditSeal" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "AuditSeal_no_truncate" BEFORE TRUNCATE ON "AuditSeal" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "AuditCheck_append_only" BEFORE UPDATE OR DELETE ON "AuditCheck" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "AuditCheck_no_truncate" BEFORE TRUNCATE ON "AuditCheck" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Also for a session that plays a replica, whose ordinary triggers stay silent.
ALTER TABLE "AuditEvent" ENABLE ALWAYS TRIGGER "AuditEvent_append_only";
ALTER TABLE "AuditEvent" ENABLE ALWAYS TRIGGER "AuditEvent_no_truncate";
ALTER TABLE "AuditSeal" ENABLE ALWAYS TRIGGER "AuditSeal_append_only";
ALTER TABLE "AuditSeal" ENABLE ALWAYS TRIGGER "AuditSeal_no_truncate";
ALTER TABLE "AuditCheck" ENABLE ALWAYS TRIGGER "AuditCheck_append_only";
ALTER TABLE "AuditCheck" ENABLE ALWAYS TRIGGER "AuditCheck_no_truncate";
