import { pathToFileURL } from "node:url";
import { builtServer } from "./launch/build.mjs";
import { report } from "./launch/steps.mjs";

/**
 * npm start: the web process in production, with the environment it is given (lib/env.ts lists it). The server
 * runs in this very process, so that signals reach it.
 */
try {
  await import(pathToFileURL(builtServer()).href);
} catch (error) {
  report(error);
  process.exit(1);
}
