import { execFileSync, spawnSync } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { testEnvironment } from "./environment.mjs";
import { findProgram, nodeBinary, systemPath } from "./host.mjs";
import { folder, LOGS, MODULES, ROOT } from "./paths.mjs";
import { LaunchError } from "./steps.mjs";

const INSTALL_WITHIN_MS = 10 * 60_000;

/**
 * Finds a Chromium that starts on this machine, or gets one: Playwright's own, the system's, a download, the
 * distribution's package.
 * @returns its path, which is empty for Playwright's own, and a note for people
 */
export function findBrowser() {
  const log = join(folder(LOGS), "browser.log");
  const output = openSync(log, "w");
  const tries = (path) =>
    spawnSync(nodeBinary(), [join(ROOT, "scripts/launch/try-browser.mjs"), path ?? ""], {
      env: testEnvironment(),
      stdio: ["ignore", output, output],
      timeout: 60_000,
    }).status === 0;
  const system = () => {
    const path = findProgram(
      "chromium-headless-shell",
      "chromium",
      "chromium-browser",
      "google-chrome",
      "google-chrome-stable",
    );
    return path && tries(path) ? { path, note: path } : null;
  };
  const own = () => (tries() ? { path: "", note: "Playwright's own" } : null);

  const found = own() ?? system();
  if (found) return found;
  const isRoot = process.getuid?.() === 0;
  const download = [
    join(MODULES, "@playwright/test/cli.js"),
    "install",
    ...(isRoot ? ["--with-deps"] : []),
    "chromium",
  ];
  for (const install of [
    () => run(nodeBinary(), download, output),
    () => isRoot && isDebian() && aptInstall(output),
  ]) {
    install();
    const installed = own() ?? system();
    if (installed) return installed;
  }
  throw new LaunchError("The browser tests need Chromium, and none could be found or installed.", {
    next: "install chromium with the system's package manager, or run: sudo npx playwright install --with-deps chromium",
    log,
  });
}

function aptInstall(output) {
  run("apt-get", ["update"], output);
  run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], output);
}

function run(command, args, output) {
  try {
    execFileSync(command, args, {
      env: testEnvironment({ PATH: systemPath(), DEBIAN_FRONTEND: "noninteractive" }),
      stdio: ["ignore", output, output],
      timeout: INSTALL_WITHIN_MS,
    });
  } catch {
    // The next way is tried; the log tells.
  }
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}
