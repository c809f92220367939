import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processCommand } from "./host.mjs";
import { folder } from "./paths.mjs";

/**
 * Takes a lock file that names its holder. A holder that is gone, also after kill -9 or a restart of the
 * machine, holds nothing.
 * @returns the function that lets go, or the holder's note when somebody else has it
 */
export function tryLock(path, note = {}) {
  folder(dirname(path));
  const content = JSON.stringify({ pid: process.pid, command: processCommand(process.pid), ...note });
  for (;;) {
    try {
      writeFileSync(path, content, { flag: "wx" });
      const release = () => rmSync(path, { force: true });
      process.once("exit", release);
      return { release, holder: null };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readHolder(path);
    if (holder) return { release: null, holder };
    rmSync(path, { force: true });
  }
}

/** Does the work alone among all launchers of this checkout, waiting for its turn. */
export async function withLock(path, work) {
  for (;;) {
    const { release } = tryLock(path);
    if (release) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    await sleep(250);
  }
}

function readHolder(path) {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8"));
    // Process numbers are used again: the same number with another command is somebody else.
    const command = processCommand(holder.pid);
    return command !== null && command === holder.command ? holder : null;
  } catch {
    return null;
  }
}
