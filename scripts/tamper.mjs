import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runningDemo } from "./launch/demo-state.mjs";
import { nodeBinary } from "./launch/host.mjs";
import { ROOT } from "./launch/paths.mjs";

/**
 * npm run tamper -- --grant <id> [--how trust|permissions|target]: plays, in the running demo, somebody who changes by
 * the console of an account what Drawbridge has made, so that a drift can be seen and repaired.
 */

const env = runningDemo();
const played = spawnSync(
  nodeBinary(),
  [join(ROOT, "lib/sandbox/tamper/main.ts"), "--sandbox", env.worker.AWS_ENDPOINT, ...process.argv.slice(2)],
  { env: env.sandbox, stdio: "inherit" },
);
process.exit(played.status ?? 1);
