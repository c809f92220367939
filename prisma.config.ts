import { defineConfig } from "prisma/config";

/** For the Prisma command line alone: the product makes its connections in lib/db, the launchers apply migrations. */
export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations", seed: "node prisma/seed.ts" },
  // `prisma generate` needs no database, and an absent variable must not stop it.
  datasource: { url: process.env.DATABASE_URL ?? "" },
});
