import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { installation } from "../testing.ts";
import type { Arena } from "./arena.ts";

/** A worker as it is deployed: a process of its own, which is started again when it ends, as by an orchestrator. */
export interface WorkerProcess {
  /** Resolves when the present process takes runs. */
  ready(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it for good. */
  close(): Promise<void>;
}

export const leaseSeconds = 3;

export function keepWorker({ world, sandbox }: Arena): WorkerProcess {
  let child: ChildProcess;
  let ready: Promise<void>;
  let closed = false;

  const start = () => {
    child = spawn(process.execPath, [resolve(import.meta.dirname, "../main.ts")], {
      env: {
        NODE_ENV: "test",
        PATH: process.env.PATH,
        DATABASE_URL: world.db.url,
        APP_URL: "http://localhost:3000",
        INSTALLATION_ID: installation,
        SIGNING_KEY: "k".repeat(32),
        LEASE_SECONDS: String(leaseSeconds),
        DRAWBRIDGE_AWS: "sandbox",
        AWS_ENDPOINT: sandbox.url,
        AWS_ACCESS_KEY_ID: "AKIAWORKERWORKER0000",
        AWS_SECRET_ACCESS_KEY: "worker-secret",
        AWS_EC2_METADATA_DISABLED: "true",
      },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { stdout } = child;
    ready = new Promise((done) => {
      if (stdout)
        createInterface(stdout).on("line", (line) => {
          if (line === '{"ready":true}') done();
        });
    });
    child.once("exit", () => {
      // Not at once: a database that is away would be asked in a tight loop.
      if (!closed) setTimeout(() => closed || start(), 100);
    });
  };
  start();
  return {
    ready: () => ready,
    signal: (signal) => void child.kill(signal),
    async close() {
      closed = true;
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
