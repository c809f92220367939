-- A request may renew or change a live grant instead of asking for new ones.
ALTER TABLE "Request" ADD COLUMN "grantId" TEXT, ADD COLUMN "baseRequestId" UUID;
ALTER TABLE "Grant" ADD COLUMN "changeRunId" UUID;

CREATE INDEX "Request_grantId_idx" ON "Request"("grantId");

ALTER TABLE "Request" ADD CONSTRAINT "Request_grantId_fkey" FOREIGN KEY ("grantId") REFERENCES "Grant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Request" ADD CONSTRAINT "Request_baseRequestId_fkey" FOREIGN KEY ("baseRequestId") REFERENCES "Request"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_changeRunId_fkey" FOREIGN KEY ("changeRunId") REFERENCES "Run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What Prisma's schema can't say.

ALTER TABLE "Request" ADD CONSTRAINT "Request_kind_check" CHECK ("kind" IN ('create', 'renew', 'change'));
-- A change says of what, and from where; nothing else does.
ALTER TABLE "Request" ADD CONSTRAINT "Request_change_check" CHECK (
  ("kind" = 'create') = ("grantId" IS NULL) AND ("grantId" IS NULL) = ("baseRequestId" IS NULL)
);
-- One open change a grant: the last guard against two simultaneous submissions.
CREATE UNIQUE INDEX "Request_open_change_key" ON "Request" ("grantId")
WHERE "grantId" IS NOT NULL AND "state" IN ('in_review', 'changes_requested');
