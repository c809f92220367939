import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addJob } from "#lib/db/jobs.ts";
import { asRoles, type RoleDatabases } from "#lib/db/testing-roles.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { createAnchors } from "./anchors.ts";
import { createLocks } from "./locks.ts";
import { bucketAway, createWorld, grantWith, type World, withAgent, workload, worldSeed } from "./testing.ts";
import { startWorker } from "./worker.ts";

let sandbox: RunningSandbox;
let world: World;
let roles: RoleDatabases;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
  roles = await asRoles(world.db);
});
afterAll(async () => {
  await roles.drop();
  await world.close();
  await sandbox.close();
});

it("a worker does all of its duties with the rights of its role", async () => {
  const said: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => said.push(line) });
  const { prisma, pool } = roles.worker;
  const abort = new AbortController();
  const deps = { ...world.worker("w"), prisma, locks: createLocks(pool), log, stopping: abort.signal };
  const everyMs = { runs: 100, expiry: 200, inventory: 200, drift: 200, seal: 100 };
  const options = { concurrency: 2, pool, driftCheckMinutes: 60, anchors: createAnchors({ log }), everyMs };
  const worker = await startWorker(deps, options, abort);
  const soon = { timeout: 30_000 };
  const { account, grant: grants, auditCheck } = world.prisma;
  try {
    await expect.poll(() => account.count({ where: { syncedAt: null } }), soon).toBe(0);
    const wanted = { workload: workload(withAgent), target: bucketAway };
    const grant = grantWith("resource-policy-statements", await world.estate(), wanted);
    await world.approve([grant]);
    await expect.poll(async () => (await world.grant(grant.id)).state, soon).toBe("active");
    const { driftCheckedAt: at } = await world.grant(grant.id);
    // As the web wakes it, with the web's rights.
    await roles.web.prisma.$transaction(async (tx) => {
      await addJob(tx, "check-drift", { grantId: grant.id }, { key: "drift" });
      await addJob(tx, "check-history", {}, { key: "history" });
    });
    await expect.poll(async () => (await world.grant(grant.id)).driftCheckedAt, soon).not.toEqual(at);
    await expect.poll(() => auditCheck.count(), soon).toBe(2);
    await grants.update({ where: { id: grant.id }, data: { expiresAt: new Date(0) } });
    await expect.poll(async () => (await world.grant(grant.id)).state, soon).toBe("revoked");
  } finally {
    await worker.stop(5_000);
  }
  expect(said).toEqual([]);
}, 120_000);
