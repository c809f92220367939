import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = resolve(import.meta.dirname, "../..");

export interface Web {
  /** Everything that it has printed. */
  output(): string;
  stop(): Promise<void>;
}

/** Another web process, of the build that the running stack serves: the one that was used last. */
export async function startWeb(env: Record<string, string>): Promise<Web> {
  const printed: string[] = [];
  const child = spawn(
    process.execPath,
    ["--import", join(root, "scripts/launch/follow-launcher.mjs"), newestServer()],
    // The channel is what ends the process when the test runner is gone.
    { env: { ...env, NODE_ENV: "production" }, stdio: ["ignore", "pipe", "pipe", "ipc"] },
  );
  child.stdout?.setEncoding("utf8").on("data", (text) => printed.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text) => printed.push(text));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const output = () => printed.join("");

  const until = Date.now() + 60_000;
  while (!(await isReady(`http://127.0.0.1:${env.PORT}/api/health`))) {
    if (child.exitCode !== null || Date.now() > until)
      throw new Error(`The second web process did not start.\n${output()}`);
    await sleep(200);
  }
  return {
    output,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}

function newestServer(): string {
  const builds = join(root, ".data/web");
  const complete = readdirSync(builds)
    .map((name) => join(builds, name))
    .flatMap((folder) => {
      const at = statSync(join(folder, ".server"), { throwIfNoEntry: false });
      return at ? [{ folder, used: statSync(folder).mtimeMs }] : [];
    });
  const newest = complete.sort((a, b) => b.used - a.used)[0]?.folder;
  if (!newest) throw new Error("The web application has not been built.");
  return join(newest, readFileSync(join(newest, ".server"), "utf8"), "server.js");
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
