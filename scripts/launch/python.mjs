import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { testEnvironment } from "./environment.mjs";
import { findProgram } from "./host.mjs";
import { withLock } from "./lock.mjs";
import { DATA, folder } from "./paths.mjs";
import { LaunchError, lastLines } from "./steps.mjs";

/** Python environments with pinned packages, for the tests that ask programs by others. */

/** What the pinned packages need. */
const OLDEST_PYTHON = [3, 11];
/** A changed pin among what is asked for is no reason to skip: somebody has to look at it. */
const TAMPERED = /DO NOT MATCH THE HASHES|Hashes are required/;

const run = promisify(execFile);

/**
 * Makes the environment, unless an earlier run has.
 * @param name its folder's in .data
 * @param requirements file of pins with hashes
 * @returns `{ python, note }`, or `{ missing }` in words where this machine cannot have it
 */
export async function preparePython(processes, { name, requirements }) {
  const found = await findPython();
  if (found.missing) return found;
  const home = join(folder(join(DATA, name)), environmentName(found.version, requirements));
  const python = join(home, "bin", "python");
  const complete = join(home, "complete");
  return withLock(join(DATA, `${name}.lock`), async () => {
    if (existsSync(complete)) return { python, note: "up to date" };
    rmSync(home, { recursive: true, force: true });
    try {
      await install(processes, { name, requirements, command: found.command, home, python });
    } catch (error) {
      if (!(error instanceof LaunchError) || TAMPERED.test(lastLines(error.log, 60))) throw error;
      const why = lastLines(error.log, 30).match(/ERROR: (.*)/)?.[1] ?? error.why;
      return { missing: `${error.message} ${why}` };
    }
    writeFileSync(complete, "");
    return { python, note: "installed" };
  });
}

async function findPython() {
  const command = findProgram("python3", "python");
  if (!command) return { missing: "there is no Python in PATH." };
  // A shim, as version managers put into PATH, may lead nowhere.
  const asked = "import sys, venv; print('%d.%d.%d' % sys.version_info[:3])";
  try {
    const { stdout } = await run(command, ["-c", asked], { env: testEnvironment() });
    const version = stdout.trim();
    const [major, minor] = version.split(".").map(Number);
    if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1])) {
      return { missing: `Python ${version} is older than ${OLDEST_PYTHON.join(".")}.` };
    }
    return { command, version };
  } catch (error) {
    const why = String(error.stderr || error.message).trim();
    return { missing: `${command} does not run, or has no venv: ${why.split("\n").at(-1)}` };
  }
}

/** The environment of other pins, or of another Python, is another one. */
function environmentName(version, requirements) {
  const pins = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  return `python-${version}-${pins}`;
}

async function install(processes, { name, requirements, command, home, python }) {
  const env = testEnvironment();
  const step = (part, program, args, what) =>
    processes.run(`${name}-${part}`, { command: program, args, env, what });
  // The system's pip, where there is one, spares the environment one of its own, which takes half a minute.
  const shared = await run(command, ["-m", "pip", "--version"], { env }).then(
    () => true,
    () => false,
  );
  const bare = shared ? ["--without-pip"] : [];
  await step("venv", command, ["-m", "venv", ...bare, home], "The virtual environment was not made.");
  const pip = shared ? [command, ["-m", "pip", "--python", python]] : [python, ["-m", "pip"]];
  const wanted = ["install", "--require-hashes", "--no-deps", "--no-compile", "--requirement", requirements];
  await step("install", pip[0], [...pip[1], ...wanted], "The Python packages were not installed.");
}
