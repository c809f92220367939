import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { MODULES } from "./paths.mjs";
import { LaunchError } from "./steps.mjs";

/** What the launchers need to know about the machine they run on. */

const OLDEST_LAUNCHER = [20, 19];
/** From here on Node runs TypeScript files as they are. */
const OLDEST_RUNTIME = [22, 18];

/** Refuses machines on which nothing here would work, before anything is written. */
export function checkHost() {
  if (process.platform === "win32") {
    throw new LaunchError("Windows is not supported by the launchers.", {
      next: "use the Windows Subsystem for Linux and run the same command there.",
    });
  }
  if (!atLeast(process.versions.node, OLDEST_LAUNCHER)) {
    throw new LaunchError(`Node ${process.versions.node} is too old.`, {
      next: `install Node ${OLDEST_LAUNCHER.join(".")} or newer from https://nodejs.org and run the same command again.`,
    });
  }
}

/** The Node that runs the product: the one npm brought where there is one, else the system's. */
export function nodeBinary() {
  const carried = join(MODULES, ".bin", "node");
  if (existsSync(carried)) return carried;
  if (atLeast(process.versions.node, OLDEST_RUNTIME)) return process.execPath;
  throw new LaunchError(`Node ${process.versions.node} cannot run Drawbridge on this platform.`, {
    why: `npm carries a newer Node for Linux on x64 only, and this is ${process.platform} on ${process.arch}.`,
    next: `install Node ${OLDEST_RUNTIME.join(".")} or newer (24 is what it is tested with) and run the same command again.`,
  });
}

/** PATH for the project's own tools: they come first, and so does the Node that npm brought. */
export function toolPath() {
  return [join(MODULES, ".bin"), systemPath()].join(delimiter);
}

/** PATH without any node_modules, which `npm run` puts there: npm must not run on a Node that it replaces. */
export function systemPath() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !/node_modules[\\/]\.bin$|node-gyp-bin$/.test(folder)).join(delimiter);
}

/** The first of these programs that PATH has. */
export function findProgram(...names) {
  for (const name of names) {
    for (const folder of systemPath().split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  return null;
}

/** The command line of a living process, or null. */
export function processCommand(pid) {
  if (!Number.isInteger(pid) || pid < 1) return null;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || null;
  } catch {
    if (existsSync("/proc/self/cmdline")) return null;
  }
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    return null;
  }
}

function atLeast(version, [major, minor]) {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}
