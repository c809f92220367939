-- Every step asks what others have lately done to its resource. A provider has a row in each run of its cluster, and
-- nearly all of them did nothing: only those that set out to are asked for.
CREATE INDEX "Step_begun_key_idx" ON "Step"("key" text_pattern_ops) WHERE "startedAt" IS NOT NULL;
DROP INDEX "Step_key_idx";
