/**
 * npm run worker: the worker process in production, with the environment it is given (lib/env.ts lists it). It
 * runs in this very process, so that signals reach it.
 */
if (!process.features.typescript) {
  console.error(`Node ${process.versions.node} is too old for the worker: it needs 22.18 or newer.`);
  process.exit(1);
}
await import("../lib/worker/main.ts");
