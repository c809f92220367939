-- Each step on a shared policy asks which others wrote it a moment ago: by the beginning of their keys, whatever the
-- database's collation.
CREATE INDEX "Step_key_idx" ON "Step"("key" text_pattern_ops);
