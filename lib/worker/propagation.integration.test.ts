import { afterEach, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import {
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";

let sandbox: RunningSandbox;
let world: World;
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

/** AWS and the worker on one clock that sleeping moves on: minutes pass at once. */
async function virtualWorld({ ahead = 0, leaseSeconds = 3_600 } = {}) {
  let passed = 0;
  sandbox = await startSandbox({ seed: worldSeed(), clock: () => Date.now() + passed + ahead });
  world = await createWorld(sandbox);
  const timing = {
    now: () => performance.now() + passed,
    sleep: async (ms: number) => {
      passed += ms;
    },
    random: () => 0.5,
  };
  // Renewed in real time, of which next to none passes.
  const worker = world.worker("w", { timing, leaseSeconds });
  return {
    run: async (runId: string) => {
      await executeRun(worker, runId);
      return world.run(runId);
    },
    wait: (ms: number) => {
      passed += ms;
    },
  };
}

// IAM User Guide, "Changes that I make are not always immediately visible"; reports reach from under a second to minutes.
it.each(
  [10, 120, 300].flatMap((seconds) =>
    (["oidc-provider", "resource-policy-statements", "pod-identity-association"] as const).map((kind) => ({
      seconds,
      kind,
    })),
  ),
)(
  "a grant with $kind is made and taken away where AWS shows changes $seconds s late",
  async ({ seconds, kind }) => {
    const { run, wait } = await virtualWorld();
    const before = await world.dump();
    await world.faults({ visibilityDelayMs: seconds * 1_000 });
    const grant = grantWith(kind, await world.estate(), {
      workload: workload(kind === "oidc-provider" ? withoutAgent : withAgent),
      target: kind === "oidc-provider" ? bucketAtHome : bucketAway,
    });
    const runId = await world.approve([grant]);
    let made = await run(runId);
    if (seconds <= 120) expect(made).toMatchObject({ state: "succeeded" });
    for (let again = 0; made.state === "failed" && again < 5; again += 1) {
      // Later than is waited for: it says so, and a retry after a while goes on from there.
      expect(made.error).toMatchObject({
        nextStep: expect.stringMatching(/^(AWS may show a change late: )?retry/i),
      });
      wait(seconds * 1_000);
      await world.prisma.run.update({ where: { id: runId }, data: { state: "queued", finishedAt: null } });
      made = await run(runId);
    }
    expect(made).toMatchObject({ state: "succeeded", error: null });
    wait(seconds * 1_000);
    const revocation = await world.revoke(grant.id);
    let gone = await run(revocation);
    for (let again = 0; gone.state === "failed" && again < 5; again += 1) {
      wait(seconds * 1_000);
      await world.prisma.run.update({
        where: { id: revocation },
        data: { state: "queued", finishedAt: null },
      });
      gone = await run(revocation);
    }
    expect(gone).toMatchObject({ state: "succeeded" });
    wait(seconds * 1_000);
    expect(await world.dump()).toEqual(before);
  },
);

// What a session may do ends at a time by AWS's clock. STS tells that clock with every session that it gives.
it.each([-3_600, -120, 30, 120, 3_600])(
  "a grant is made and taken away where AWS's clock is %i s ahead of ours",
  async (seconds) => {
    const { run } = await virtualWorld({ ahead: seconds * 1_000, leaseSeconds: 20 });
    const before = await world.dump();
    const wanted = { workload: workload(withAgent), target: bucketAway };
    const grant = grantWith("resource-policy-statements", await world.estate(), wanted);
    expect(await run(await world.approve([grant]))).toMatchObject({ state: "succeeded", error: null });
    expect(await run(await world.revoke(grant.id))).toMatchObject({ state: "succeeded", error: null });
    expect(await world.dump()).toEqual(before);
  },
);
