import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ANCHORS } from "./launch/environment.mjs";
import { checkHost } from "./launch/host.mjs";
import { installDependencies } from "./launch/install.mjs";
import { tryLock } from "./launch/lock.mjs";
import { DATA, LOGS, shown } from "./launch/paths.mjs";
import { webPort } from "./launch/ports.mjs";
import { dataFolder } from "./launch/postgres.mjs";
import { Processes } from "./launch/processes.mjs";
import { runUntilStopped } from "./launch/session.mjs";
import { startStack } from "./launch/stack.mjs";
import { LaunchError, step } from "./launch/steps.mjs";

/**
 * npm run demo: from a fresh clone to a running portal with example data, on a machine that has Node and npm and
 * nothing else. This file and what it imports run before anything is installed, on the system's own Node.
 */

const USUAL_PORT = 3000;

await runUntilStopped(async (session) => {
  checkHost();
  const reset = parseArguments(process.argv.slice(2));
  const port = await claim();
  const started = Date.now();
  console.log("\nDrawbridge demo\n");

  await step("Install dependencies", installDependencies);
  if (reset) await step("Start over", startOver);

  const processes = new Processes({
    logs: LOGS,
    onRestart: (name, why) => console.log(`  ! The ${name} stopped: ${why} It is started again.`),
    onGaveUp: session.fail,
  });
  session.onStop(
    () => processes.stop(),
    () => processes.killNow(),
  );
  const stack = await startStack(processes, {
    stateFolder: DATA,
    installation: "demo",
    port,
    databaseUrl: process.env.DATABASE_URL,
  });
  welcome(stack, Date.now() - started);
});

function parseArguments(given) {
  const unknown = given.filter((argument) => argument !== "--reset");
  if (unknown.length === 0) return given.length > 0;
  throw new LaunchError(`The demo does not know ${unknown.join(" ")}.`, {
    next: "npm run demo starts it, and npm run demo -- --reset starts over with fresh data.",
  });
}

/** One demo a checkout: it has one database and one sandbox. */
async function claim() {
  const wanted = Number(process.env.PORT) || USUAL_PORT;
  const { holder } = tryLock(join(DATA, "demo.lock"), { port: wanted });
  if (holder) {
    throw new LaunchError(`The demo is already running at http://localhost:${holder.port}`, {
      why: `process ${holder.pid} started it from this checkout.`,
      next: `open that address, or end it first: kill ${holder.pid}`,
    });
  }
  return webPort(process.env.PORT, USUAL_PORT);
}

function startOver() {
  if (process.env.DATABASE_URL) {
    throw new LaunchError("--reset does not touch a database that DATABASE_URL names.", {
      next: "empty that database yourself, remove .data/sandbox.json and start without --reset.",
    });
  }
  const kept = ["sandbox.json", "personas.json", "ports.json", ANCHORS].map((name) => join(DATA, name));
  const database = existsSync(DATA) ? [dataFolder(DATA), `${dataFolder(DATA)}.unfinished`] : [];
  for (const path of [...database, ...kept]) rmSync(path, { recursive: true, force: true });
  return "database and sandbox are empty";
}

function welcome({ url, personas }, duration) {
  console.log(`\nReady after ${Math.round(duration / 1000)} s:  ${url}\n`);
  if (personas.length > 0) console.log("Sign in with one click as");
  const width = Math.max(0, ...personas.map(({ name }) => name.length));
  for (const { name, role, description } of personas) {
    console.log(`  ${name.padEnd(width)}  ${[role, description].filter(Boolean).join(", ")}`);
  }
  console.log(`\nCtrl-C stops it; data stays in ${shown(DATA)}, logs are in ${shown(LOGS)}.`);
  console.log("npm run demo -- --reset starts over.\n");
}
