import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// Launchers also run on a system Node that does not know import.meta.dirname yet.
const here = dirname(fileURLToPath(import.meta.url));

/** The checkout. */
export const ROOT = resolve(here, "../..");
/** Everything that a run leaves behind; git-ignored. */
export const DATA = join(ROOT, ".data");
export const LOGS = join(DATA, "logs");
export const MODULES = join(ROOT, "node_modules");

/** Makes a folder of the checkout and returns it. */
export function folder(path) {
  mkdirSync(path, { recursive: true });
  return path;
}

/** A path as people type it from the checkout. */
export function shown(path) {
  return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path;
}
