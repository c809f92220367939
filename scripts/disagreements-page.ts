import { writeFileSync } from "node:fs";
import { disagreementsPage } from "../e2e/differential/page.ts";

/** Writes docs/disagreements.md: `node scripts/disagreements-page.ts`. A test fails when it is not up to date. */
writeFileSync(new URL("../docs/disagreements.md", import.meta.url), disagreementsPage());
