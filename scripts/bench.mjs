import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateClient } from "./launch/build.mjs";
import { testEnvironment } from "./launch/environment.mjs";
import { checkHost, nodeBinary } from "./launch/host.mjs";
import { installDependencies } from "./launch/install.mjs";
import { LOGS, ROOT } from "./launch/paths.mjs";
import { freePort } from "./launch/ports.mjs";
import { startPostgres } from "./launch/postgres.mjs";
import { followLauncher, Processes } from "./launch/processes.mjs";
import { runUntilStopped } from "./launch/session.mjs";
import { step } from "./launch/steps.mjs";

/** npm run bench [-- --memory --runs 10000]: how fast the provisioning engine is, beside a shell script of AWS CLI commands. */

await runUntilStopped(async (session) => {
  checkHost();
  const processes = new Processes({ logs: join(LOGS, "bench"), onGaveUp: session.fail });
  session.onStop(
    () => processes.stop(),
    () => processes.killNow(),
  );
  await step("Install dependencies", installDependencies);
  await step("Generate the database client", () => generateClient(processes));
  const stateFolder = mkdtempSync(join(tmpdir(), "drawbridge-bench-"));
  process.once("exit", () => rmSync(stateFolder, { recursive: true, force: true }));
  const { url } = await step("Start the database", () =>
    freePort().then((port) =>
      startPostgres(processes, {
        stateFolder,
        port,
        password: "bench",
        database: "postgres",
        durable: true,
      }),
    ),
  );
  const { code } = await processes.foreground({
    command: nodeBinary(),
    args: [
      "--expose-gc",
      ...followLauncher,
      join(ROOT, "e2e/bench/engine/main.ts"),
      ...process.argv.slice(2),
    ],
    env: testEnvironment({ TEST_DATABASE_URL: url, NODE_NO_WARNINGS: "1" }),
  });
  return code ?? 1;
});
