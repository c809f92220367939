import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testEnvironment } from "./environment.mjs";
import { findProgram, systemPath } from "./host.mjs";
import { withLock } from "./lock.mjs";
import { DATA, folder, ROOT } from "./paths.mjs";
import { preparePython } from "./python.mjs";
import { LaunchError, lastLines } from "./steps.mjs";

/** What the product's decisions and findings are compared with, in folders of their own; see docs/disagreements.md. */

const HERE = join(ROOT, "scripts/differential");

/**
 * parliament, in a Python environment.
 * @returns as `preparePython`
 */
export function prepareParliament(processes) {
  return preparePython(processes, { name: "parliament", requirements: join(HERE, "requirements.txt") });
}

/**
 * iam-simulate, installed by its own lock file and never among the product's packages.
 * @returns `{ home, note }`, or `{ missing }` in words where it can't be had
 */
export function prepareSimulator(processes) {
  const manifest = join(HERE, "simulator");
  const lock = readFileSync(join(manifest, "package-lock.json"));
  const version = createHash("sha256").update(lock).digest("hex").slice(0, 12);
  const home = join(DATA, "simulator", version);
  const complete = join(home, "complete");
  return withLock(join(DATA, "simulator.lock"), async () => {
    if (existsSync(complete)) return { home, note: "up to date" };
    rmSync(home, { recursive: true, force: true });
    cpSync(manifest, folder(home), { recursive: true });
    try {
      await processes.run("simulator-install", {
        command: findProgram("npm") ?? "npm",
        args: ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"],
        cwd: home,
        env: testEnvironment({ PATH: systemPath(), ...registry() }),
        what: "iam-simulate was not installed.",
      });
    } catch (error) {
      // Other contents under the same version are no reason to skip: somebody has to look at it.
      if (!(error instanceof LaunchError) || /EINTEGRITY/.test(lastLines(error.log, 60))) throw error;
      return { missing: `${error.message} ${error.why}` };
    }
    writeFileSync(complete, "");
    return { home, note: "installed" };
  });
}

/** Where npm is told by a variable from where to install. */
function registry() {
  const { npm_config_registry: url } = process.env;
  return url ? { npm_config_registry: url } : {};
}
