-- What is in AWS beside what was approved: looked at again and again while a grant is active.
ALTER TABLE "Grant" ADD COLUMN "driftCheckedAt" TIMESTAMPTZ(3), ADD COLUMN "drift" JSONB;
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_drift_check" CHECK ("drift" IS NULL OR coalesce("drift"->>'verdict', '') IN ('drifted', 'unknown'));
-- Which workload to look at next.
CREATE INDEX "Grant_drift_due_idx" ON "Grant" ("driftCheckedAt") WHERE "state" = 'active' AND "wanted";
