import { spawn } from "node:child_process";
import { appendFileSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { folder, ROOT } from "./paths.mjs";
import { LaunchError } from "./steps.mjs";

/**
 * The processes that a launcher starts. Each gets a process group of its own, so that stopping it takes its
 * children along, and a channel to the launcher, so that it stops by itself when the launcher is killed.
 */

const FOLLOW = pathToFileURL(join(ROOT, "scripts/launch/follow-launcher.mjs")).href;
const STOP_WITHIN_MS = 10_000;
const RESTARTS = 3;
const RESTARTS_WITHIN_MS = 60_000;

/** Arguments with which a Node process ends itself when the launcher that started it is gone. */
export const followLauncher = ["--import", FOLLOW];

export class Processes {
  #services = [];
  #running = new Set();
  #logs;
  #stopping = null;
  #onGaveUp;
  #onRestart;
  /** Services that ended by themselves, as opposed to being killed. */
  crashes = [];

  /**
   * @param logs the folder of the log files
   * @param onRestart told when a service died and is started again
   * @param onGaveUp told when a service died too often; the caller stops everything
   */
  constructor({ logs, onRestart = () => {}, onGaveUp = () => {} }) {
    this.#logs = folder(logs);
    this.#onRestart = onRestart;
    this.#onGaveUp = onGaveUp;
  }

  logFile(name) {
    return join(this.#logs, `${name}.log`);
  }

  /**
   * Starts a service and waits until it is ready; from then on a death is answered with a new start.
   * @param ready `{ line: (text) => boolean }` on its output, or `{ probe: () => Promise<boolean> }`
   */
  async service(name, { command, args, env, cwd = ROOT, ready, within = 60_000 }) {
    const service = { name, command, args, env, cwd, ready, within, child: null, deaths: [], stopped: false };
    writeSync(openSync(this.logFile(name), "w"), "");
    this.#services.push(service);
    await this.#start(service);
    return service;
  }

  /** Runs a command to its end, its output going to a log; refuses a failure. */
  async run(name, { command, args, env, cwd = ROOT, what, next, onLine }) {
    const log = this.logFile(name);
    const child = this.#spawn({ name, command, args, env, cwd, log: openSync(log, "w"), onLine });
    const { code, signal, error } = await child.ended;
    if (this.#stopping) await new Promise(() => {}); // The launcher is on its way out and has said why.
    if (code === 0) return;
    const why = error ? error.message : `it ended with ${signal ?? `exit code ${code}`}.`;
    throw new LaunchError(what ?? `${name} failed.`, { why, next, log, cause: error });
  }

  /** Runs a command in the foreground: its output is the launcher's own. */
  async foreground({ command, args, env, cwd = ROOT }) {
    const child = this.#spawn({ name: command, command, args, env, cwd, log: "inherit" });
    return child.ended;
  }

  /** Process numbers by service, for tests that kill one. */
  pids() {
    return Object.fromEntries(this.#services.map(({ name, child }) => [name, child?.process.pid ?? null]));
  }

  /** Stops everything for good, the last started first. Safe to call again. */
  stop() {
    this.#stopping ??= (async () => {
      const others = [...this.#running].filter((child) => !this.#services.some((s) => s.child === child));
      await Promise.all(others.map((child) => end(child)));
      await this.stopServices();
    })();
    return this.#stopping;
  }

  /** Stops the services, the last started first; others may be started after that. */
  async stopServices() {
    const services = this.#services.splice(0).reverse();
    for (const service of services) service.stopped = true;
    for (const service of services) if (service.child) await end(service.child);
  }

  /** The last resort, for a process that is about to exit. */
  killNow() {
    for (const child of this.#running) killGroup(child.process, "SIGKILL");
  }

  async #start(service) {
    const { name, ready } = service;
    let said;
    const line = new Promise((resolve) => {
      said = (text) => ready.line?.(text) && resolve("ready");
    });
    const log = openSync(this.logFile(name), "a");
    const child = this.#spawn({ ...service, log, onLine: said });
    service.child = child;
    const outcome = await Promise.race([
      ready.probe ? untilTrue(ready.probe, child) : line,
      child.ended,
      sleep(service.within, "timeout", { ref: false }),
    ]);
    if (outcome !== "ready") await this.#refuse(service, outcome);
    child.ended.then((ending) => this.#died(service, ending));
  }

  async #refuse(service, outcome) {
    if (service.stopped) await new Promise(() => {}); // As above.
    const { name, within, child } = service;
    const timeout = outcome === "timeout";
    if (timeout) await end(child);
    const why = timeout ? `it was not ready after ${within / 1000} seconds.` : told(outcome);
    throw new LaunchError(`The ${name} did not start.`, { why, log: this.logFile(name) });
  }

  async #died(service, ending) {
    if (service.stopped || this.#stopping) return;
    if (ending.code !== null) this.crashes.push(`${service.name}: ${told(ending)}`);
    const now = Date.now();
    service.deaths = [...service.deaths.filter((at) => now - at < RESTARTS_WITHIN_MS), now];
    appendFileSync(this.logFile(service.name), `\n--- ${told(ending)} ---\n`);
    const log = this.logFile(service.name);
    if (service.deaths.length > RESTARTS) {
      const why = `it died ${service.deaths.length} times within a minute; at last ${told(ending)}`;
      this.#onGaveUp(new LaunchError(`The ${service.name} does not stay up.`, { why, log }));
      return;
    }
    this.#onRestart(service.name, told(ending));
    try {
      await sleep(200);
      if (!service.stopped) await this.#start(service);
    } catch (error) {
      this.#onGaveUp(error);
    }
  }

  #spawn({ name, command, args, env, cwd, log, onLine }) {
    const inherit = log === "inherit";
    // In the foreground the terminal's own process group is kept: Ctrl-C reaches it and it may read keys.
    const stdio = inherit ? ["inherit", "inherit", "inherit", "ipc"] : ["ignore", "pipe", "pipe", "ipc"];
    const started = spawn(command, args, { cwd, env, stdio, detached: !inherit });
    const child = { name, process: started, ended: null, detached: !inherit };
    this.#running.add(child);
    child.ended = new Promise((resolve) => {
      started.once("error", (error) => resolve({ code: null, signal: null, error }));
      started.once("exit", (code, signal) => resolve({ code, signal, error: null }));
    }).then((ending) => {
      this.#running.delete(child);
      // What the process left in its group (a database, a compiler's helpers) goes with it.
      if (child.detached) killGroup(started, "SIGKILL");
      return ending;
    });
    if (!inherit) {
      const write = (chunk) => {
        try {
          writeSync(log, chunk);
        } catch {
          // A full disk costs the log and nothing else.
        }
      };
      started.stdout.on("data", write);
      started.stderr.on("data", write);
      if (onLine) eachLine(started.stdout, onLine);
    }
    // The channel alone must not keep the launcher from ending.
    started.channel?.unref();
    return child;
  }
}

function told({ code, signal, error }) {
  if (error) return error.message;
  return signal ? `it was killed by ${signal}.` : `it ended with exit code ${code}.`;
}

async function end(child) {
  const { process: started } = child;
  if (started.exitCode !== null || started.signalCode !== null) return;
  started.kill("SIGTERM");
  const outcome = await Promise.race([child.ended, sleep(STOP_WITHIN_MS, "timeout", { ref: false })]);
  if (outcome !== "timeout") return;
  if (child.detached) killGroup(started, "SIGKILL");
  else started.kill("SIGKILL");
  await child.ended;
}

function killGroup(started, signal) {
  try {
    if (started.pid) process.kill(-started.pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

async function untilTrue(probe, child) {
  const alive = () => child.process.exitCode === null && child.process.signalCode === null;
  while (alive()) {
    if (await probe().catch(() => false)) return "ready";
    await sleep(100);
  }
  return child.ended;
}

function eachLine(stream, onLine) {
  let rest = "";
  stream.setEncoding("utf8").on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  });
}
