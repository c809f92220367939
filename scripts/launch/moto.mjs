import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { testEnvironment } from "./environment.mjs";
import { findProgram } from "./host.mjs";
import { withLock } from "./lock.mjs";
import { DATA, folder, ROOT } from "./paths.mjs";
import { freePort } from "./ports.mjs";
import { LaunchError, lastLines } from "./steps.mjs";

/** moto, an AWS emulator by others, in a Python environment of its own; see docs/moto.md. */

const HERE = join(ROOT, "scripts/moto");
const REQUIREMENTS = join(HERE, "requirements.txt");
/** What the pinned packages need. */
const OLDEST_PYTHON = [3, 11];
/** A changed pin among what is asked for is no reason to skip: somebody has to look at it. */
const TAMPERED = /DO NOT MATCH THE HASHES|Hashes are required/;

/** pip is spared compiling it all, so what is used must be kept when it is first compiled. */
const keepsBytecode = { PYTHONDONTWRITEBYTECODE: "" };

const run = promisify(execFile);

/**
 * Makes the environment, unless an earlier run has.
 * @returns `{ python, note }`, or `{ missing }` in words where this machine cannot have it
 */
export async function prepareMoto(processes) {
  const found = await findPython();
  if (found.missing) return found;
  const home = join(folder(join(DATA, "moto")), environmentName(found.version));
  const python = join(home, "bin", "python");
  const complete = join(home, "complete");
  return withLock(join(DATA, "moto.lock"), async () => {
    if (existsSync(complete)) return { python, note: "up to date" };
    rmSync(home, { recursive: true, force: true });
    try {
      await install(processes, found.command, home, python);
    } catch (error) {
      if (!(error instanceof LaunchError) || TAMPERED.test(lastLines(error.log, 60))) throw error;
      const why = lastLines(error.log, 30).match(/ERROR: (.*)/)?.[1] ?? error.why;
      return { missing: `${error.message} ${why}` };
    }
    writeFileSync(complete, "");
    return { python, note: "installed" };
  });
}

/**
 * Starts a server on a free port.
 * @param name the service's and its log's
 * @returns its address
 */
export async function startMoto(processes, python, name) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await processes.service(name, {
    command: python,
    args: [join(HERE, "serve.py"), "--port", String(port)],
    env: testEnvironment(keepsBytecode),
    ready: { probe: async () => (await fetch(`${url}/moto-api/data.json`)).ok },
  });
  return url;
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
function environmentName(version) {
  const pins = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  return `python-${version}-${pins}`;
}

async function install(processes, command, home, python) {
  const env = testEnvironment();
  const step = (name, program, args, what) => processes.run(name, { command: program, args, env, what });
  // The system's pip, where there is one, spares the environment one of its own, which takes half a minute.
  const shared = await run(command, ["-m", "pip", "--version"], { env }).then(
    () => true,
    () => false,
  );
  const bare = shared ? ["--without-pip"] : [];
  await step("moto-venv", command, ["-m", "venv", ...bare, home], "The virtual environment was not made.");
  const pip = shared ? [command, ["-m", "pip", "--python", python]] : [python, ["-m", "pip"]];
  const wanted = ["install", "--require-hashes", "--no-deps", "--no-compile", "--requirement", REQUIREMENTS];
  await step("moto-install", pip[0], [...pip[1], ...wanted], "moto was not installed.");
}
