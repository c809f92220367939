import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { patterns } from "#lib/desired/patterns/catalogue.ts";
import type { Grant } from "#lib/model/grant.ts";
import {
  bucketAtHome,
  bucketAway,
  createWorld,
  grantFor,
  installation,
  newGrantId,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "#lib/worker/testing.ts";

const root = resolve(import.meta.dirname, "../../..");

/** Two accounts in a sandbox that is a process of its own, as AWS is, and a database with the same two. */
export interface Stand {
  world: World;
  url: string;
  close(): Promise<void>;
}

export async function createStand(): Promise<Stand> {
  const { child, url } = await startSandbox();
  const world = await createWorld({ url });
  await world.control("seed", worldSeed());
  return {
    world,
    url,
    close: async () => {
      await world.close();
      await end(child);
    },
  };
}

async function startSandbox(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [resolve(root, "lib/sandbox/main.ts")], {
    env: { ...process.env, NODE_ENV: "test", SANDBOX_PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { port } = JSON.parse(await firstLine(child)) as { port: number };
  return { child, url: `http://127.0.0.1:${port}` };
}

/** The worker as it is deployed. */
export async function startWorkerProcess(
  { world, url }: Stand,
  env: Record<string, string> = {},
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [resolve(root, "lib/worker/main.ts")], {
    env: {
      NODE_ENV: "production",
      PATH: process.env.PATH,
      DATABASE_URL: world.db.url,
      APP_URL: "http://localhost:3000",
      INSTALLATION_ID: installation,
      SIGNING_KEY: "k".repeat(32),
      DRAWBRIDGE_AWS: "sandbox",
      AWS_ENDPOINT: url,
      AWS_ACCESS_KEY_ID: "AKIAWORKERWORKER0000",
      AWS_SECRET_ACCESS_KEY: "worker-secret",
      AWS_EC2_METADATA_DISABLED: "true",
      LOG_LEVEL: "error",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await firstLine(child);
  return child;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("The process has no output.");
  const lines = createInterface({ input: child.stdout });
  return new Promise((said, failed) => {
    lines.once("line", said);
    child.once("exit", (code) => failed(new Error(`It ended with ${code} before it was ready.`)));
  });
}

/** One grant of a workload of its own for every pattern, across accounts where the pattern can. */
export async function grantOf(world: World, pattern: string): Promise<Grant> {
  const estate = await world.estate();
  for (const target of [bucketAway, bucketAtHome])
    for (const cluster of [withAgent, withoutAgent]) {
      const serviceAccount = `bench-${newGrantId()}`;
      const grant = grantFor(pattern, estate, { workload: workload(cluster, serviceAccount), target });
      if (grant) return grant;
    }
  throw new Error(`Nothing in the benchmark's estate suits ${pattern}.`);
}

export const patternIds = Object.keys(patterns);
