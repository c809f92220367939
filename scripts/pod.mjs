import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environments, secrets } from "./launch/environment.mjs";
import { nodeBinary } from "./launch/host.mjs";
import { DATA, ROOT } from "./launch/paths.mjs";

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

const demo = readState("demo.lock");
const ports = readState("ports.json");
if (!demo?.port || !ports?.sandbox) fail("The demo is not running. Start it first: npm run demo");

const env = environments({
  installation: "demo",
  port: demo.port,
  sandboxPort: ports.sandbox,
  databaseUrl: "postgres://unused@127.0.0.1/unused",
  secrets: secrets(DATA),
  stateFolder: DATA,
});
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

function readState(name) {
  try {
    return JSON.parse(readFileSync(join(DATA, name), "utf8"));
  } catch {
    return null;
  }
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
