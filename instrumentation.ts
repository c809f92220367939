import { envOrExit, webEnv } from "#lib/env.ts";

/** Next calls this once when the server starts, before the first request: a bad environment ends it here. */
export function register(): void {
  envOrExit(() => webEnv());
}
