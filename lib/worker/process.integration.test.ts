import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { getCompileCacheDir } from "node:module";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addJob } from "#lib/db/jobs.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import {
  accountA,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  installation,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";

/** The worker as it is deployed: a process of its own, killed for real. */

let sandbox: RunningSandbox;
let world: World;
let children: ChildProcess[];
beforeEach(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, "exit")));
  await world.close();
  await sandbox.close();
});

interface Worker {
  child: ChildProcess;
  lines: string[];
}

async function start(env: Record<string, string> = {}): Promise<Worker> {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "main.ts")], {
    env: {
      NODE_ENV: "test",
      PATH: process.env.PATH,
      DATABASE_URL: world.db.url,
      APP_URL: "http://localhost:3000",
      INSTALLATION_ID: installation,
      SIGNING_KEY: "k".repeat(32),
      DRAWBRIDGE_AWS: "sandbox",
      AWS_ENDPOINT: sandbox.url,
      AWS_ACCESS_KEY_ID: "AKIAWORKERWORKER0000",
      AWS_SECRET_ACCESS_KEY: "worker-secret",
      AWS_EC2_METADATA_DISABLED: "true",
      ...compileCache(),
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const lines: string[] = [];
  const ready = new Promise<void>((done, failed) => {
    child.once("exit", (code) => failed(new Error(`The worker ended with ${code}: ${lines.join("\n")}`)));
    if (child.stdout)
      createInterface(child.stdout).on("line", (line) => {
        lines.push(line);
        if (line === '{"ready":true}') done();
      });
  });
  await ready;
  return { child, lines };
}

/** The tests' own, if they have one: the workers load the same code again and again. */
function compileCache(): Record<string, string> {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

const approved = async (grant: Parameters<World["approve"]>[0][number]) => {
  const runId = await world.approve([grant]);
  const at = Date.now();
  await world.prisma.$transaction((tx) => addJob(tx, "run", { runId }, { key: `run:${runId}` }));
  return { runId, at };
};

const stateOf = async (runId: string) => (await world.run(runId)).state;

describe("the worker process", () => {
  it("begins at once, works in order, keeps secrets out of its log and ends within its time", async () => {
    const { child, lines } = await start({ LOG_LEVEL: "debug" });
    // Its first reading of the accounts is over.
    await expect
      .poll(() => world.prisma.account.count({ where: { syncedAt: { not: null } } }), { timeout: 15_000 })
      .toBe(2);
    const estate = await world.estate();
    const since = await world.lastCall();
    const wanted = { workload: workload(withoutAgent), target: bucketAtHome };
    const { runId, at } = await approved(grantWith("oidc-provider", estate, wanted));
    await expect.poll(() => stateOf(runId), { timeout: 15_000, interval: 20 }).toBe("succeeded");
    const [first] = await world.control(`calls?since=${since}`);
    const delay = Date.parse(first.time) - at;
    // About 100 ms on an idle machine; this one may be busy with other tests. What matters: the job woke the worker.
    expect(delay).toBeLessThan(3_000);
    const started = Date.now();
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
    expect(Date.now() - started).toBeLessThan(10_000);
    const log = lines.join("\n");
    expect(log).toContain(runId);
    for (const secret of ["worker-secret", accountA.externalId, "k".repeat(32)])
      expect(log).not.toContain(secret);
  });

  it("is replaced by another when it is killed in the middle of a run", async () => {
    const estate = await world.estate();
    const { child } = await start({ LEASE_SECONDS: "3" });
    await world.faults({ latencyMs: 200, only: { service: "iam" } });
    const wanted = { workload: workload(withAgent), target: bucketAway };
    const grant = grantWith("pod-identity-association", estate, wanted);
    const { runId } = await approved(grant);
    await expect
      .poll(async () => (await world.run(runId)).steps.filter(({ state }) => state === "running").length, {
        timeout: 15_000,
        interval: 10,
      })
      .toBeGreaterThan(0);
    child.kill("SIGKILL");
    await world.faults({});
    const killed = Date.now();
    await start();
    await expect.poll(() => stateOf(runId), { timeout: 20_000 }).toBe("succeeded");
    expect(Date.now() - killed).toBeLessThan(30_000);
    expect(await world.grant(grant.id)).toMatchObject({ state: "active" });
  });

  it("shares the work with a second one, and nothing is done twice", async () => {
    await Promise.all([start(), start()]);
    const estate = await world.estate();
    const before = await world.dump();
    const grants = Array.from({ length: 6 }, (_, number) =>
      grantWith("resource-policy-statements", estate, {
        workload: workload(withAgent, `pod-${number}`),
        target: bucketAway,
      }),
    );
    const runs = [];
    for (const grant of grants) runs.push(await approved(grant));
    for (const { runId } of runs)
      await expect.poll(() => stateOf(runId), { timeout: 25_000 }).toBe("succeeded");
    const all = await Promise.all(runs.map(({ runId }) => world.run(runId)));
    expect(all.map(({ fence }) => fence)).toEqual(runs.map(() => 1));
    const workers = await world.prisma.auditEvent.findMany({ where: { type: "run.started" } });
    expect(workers).toHaveLength(runs.length);
    // Each resource was made by one step of one run.
    const created = all.flatMap(({ steps }) => steps.filter(({ outcome }) => outcome === "created"));
    expect(new Set(created.map(({ key }) => key)).size).toBe(created.length);
    const revocations = await Promise.all(grants.map(({ id }) => world.revoke(id)));
    for (const runId of revocations)
      await expect.poll(() => stateOf(runId), { timeout: 25_000 }).toBe("succeeded");
    expect(await world.dump()).toEqual(before);
  }, 60_000);
});
