import { sandboxEnv } from "#lib/env.ts";
import { startSandbox } from "./server.ts";
import { StateFile } from "./state-file.ts";

/**
 * The sandbox as a process: `SANDBOX_PORT` (0: any) and `SANDBOX_STATE_FILE` (none: nothing is kept).
 * Prints one line, `{"ready":true,"port":N}`, once it listens.
 */
const env = sandboxEnv();
const file = env.SANDBOX_STATE_FILE === undefined ? undefined : new StateFile(env.SANDBOX_STATE_FILE);
const state = await file?.read();
const sandbox = await startSandbox({
  port: env.SANDBOX_PORT,
  ...(state && { state }),
  ...(file && { onChange: (latest) => file.save(latest) }),
});
console.log(JSON.stringify({ ready: true, port: sandbox.port }));

let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    await sandbox.close();
    await file?.flush();
    process.exit(0);
  });
}
