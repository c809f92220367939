import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addJob } from "#lib/db/jobs.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { createAnchors } from "./anchors.ts";
import { driftDue } from "./drift.ts";
import { lookAgain } from "./drift-record.ts";
import { createWorld, type World } from "./testing.ts";
import { type DriftWorld, driftWorld, tamperedSeed } from "./testing-drift.ts";
import { startWorker } from "./worker.ts";

let sandbox: RunningSandbox;
let world: World;
let drift: DriftWorld;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: tamperedSeed() });
  world = await createWorld(sandbox);
  drift = driftWorld(world, sandbox.url);
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

const irsa = () => drift.liveWith("oidc-provider");

describe("the schedule", () => {
  const seen = (minutes: number, id: string) =>
    world.prisma.grant.update({
      where: { id },
      data: { driftCheckedAt: new Date(Date.now() - minutes * 60_000) },
    });

  it("takes on workloads that fall due, the longest unseen first, and live ones only", async () => {
    const { grant: first } = await irsa();
    const { grant: second } = await drift.liveWith("resource-policy-statements");
    const deps = world.worker("w");
    expect(await driftDue(deps, 60)).toEqual([]);
    await seen(61, first.id);
    await seen(90, second.id);
    expect(await driftDue(deps, 60)).toEqual([second.workload, first.workload]);
    await drift.check(second);
    expect(await driftDue(deps, 60)).toEqual([first.workload]);
    await seen(40, first.id);
    expect(await driftDue(deps, 60)).toEqual([]);
    await seen(90, first.id);
    const data = { state: "revoking", wanted: false };
    await world.prisma.grant.update({ where: { id: first.id }, data });
    expect(await driftDue(deps, 60)).toEqual([]);
  });

  it("runs by itself in the worker, and at once when somebody asks", async () => {
    const made = await irsa();
    const { grant } = made;
    await drift.deletePolicy(made);
    await seen(90, grant.id);
    const abort = new AbortController();
    const pool = new Pool({ connectionString: world.db.url, max: 5 });
    const deps = { ...world.worker("w"), stopping: abort.signal };
    const anchors = createAnchors({ log: deps.log });
    const options = { concurrency: 2, pool, driftCheckMinutes: 60, anchors, everyMs: { drift: 200 } };
    const worker = await startWorker(deps, options, abort);
    try {
      await expect.poll(() => drift.kindsOf(grant)).toEqual(["policy.deleted"]);
      const { roleName: RoleName, policyName: PolicyName, document } = made.of("role-policy").body;
      const PolicyDocument = JSON.stringify(document);
      await drift.iam().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
      await world.prisma.$transaction((tx) =>
        addJob(tx, "check-drift", { grantId: grant.id }, { key: `check-drift:${grant.id}` }),
      );
      await expect.poll(() => drift.driftOf(grant)).toBeNull();
    } finally {
      await worker.stop(5_000);
      await pool.end();
    }
  });

  it("answers who asks while another look is on its way, one that follows a run", async () => {
    const made = await irsa();
    const { grant } = made;
    await drift.deletePolicy(made);
    await world.prisma.$executeRaw`DELETE FROM graphile_worker._private_jobs`;
    await world.faults({ latencyMs: 50 });
    await world.prisma.$transaction(async (tx) => {
      await lookAgain(tx, grant.id);
      await addJob(tx, "check-drift", { grantId: grant.id }, { key: `check-drift:${grant.id}` });
    });
    const abort = new AbortController();
    const pool = new Pool({ connectionString: world.db.url, max: 5 });
    const deps = { ...world.worker("w", { timing: { settledAfterMs: 60_000 } }), stopping: abort.signal };
    const anchors = createAnchors({ log: deps.log });
    const options = { concurrency: 2, pool, driftCheckMinutes: 60, anchors };
    const worker = await startWorker(deps, options, abort);
    try {
      await expect.poll(() => drift.kindsOf(grant), { timeout: 10_000 }).toEqual(["policy.deleted"]);
    } finally {
      await worker.stop(5_000);
      await pool.end();
    }
  });

  it("is never two workers on one workload, nor beside a run", async () => {
    const made = await irsa();
    const { grant } = made;
    await drift.deletePolicy(made);
    await world.faults({ latencyMs: 50 });
    const ends = await Promise.all([drift.check(grant, "a"), drift.check(grant, "b")]);
    expect(ends.sort()).toEqual(["checked", "elsewhere"]);
    expect(await drift.eventsOf(grant)).toHaveLength(1);
    await drift.queueRepair(grant);
    const { driftCheckedAt } = await world.grant(grant.id);
    expect(await drift.check(grant)).toBe("busy");
    expect((await world.grant(grant.id)).driftCheckedAt).toEqual(driftCheckedAt);
  });

  it("is kept waiting by no revocation that failed before and waits for its turn", async () => {
    const made = await irsa();
    const { grant } = made;
    const { grant: going } = await drift.sibling(made);
    const revocation = await world.revoke(going.id);
    expect(await drift.check(grant)).toBe("busy");
    await world.prisma.run.update({ where: { id: revocation }, data: { finishedAt: new Date(0) } });
    await drift.deletePolicy(made);
    expect(await drift.check(grant)).toBe("checked");
    expect(await drift.kindsOf(grant)).toEqual(["policy.deleted"]);
    await world.prisma.run.update({
      where: { id: revocation },
      data: { state: "running", finishedAt: null },
    });
    expect(await drift.check(grant)).toBe("busy");
  });

  it("stores nothing of a look that a run came in between", async () => {
    const made = await irsa();
    const { grant } = made;
    await drift.deletePolicy(made);
    const since = await world.lastCall();
    await world.faults({ latencyMs: 100 });
    const looking = drift.check(grant);
    await expect.poll(async () => (await world.calls(since)).length, { interval: 5 }).toBeGreaterThan(2);
    await drift.queueRepair(grant);
    expect(await looking).toBe("busy");
    expect(await drift.driftOf(grant)).toBeNull();
  });
});
