import { isMainThread } from "node:worker_threads";

/**
 * Loaded first in every process that a launcher starts. When the launcher is gone, however it ended, the
 * channel to it closes: the process then stops as if it had been asked to.
 */
const STOP_WITHIN_MS = 8_000;

// Meant for this process alone: its children have channels of their own, which keep them alive.
process.execArgv = process.execArgv.filter((argument, at, all) => {
  const isThis = (value) => value === import.meta.url;
  return !isThis(argument) && !(argument === "--import" && isThis(all[at + 1]));
});

if (isMainThread && process.channel) {
  process.once("disconnect", () => {
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    process.kill(process.pid, "SIGTERM");
  });
  // Listening must not keep alive a process that has nothing else to do.
  process.channel.unref();
}
