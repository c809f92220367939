-- A decision and what it was about are never changed or deleted, as history is not.
CREATE TRIGGER "Review_append_only" BEFORE UPDATE OR DELETE ON "Review" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "Review_no_truncate" BEFORE TRUNCATE ON "Review" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "RequestVersion_kept" BEFORE DELETE ON "RequestVersion" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "RequestVersion_no_truncate" BEFORE TRUNCATE ON "RequestVersion" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Nor is a version moved to another request or place.
CREATE TRIGGER "RequestVersion_in_place" BEFORE UPDATE OF "requestId", "number" ON "RequestVersion" FOR EACH ROW
  WHEN ((NEW."requestId", NEW."number") IS DISTINCT FROM (OLD."requestId", OLD."number"))
  EXECUTE FUNCTION refuse_change();
