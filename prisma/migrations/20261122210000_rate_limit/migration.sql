-- The counts of lib/auth/rate-limit.ts, as its library would make the table: so that the web's role need not make any.
CREATE TABLE IF NOT EXISTS "rate_limit" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    PRIMARY KEY ("key")
);
