import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadActor } from "#lib/db/people.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { rollBackRun } from "#lib/usecases/roll-back-run.ts";
import { realTiming } from "./deps.ts";
import { executeRun } from "./run.ts";
import {
  bucketAway,
  createWorld,
  grantWith,
  installation,
  mutations,
  newGrantId,
  targets,
  type World,
  withAgent,
  workload,
  worldSeed,
} from "./testing.ts";

let sandbox: RunningSandbox;
let world: World;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
});
afterAll(async () => {
  await world.close();
  await sandbox.close();
});

/** The use case's dependencies, as the web process makes them. */
const deps = () => ({
  prisma: world.prisma,
  installation,
  now: () => new Date(),
  ids: { grant: newGrantId, correlation: randomUUID, externalId: randomUUID },
});

describe("a first provisioning that failed halfway", () => {
  it.each([
    ["the resource's policy", { service: "s3", operation: "PutBucketPolicy" }],
    ["a role", { service: "iam", operation: "PutRolePolicy" }],
  ])("at %s is rolled back to what was there before, with all its grants at once", async (_what, only) => {
    const estate = await world.estate();
    const pod = workload(withAgent, `api-${newGrantId()}`);
    const first = grantWith("resource-policy-statements", estate, { workload: pod, target: bucketAway });
    const queue = { arn: targets.away.sqs, accountId: bucketAway.accountId };
    const second = { ...first, id: newGrantId(), target: queue };
    const before = await world.dump();
    const runId = await world.approve([first, second]);
    const since = await world.lastCall();
    await world.faults({ errorRate: 1, only });
    const timing = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 300 };
    await executeRun(world.worker("w", { timing, sessions: { maxAttempts: 1 } }), runId);
    await world.faults({});
    expect(await world.run(runId)).toMatchObject({ state: "failed" });
    expect(mutations(await world.calls(since))).toContain("CreateRole");

    const { requesterId } = await world.prisma.request.findFirstOrThrow({
      where: { runs: { some: { id: runId } } },
    });
    const actor = await loadActor(world.prisma, requesterId);
    if (!actor) throw new Error("no actor");
    const outcome = await rollBackRun(deps(), actor, { runId, reason: "A test." });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusals));
    await executeRun(world.worker("w"), outcome.value.runId);
    expect(await world.run(outcome.value.runId)).toMatchObject({ state: "succeeded", error: null });
    for (const { id } of [first, second])
      expect(await world.grant(id)).toMatchObject({ state: "revoked", revokeReason: "A test." });
    expect(await world.dump()).toEqual(before);
  });
});
