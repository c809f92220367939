import { writeFileSync } from "node:fs";
import { findingsPage } from "../lib/policy/findings/documentation.ts";

/** Writes docs/findings.md: `node scripts/findings-page.ts`. A test fails when it is not up to date. */
writeFileSync(new URL("../docs/findings.md", import.meta.url), findingsPage());
