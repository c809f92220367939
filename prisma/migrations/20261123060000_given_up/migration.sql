-- A revocation that can't come to its end is given up: when, why, and what may be left in AWS.
ALTER TABLE "Grant" ADD COLUMN "givenUpAt" TIMESTAMPTZ(3), ADD COLUMN "giveUpReason" TEXT, ADD COLUMN "leftBehind" JSONB;
ALTER TABLE "Grant" DROP CONSTRAINT "Grant_state_check";
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_state_check" CHECK ("state" IN ('pending', 'provisioning', 'active', 'revoking', 'revoked', 'failed', 'given_up'));
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_given_up_check" CHECK ("state" <> 'given_up'
  OR (NOT "wanted" AND "givenUpAt" IS NOT NULL AND "giveUpReason" IS NOT NULL AND "leftBehind" IS NOT NULL));

-- It stands in nobody's way any more, also while it is revoked once more.
DROP INDEX "Grant_live_key";
CREATE UNIQUE INDEX "Grant_live_key" ON "Grant" (
  "clusterAccountId", "clusterRegion", "clusterName", "namespace", "serviceAccount",
  "targetArn", "level", (coalesce("spec"->>'subResource', '')), (md5(coalesce("spec"->>'custom', '')))
) WHERE "state" <> 'revoked' AND "givenUpAt" IS NULL;
