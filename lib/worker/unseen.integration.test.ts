import { afterEach, beforeEach, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import type { Rates } from "./rates.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  mutations,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";
import { interruptedAfter } from "./testing-between.ts";

let sandbox: RunningSandbox;
let world: World;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

// IAM may show what was made late (IAM User Guide, "Changes that I make are not always immediately visible"), and the
// session of a creation can do nothing else.
it("a role of ours that was not seen before its creation, and differs, is changed with another session", async () => {
  const estate = await world.estate();
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome };
  const grant = grantWith("oidc-provider", estate, wanted);
  const role = desiredResources([grant], estate).find(
    (one): one is CloudResource<"role"> => one.kind === "role",
  );
  if (!role) throw new Error("no role");
  const { name, path, trust, boundaryArn, tags } = role.body;
  const runId = await world.approve([grant]);
  let seen = false;
  // The intention to create it is on record: it was looked for, and was not there.
  const rates: Rates = {
    take: async () => {
      const begun = await world.prisma.step.count({ where: { runId, key: role.key, state: "running" } });
      if (begun === 0 || seen) return;
      seen = true;
      const old = { name, path, trust, boundaryArn, tags, description: "An older one" };
      await world.control("seed", { accounts: [{ id: accountA.id, roles: [old] }] });
    },
    throttled: () => {},
    sharedBy: () => {},
  };
  await executeRun(world.worker("w", { rates, timing: { random: () => 0 } }), runId);
  const run = await world.run(runId);
  expect(run).toMatchObject({ state: "succeeded", error: null });
  expect(mutations(await world.calls())).toContain("UpdateRole");
  expect(run.steps.find(({ key }) => key === role.key)).toMatchObject({ verb: "update", attempts: 2 });
});

it("of a role that a service does not know it says whether IAM has it", async () => {
  const estate = await world.estate();
  const wanted = { workload: workload(withAgent, "unknown"), target: bucketAway };
  const grant = grantWith("resource-policy-statements", estate, wanted);
  const role = desiredResources([grant], estate).find(({ kind }) => kind === "role");
  const timing = {
    random: () => 0,
    sleep: () => realTiming.sleep(1),
    stepDeadlineMs: 300,
    visibleWithinMs: 100,
  };
  const runId = await world.approve([grant]);
  const gone = interruptedAfter(
    world,
    "PutRolePolicy",
    async () => {
      delete sandbox.state().accounts[accountA.id]?.roles[role?.key.split("/").at(-1) ?? ""];
    },
    timing,
  );
  await executeRun(gone, runId);
  expect(await world.run(runId)).toMatchObject({
    state: "failed",
    error: {
      cause: expect.stringMatching(/IAM does not show either.*does not exist.*likelier/),
      nextStep: expect.stringContaining("the role is made again"),
    },
  });
});
