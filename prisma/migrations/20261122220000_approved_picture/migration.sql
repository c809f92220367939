-- What the last approver saw: kept as it was, since plan and proof of an approved request would else be made anew from
-- what is in AWS by then. JSON and not JSONB: documents are shown in the order in which they were written.
CREATE TABLE "ApprovedPicture" (
    "requestId" UUID NOT NULL,
    "steps" JSON NOT NULL,
    "proof" JSON NOT NULL,
    "snapshotAt" TIMESTAMPTZ(3),
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ApprovedPicture_pkey" PRIMARY KEY ("requestId")
);

ALTER TABLE "ApprovedPicture" ADD CONSTRAINT "ApprovedPicture_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TRIGGER "ApprovedPicture_append_only" BEFORE UPDATE OR DELETE ON "ApprovedPicture" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "ApprovedPicture_no_truncate" BEFORE TRUNCATE ON "ApprovedPicture" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
