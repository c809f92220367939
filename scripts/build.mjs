import { generateClient, nextBuild } from "./launch/build.mjs";
import { LOGS } from "./launch/paths.mjs";
import { Processes } from "./launch/processes.mjs";
import { runUntilStopped } from "./launch/session.mjs";
import { step } from "./launch/steps.mjs";

/** npm run build: the web application for production, complete in .next/standalone. */
await runUntilStopped(async (session) => {
  const processes = new Processes({ logs: LOGS });
  session.onStop(
    () => processes.stop(),
    () => processes.killNow(),
  );
  await step("Generate the database client", () => generateClient(processes));
  await step("Build the web application", () => nextBuild(processes));
  return 0;
});
