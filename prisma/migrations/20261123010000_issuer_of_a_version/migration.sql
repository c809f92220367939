-- The cluster that an approval is about is told from another of its name by its issuer. Part of the digest from now on;
-- null in what was asked for before, whose digest goes without it.
ALTER TABLE "RequestVersion" ADD COLUMN "issuer" TEXT;
