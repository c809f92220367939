import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { deleteRolePolicy } from "#lib/aws/testing/owner.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantFor,
  type World,
  withAgent,
  workload,
} from "./testing.ts";
import { approveChange } from "./testing-change.ts";
import { type DriftWorld, driftWorld, tamperedSeed } from "./testing-drift.ts";
import { everyPattern } from "./testing-sample.ts";

// Read when the modules above are loaded.
vi.hoisted(() => {
  process.env.TEST_ACCOUNTS = "descending";
});

let sandbox: RunningSandbox;
let world: World;
let drift: DriftWorld;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: tamperedSeed() });
  world = await createWorld(sandbox);
  drift = driftWorld(world, sandbox.url);
});
afterAll(async () => {
  await world.close();
  await sandbox.close();
});

const ended = async (runId: string) => {
  await executeRun(world.worker("w", { timing: { stepDeadlineMs: 5_000 } }), runId);
  const { state, error } = await world.run(runId);
  return { state, error };
};
const succeeded = { state: "succeeded", error: null };

describe("where the targets' account comes before the cluster's", () => {
  it("has them in that order", () => {
    expect(accountB.id < accountA.id).toBe(true);
  });

  it.each(everyPattern)("%s is made, changed, repaired and taken away", async (pattern) => {
    const on = workload(withAgent, `order-${pattern}`);
    const estate = await world.estate();
    const over = (target: typeof bucketAway) =>
      grantFor(pattern, estate, { workload: on, target, level: "read" });
    const grant = over(bucketAway) ?? over(bucketAtHome);
    if (!grant) throw new Error("not possible");
    const before = await world.dump();
    expect(await ended(await world.approve([grant]))).toEqual(succeeded);
    expect(await ended(await approveChange(world, grant.id, { level: "read-write" }))).toEqual(succeeded);
    await drift.check(grant);
    expect(await drift.kindsOf(grant)).toEqual([]);

    for (const { kind, accountId, body } of desiredResources([grant], estate))
      if (kind === "role-policy") await deleteRolePolicy(drift.iam(accountId), body);
    await drift.check(grant);
    expect(new Set(await drift.kindsOf(grant))).toEqual(new Set(["policy.deleted"]));
    expect(await ended(await drift.queueRepair(grant))).toEqual(succeeded);

    expect(await ended(await world.revoke(grant.id))).toEqual(succeeded);
    expect(await world.dump()).toEqual(before);
  });
});
