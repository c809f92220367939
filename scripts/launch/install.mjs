import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemPath } from "./host.mjs";
import { withLock } from "./lock.mjs";
import { DATA, folder, LOGS, MODULES, ROOT } from "./paths.mjs";
import { LaunchError, requireSpace } from "./steps.mjs";

const MARKER = join(MODULES, ".drawbridge-install");
const INSTALLED_MB = 2_500;

/** Installs exactly what the lock file says, unless that has been done. */
export async function installDependencies() {
  if (isCurrent()) return "up to date";
  return withLock(join(DATA, "install.lock"), async () => {
    if (isCurrent()) return "up to date";
    requireSpace(ROOT, INSTALLED_MB, "the dependencies");
    await npmCi();
    writeFileSync(MARKER, lockHash());
    return "installed";
  });
}

function isCurrent() {
  const hash = lockHash();
  if (read(MARKER) === hash) return true;
  if (!installedByHand()) return false;
  writeFileSync(MARKER, hash);
  return true;
}

/**
 * `npm install` and `npm ci` end by writing what they installed to a lock file of its own: a person who ran one
 * of them need not wait for a second one.
 */
function installedByHand() {
  const installed = parse(read(join(MODULES, ".package-lock.json")));
  const wanted = parse(read(join(ROOT, "package-lock.json")));
  if (!installed || !wanted) return false;
  const paths = new Set([...Object.keys(installed), ...Object.keys(wanted)]);
  paths.delete("");
  return [...paths].every((path) => {
    const [have, want] = [installed[path], wanted[path]];
    // Packages of other platforms are in the lock file and never on the disk.
    if (want && !have) return want.optional === true || want.devOptional === true || want.link === true;
    return want?.version === have?.version && want?.integrity === have?.integrity;
  });
}

function parse(text) {
  try {
    return JSON.parse(text ?? "").packages;
  } catch {
    return null;
  }
}

function npmCi() {
  const log = join(folder(LOGS), "install.log");
  const output = openSync(log, "w");
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: systemPath() };
    // Settings of the `npm run` around this would be taken for this one's, the folder among them.
    for (const name of Object.keys(env)) {
      if (/^npm_(config_(local_)?prefix|lifecycle|package|command|execpath|node_execpath)/.test(name))
        delete env[name];
    }
    const npm = spawn("npm", ["ci", "--no-audit", "--no-fund", "--include=dev", "--include=optional"], {
      cwd: ROOT,
      env,
      stdio: ["ignore", output, output],
    });
    const stop = () => npm.kill("SIGTERM");
    process.once("exit", stop);
    const fail = (why) =>
      reject(
        new LaunchError("The dependencies could not be installed.", {
          why,
          next: "check the network and npm's registry setting (npm config get registry), then run the same command again.",
          log,
        }),
      );
    npm.once("error", (error) =>
      fail(error.code === "ENOENT" ? "npm is not in PATH; it comes with Node." : error.message),
    );
    npm.once("exit", (code, signal) => {
      closeSync(output);
      process.off("exit", stop);
      if (code === 0 && existsSync(MODULES)) resolve();
      else fail(`npm ci ended with ${signal ?? `exit code ${code}`}.`);
    });
  });
}

function lockHash() {
  return createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .update(`${process.platform}-${process.arch}`)
    .digest("hex");
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
