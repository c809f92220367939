-- How risky a version is to approve, by the table of lib/policy/risk.ts: lists show it, and approvals follow from it.
-- What was asked for before there was such a table counts as high.
ALTER TABLE "RequestVersion" ADD COLUMN "risk" JSONB NOT NULL
  DEFAULT '{"level":"high","reasons":[{"id":"unassessed","level":"high","reason":"It was asked for before risks were assessed."}]}';
