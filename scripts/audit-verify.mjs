import { verifyHistory } from "../lib/db/audit-chain.ts";
import { createDatabase } from "../lib/db/client.ts";
import { describeFault, faultNextStep } from "../lib/model/audit-fault.ts";
import { readAnchors } from "../lib/worker/anchors.ts";

/**
 * npm run audit:verify: checks every event of history in the database that DATABASE_URL names against its seal, and
 * against the heads in AUDIT_ANCHOR_FILE or in the files named behind `--`. Reads only. Exit code 1: it is broken.
 */

const url = process.env.DATABASE_URL;
if (!url) {
  console.error(
    "DATABASE_URL is missing. It is the Postgres database to check, as postgresql://user:password@host/name.",
  );
  process.exit(2);
}
const given = process.argv.slice(2);
const files = given.length > 0 ? given : [process.env.AUDIT_ANCHOR_FILE].filter(Boolean);
const database = createDatabase(url, { maxConnections: 1 });
try {
  const anchors = (await Promise.all(files.map(readAnchors))).flat();
  const started = performance.now();
  const { head, fault, unsealed, unsealedSince } = await verifyHistory(database.prisma, anchors);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${head.position} events hold, up to ${head.hash}; ${anchors.length} heads compared; ${seconds} s`,
  );
  if (unsealed > 0) console.log(`${unsealed} not sealed yet, since ${unsealedSince.toISOString()}`);
  if (anchors.length === 0)
    console.log("Without heads from outside the database nobody notices that its end was cut off.");
  console.log(fault ? `BROKEN: ${describeFault(fault)}\n${faultNextStep}` : "intact");
  process.exitCode = fault ? 1 : 0;
} catch (error) {
  console.error(error);
  process.exitCode = 2;
} finally {
  await database.close();
}
