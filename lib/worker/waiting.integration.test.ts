import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Grant } from "#lib/model/grant.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming, type WorkerDeps } from "./deps.ts";
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
import { interruptedAfter } from "./testing-between.ts";
import { approveChange } from "./testing-change.ts";
import { queueRepair } from "./testing-drift.ts";

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

/** Two grants of one request. */
async function twoApproved() {
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome };
  const kept = grantWith("oidc-provider", await world.estate(), wanted);
  const takenBack = { ...kept, id: newGrantId(), subResource: "exports" };
  return { kept, takenBack, runId: await world.approve([kept, takenBack]) };
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
  const { kept, takenBack, runId } = await twoApproved();
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

describe("a run that waits for AWS", () => {
  /** Longer than a test may last. */
  const patient = { verifyWithinMs: 120_000 };

  const ourRole = () => {
    const roles = Object.values(sandbox.state().accounts[accountA.id]?.roles ?? {});
    const role = roles.find(({ path }) => path.startsWith("/drawbridge/"));
    if (!role) throw new Error("no role");
    return role;
  };

  async function live(): Promise<Grant> {
    const { grant, runId } = await approved();
    await executeRun(world.worker("w"), runId);
    expect(await world.grant(grant.id)).toMatchObject({ state: "active" });
    return grant;
  }

  const runs: { what: string; begin: () => Promise<{ grant: Grant; runId: string }> }[] = [
    { what: "makes a grant", begin: approved },
    {
      what: "changes a grant",
      begin: async () => {
        const grant = await live();
        return { grant, runId: await approveChange(world, grant.id, { level: "read" }) };
      },
    },
    {
      what: "repairs a grant",
      begin: async () => {
        const grant = await live();
        ourRole().inline = {};
        return { grant, runId: await queueRepair(world, grant.id) };
      },
    },
  ];

  /** Executes the run, until it waits. @returns what resolves with its end */
  async function waiting(runId: string, worker: WorkerDeps, waits: () => Promise<boolean>) {
    const running = executeRun(worker, runId);
    await expect.poll(waits, { timeout: 10_000 }).toBe(true);
    // What tells that comes a moment before.
    await realTiming.sleep(500);
    return { running };
  }

  /** Its documents never are as they should be. @returns a worker for it, and whether all is done but the read-back */
  function neverAsDesired(runId: string) {
    const tamper = async () => {
      ourRole().description = "Somebody else's words";
    };
    return {
      worker: interruptedAfter(world, "PutRolePolicy", tamper, patient),
      readsBack: async () => {
        const { steps } = await world.run(runId);
        return steps.length > 0 && steps.every(({ finishedAt }) => finishedAt !== null);
      },
    };
  }

  it.each(runs)(
    "that $what ends in its read-back once that is taken back, and the revocation gets its turn",
    async ({ begin }) => {
      const { grant, runId } = await begin();
      const { worker, readsBack } = neverAsDesired(runId);
      const { running } = await waiting(runId, worker, readsBack);
      const revocation = await world.revoke(grant.id);
      expect(await executeRun(world.worker("w2"), revocation)).toBe("elsewhere");
      await running;
      expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "NotWanted" } });
      await executeRun(world.worker("w2"), revocation);
      expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    },
  );

  it.each(runs)(
    "that $what ends before its first change once that is taken back, and the revocation gets its turn",
    async ({ begin }) => {
      const { grant, runId } = await begin();
      const since = await world.lastCall();
      await world.faults({ errorRate: 1, only: { service: "iam", operation: "GetRole" } });
      const worker = world.worker("w", { timing: patient, sessions: { maxAttempts: 1 } });
      const { running } = await waiting(runId, worker, async () =>
        (await world.calls(since)).some(({ operation }) => operation === "GetRole"),
      );
      const revocation = await world.revoke(grant.id);
      await running;
      expect(mutations(await world.calls(since))).toEqual([]);
      expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "NotWanted" } });
      await world.faults({});
      await executeRun(world.worker("w2"), revocation);
      expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    },
  );

  it("ends in the midst of its steps once its grant is taken back, and the revocation gets its turn", async () => {
    const { grant, runId } = await approved();
    const faults = { errorRate: 1, only: { service: "iam", operation: "GetRolePolicy" } };
    const worker = interruptedAfter(world, "CreateRole", () => world.faults(faults));
    const { running } = await waiting(runId, worker, async () =>
      (await world.run(runId)).steps.some(({ detail, kind }) => kind === "role-policy" && detail !== null),
    );
    const revocation = await world.revoke(grant.id);
    await running;
    expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "NotWanted" } });
    await world.faults({});
    await executeRun(world.worker("w2"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
  });

  it("goes on with the other grants when one is taken back", async () => {
    const { kept, takenBack, runId } = await twoApproved();
    const { worker, readsBack } = neverAsDesired(runId);
    const { running } = await waiting(runId, worker, readsBack);
    const revocation = await world.revoke(takenBack.id);
    // With what it rests on now it begins again.
    expect(await running).toBe("left");
    await world.abandon(runId);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(kept.id)).toMatchObject({ state: "active" });
    expect(await world.grant(takenBack.id)).toMatchObject({ state: "revoking" });
    await executeRun(world.worker("w2"), revocation);
    expect(await world.grant(takenBack.id)).toMatchObject({ state: "revoked" });
    expect(await world.grant(kept.id)).toMatchObject({ state: "active" });
  });
});
