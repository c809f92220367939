-- What the inventory knew of a version's targets: its digest is made anew from it where some of its accesses are gone by
-- now. Null in what was asked for before, which goes by what the inventory knows today.
ALTER TABLE "RequestVersion" ADD COLUMN "targets" JSONB;

CREATE TRIGGER "RequestVersion_targets_kept" BEFORE UPDATE OF "targets" ON "RequestVersion" FOR EACH ROW
  WHEN (NEW."targets" IS DISTINCT FROM OLD."targets")
  EXECUTE FUNCTION refuse_change();
