import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environments, secrets } from "./environment.mjs";
import { DATA } from "./paths.mjs";

/** The environments of the demo that runs on this machine; ends the process with a message where none does. */
export function runningDemo() {
  const demo = readState("demo.lock");
  const ports = readState("ports.json");
  if (!demo?.port || !ports?.sandbox) {
    console.error("The demo is not running. Start it first: npm run demo");
    process.exit(1);
  }
  return environments({
    installation: "demo",
    port: demo.port,
    sandboxPort: ports.sandbox,
    databaseUrl: "postgres://unused@127.0.0.1/unused",
    secrets: secrets(DATA),
    stateFolder: DATA,
  });
}

function readState(name) {
  try {
    return JSON.parse(readFileSync(join(DATA, name), "utf8"));
  } catch {
    return null;
  }
}
