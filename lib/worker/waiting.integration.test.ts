import { afterEach, beforeEach, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import type { Rates } from "./rates.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  bucketAtHome,
  createWorld,
  grantWith,
  mutations,
  newGrantId,
  type World,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";

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

async function approved() {
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome };
  const grant = grantWith("oidc-provider", await world.estate(), wanted);
  const runId = await world.approve([grant]);
  const { requestId } = await world.run(runId);
  return { grant, runId, requestId: requestId ?? "" };
}

/** Makes the first call of the run's first step wait for its turn, and something happen meanwhile. */
function busy(runId: string, meanwhile: () => Promise<unknown>): Rates {
  let happened = false;
  return {
    take: async () => {
      const begun = await world.prisma.step.count({ where: { runId, state: "running" } });
      if (begun === 0 || happened) return;
      happened = true;
      await meanwhile();
      await realTiming.sleep(300);
    },
    throttled: () => {},
    sharedBy: () => {},
  };
}

const endings: { what: string; code: string; change: (requestId: string) => Promise<unknown> }[] = [
  {
    what: "is withdrawn",
    code: "NotApproved",
    change: (id) => world.prisma.request.update({ where: { id }, data: { state: "withdrawn" } }),
  },
  {
    what: "is of another plan by now",
    code: "DigestChanged",
    change: () =>
      world.prisma.account.update({
        where: { id: accountA.id },
        data: { boundaryArn: `${accountA.boundaryArn}-wider` },
      }),
  },
  {
    what: "is of a grant whose end date has come",
    code: "Expired",
    change: (requestId) =>
      world.prisma.$executeRaw`
        UPDATE "Grant" SET "spec" = jsonb_set("spec", '{expiresAt}', '"2020-01-01T00:00:00Z"'),
          "expiresAt" = '2020-01-01T00:00:00Z' WHERE "requestId" = ${requestId}::uuid`,
  },
  {
    what: "is of a grant that was taken back",
    code: "NotWanted",
    change: (requestId) =>
      world.prisma.grant.updateMany({ where: { requestId }, data: { state: "revoking", wanted: false } }),
  },
];

it.each(endings)(
  "an approval that $what while a call waits for its turn ends the run before the call",
  async ({ code, change }) => {
    const { runId, requestId } = await approved();
    const rates = busy(runId, () => change(requestId));
    await executeRun(world.worker("w", { rates }), runId);
    expect(mutations(await world.calls())).toEqual([]);
    const run = await world.run(runId);
    expect(run).toMatchObject({ state: "failed", error: { code } });
    expect(run.steps.map(({ state }) => state)).toEqual(["failed", "pending", "pending"]);
  },
);

it("a call that has waited is made when the approval still holds", async () => {
  const { runId, grant } = await approved();
  const rates = busy(runId, async () => {});
  await executeRun(world.worker("w", { rates }), runId);
  expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
  expect((await world.grant(grant.id)).state).toBe("active");
});

it("a grant that is taken back while a call waits does not hold up the others of its run", async () => {
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome };
  const kept = grantWith("oidc-provider", await world.estate(), wanted);
  const takenBack = { ...kept, id: newGrantId(), subResource: "exports" };
  const runId = await world.approve([kept, takenBack]);
  const data = { state: "revoking", wanted: false };
  const rates = busy(runId, () => world.prisma.grant.update({ where: { id: takenBack.id }, data }));
  expect(await executeRun(world.worker("w", { rates }), runId)).toBe("left");
  expect(mutations(await world.calls())).toEqual([]);
  const [first] = (await world.run(runId)).steps;
  expect(first).toMatchObject({ state: "pending" });
  expect(first?.calls.map(({ operation }) => operation)).toContain("GetOpenIDConnectProvider");

  await world.abandon(runId);
  await executeRun(world.worker("w"), runId);
  expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
  expect((await world.grant(kept.id)).state).toBe("active");
});
