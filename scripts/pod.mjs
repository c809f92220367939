import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { runningDemo } from "./launch/demo-state.mjs";
import { nodeBinary } from "./launch/host.mjs";
import { ROOT } from "./launch/paths.mjs";

/**
 * npm run pod -- --grant <id>: plays the pod of a grant in the running demo. It takes the YAML from the grant's
 * signed address, gets a token as the kubelet would, assumes the roles with the SDK's own credential chain, uses the
 * target, and then plays three impostors. `--url <address>` takes an address copied from the grant's page instead.
 */

const [flag, value, ...rest] = process.argv.slice(2);
if (rest.length > 0 || !value || (flag !== "--grant" && flag !== "--url")) {
  fail("Usage: npm run pod -- --grant <id>, or npm run pod -- --url <address of the manifest>", 2);
}
if (flag === "--grant" && !/^[0-9a-z]{12}$/.test(value)) {
  fail("A grant's id has 12 letters and digits; its page, /access/<id>, shows it.", 2);
}

const env = runningDemo();
const url = flag === "--url" ? value : signedAddress(value);
const played = spawnSync(
  nodeBinary(),
  [join(ROOT, "lib/sandbox/pod/main.ts"), "--url", url, "--sandbox", env.worker.AWS_ENDPOINT],
  { env: env.sandbox, stdio: "inherit" },
);
process.exit(played.status ?? 1);

function signedAddress(grant) {
  const script = join(ROOT, "scripts/manifest-url.ts");
  return execFileSync(nodeBinary(), [script, "--grant", grant], { env: env.web, encoding: "utf8" }).trim();
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
