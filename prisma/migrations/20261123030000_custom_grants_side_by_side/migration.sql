-- One live grant for the same access of a service account, as `sameAccess` of lib/model compares it: two custom ones
-- differ when anything in their lists does. jsonb has one text for each value, with the keys in an order of its own;
-- a hash of it, since an entry of an index has no room for the text.
DROP INDEX "Grant_live_key";
CREATE UNIQUE INDEX "Grant_live_key" ON "Grant" (
  "clusterAccountId", "clusterRegion", "clusterName", "namespace", "serviceAccount",
  "targetArn", "level", (coalesce("spec"->>'subResource', '')), (md5(coalesce("spec"->>'custom', '')))
) WHERE "state" <> 'revoked';
