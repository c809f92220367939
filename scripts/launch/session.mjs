import { report } from "./steps.mjs";

/**
 * The life of a launcher: it runs until a signal, a failure or its work's end, and stops what it started
 * exactly once, whichever comes first.
 */

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * @param work gets `onStop(stop, last)` to register what to stop, and `fail(error)`; what it returns, if it is a
 * number, is the exit code, and anything else keeps the launcher running
 */
export async function runUntilStopped(work) {
  let stop = async () => {};
  let last = () => {};
  let leaving = false;

  const leave = async (code) => {
    if (leaving) return;
    leaving = true;
    await stop().catch(report);
    process.exit(code);
  };
  const fail = (error) => {
    if (!leaving) report(error);
    return leave(1);
  };

  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      // npm passes on what the terminal has sent already, so a second signal is no sign of impatience.
      if (!leaving) console.log(`\nStopping (${signal}) …`);
      void leave(code);
    });
  }
  process.on("exit", () => last());
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  endWithNpm(() => leave(SIGNALS.SIGHUP));

  const session = {
    onStop: (gently, atOnce) => {
      stop = gently;
      last = atOnce;
    },
    fail,
  };
  try {
    const code = await work(session);
    if (typeof code === "number") await leave(code);
  } catch (error) {
    await fail(error);
  }
}

/** `npm run` killed outright cannot pass that on; its child then has another parent. */
function endWithNpm(leave) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && leave(), 1_000).unref();
}
