import { readFileSync, statfsSync } from "node:fs";
import { shown } from "./paths.mjs";

/**
 * Something a person can act on: what failed, why as far as it is known, what to do next, and the log that
 * holds the rest.
 */
export class LaunchError extends Error {
  constructor(what, { why, next, log, cause } = {}) {
    super(what, { cause });
    this.why = why;
    this.next = next;
    this.log = log;
  }
}

const terminal = Boolean(process.stdout.isTTY);
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`.padStart(8);

/**
 * Runs one step and shows it with its duration. The work may return a word about what it found, such as
 * "up to date"; an object with a `note` shows the note.
 */
export async function step(title, work) {
  const started = Date.now();
  // A log file gets one line a step; a step that takes long also says that it has begun.
  const notice = setTimeout(() => !terminal && console.log(`  … ${title}`), 3_000);
  if (terminal) process.stdout.write(`  … ${title}`);
  const line = (mark, note) =>
    `${terminal ? "\r\u001b[K" : ""}  ${mark} ${title.padEnd(34)}${seconds(Date.now() - started)}  ${note}`.trimEnd();
  try {
    const result = await work();
    const note = typeof result === "string" ? result : (result?.note ?? "");
    console.log(line("✓", note));
    return result;
  } catch (error) {
    console.log(line("✗", ""));
    throw error;
  } finally {
    clearTimeout(notice);
  }
}

/** Prints an error as what, why, next step and log. */
export function report(error) {
  const known = error instanceof LaunchError ? error : explain(error);
  const tail = known.log ? lastLines(known.log, 12) : "";
  const full = isDiskFull(error) || /ENOSPC|No space left on device/i.test(tail);
  console.error(`\n✗ ${known.message}`);
  if (full) console.error("  Why:  the disk is full.");
  else if (known.why) console.error(`  Why:  ${known.why}`);
  if (tail) console.error(`  Log:  ${shown(known.log)}, which ends with\n${indent(tail)}`);
  if (full)
    console.error("  Next: free some space (about 3 GB for a first start) and run the same command again.");
  else if (known.next) console.error(`  Next: ${known.next}`);
}

/** Refuses early when a folder's disk cannot hold what is about to be written. */
export function requireSpace(path, megabytes, what) {
  let free;
  try {
    const { bavail, bsize } = statfsSync(path);
    free = Math.floor((bavail * bsize) / 2 ** 20);
  } catch {
    return; // Not every file system tells.
  }
  if (free >= megabytes) return;
  throw new LaunchError(`There is not enough disk space for ${what}.`, {
    why: `it needs about ${megabytes} MB and ${free} MB are free on the disk of ${path}.`,
    next: "free some space and run the same command again.",
  });
}

/** The end of a log, or nothing when there is none. */
export function lastLines(path, count) {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-count).join("\n");
  } catch {
    return "";
  }
}

function isDiskFull(error) {
  return Boolean(error) && (error.code === "ENOSPC" || isDiskFull(error.cause));
}

function explain(error) {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new LaunchError("Something unexpected went wrong.", { why });
}

function indent(text) {
  return text.replace(/^/gm, "        ");
}
