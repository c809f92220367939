import { join } from "node:path";
import { migrate } from "../lib/db/migrate.ts";
import { ROOT } from "./launch/paths.mjs";

/** npm run migrate: brings the database that DATABASE_URL names up to date. */

const url = process.env.DATABASE_URL;
if (!url) {
  console.error(
    "DATABASE_URL is missing. It is the Postgres database to migrate, as postgresql://user:password@host/name.",
  );
  process.exit(1);
}
try {
  const applied = await migrate(url, join(ROOT, "prisma/migrations"));
  for (const name of applied) console.log(`applied ${name}`);
  console.log(applied.length === 0 ? "up to date" : `${applied.length} applied`);
} catch (error) {
  console.error(error);
  process.exit(1);
}
