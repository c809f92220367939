import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwsSessions } from "#lib/aws/sessions.ts";
import type { Prisma } from "#lib/db/types.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { grantIdOfSid } from "#lib/model/resource-key.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { readOnly } from "./clients.ts";
import { realTiming, type Timing } from "./deps.ts";
import type { Rates } from "./rates.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantFor,
  grantWith,
  mutations,
  targets,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";
import { interruptedAfter } from "./testing-between.ts";
import { approveChange } from "./testing-change.ts";
import { queueRepair } from "./testing-drift.ts";
import { patternMaking } from "./testing-sample.ts";
import { staleSessions } from "./torture/stale.ts";

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
  const deleted = Promise.withResolvers<void>();
  const worker = interruptedAfter(
    world,
    "PutRolePolicy",
    async () => {
      delete sandbox.state().accounts[accountA.id]?.roles[role?.key.split("/").at(-1) ?? ""];
      deleted.resolve();
    },
    timing,
  );
  // The bucket's policy is written beside that, and not before it.
  const acting = { runId, kind: "resource-policy-statements", state: "running" };
  const take: Rates["take"] = async (...asked) => {
    if (asked[1] === "S3" && (await world.prisma.step.count({ where: acting })) > 0) await deleted.promise;
    return worker.rates.take(...asked);
  };
  await executeRun({ ...worker, rates: { ...worker.rates, take } }, runId);
  expect(await world.run(runId)).toMatchObject({
    state: "failed",
    error: {
      cause: expect.stringMatching(/IAM does not show either.*does not exist.*likelier/),
      nextStep: expect.stringContaining("the role is made again"),
    },
  });
});

// SQS shows what was set to some readers up to 60 seconds late (SQS API, SetQueueAttributes).
describe("a worker that is shown a queue's policy as it was before another's write", () => {
  const impatient = { random: () => 0, sleep: () => realTiming.sleep(1), settledAfterMs: 60_000 };

  async function accessOf(
    serviceAccount: string,
    target = { arn: targets.away.sqs, accountId: accountB.id },
  ) {
    const wanted = { workload: workload(withAgent, serviceAccount), target };
    const grant = grantFor(patternMaking("resource-policy-statements"), await world.estate(), wanted);
    if (!grant) throw new Error("not possible");
    return grant;
  }

  async function ended(runId: string) {
    await executeRun(world.worker("w1"), runId);
    return world.run(runId);
  }

  /** It has read the policy once, and is shown that again a few times, where it looks or where it is about to write. */
  async function lateReader(timing: Partial<Timing> = {}) {
    const deps = world.worker("w2", { timing: { ...impatient, ...timing } });
    const late = { looks: 0, writes: 0 };
    const lateOf = (which: keyof typeof late) =>
      staleSessions(deps.sessions, (command) => {
        if (command !== "GetQueueAttributesCommand") return false;
        late[which] -= 1;
        return late[which] >= 0;
      });
    const [looking, writing] = [lateOf("looks"), lateOf("writes")];
    const sessions: AwsSessions = {
      account: (account, purpose) =>
        (purpose.policy === readOnly ? looking : writing).account(account, purpose),
    };
    const reader = { ...deps, sessions };
    const earlier = await accessOf("earlier");
    await executeRun(reader, await world.approve([earlier]));
    return { earlier, reader, late };
  }

  function queue() {
    const queues = Object.values(sandbox.state().accounts[accountB.id]?.queues ?? {});
    const found = queues.find(({ arn }) => arn === targets.away.sqs);
    if (!found) throw new Error("no queue");
    return found;
  }

  /** Of which grants the queue has statements. */
  function granted() {
    const { policy } = queue();
    return (policy ? statementsOf(policy) : []).flatMap(({ Sid }) => grantIdOfSid(Sid) ?? []);
  }

  describe.each(["looks", "writes"] as const)("late where it %s", (where) => {
    it("waits, and undoes nothing", async () => {
      const { earlier, reader, late } = await lateReader();
      const [first, second] = [await accessOf("first"), await accessOf("second")];
      await ended(await world.approve([first]));
      const runId = await world.approve([second]);
      late[where] = 6;
      await executeRun(reader, runId);
      expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
      expect(new Set(granted())).toEqual(new Set([earlier.id, first.id, second.id]));
    });

    it("does not bring back what was taken out, though its role is there", async () => {
      const { earlier, reader, late } = await lateReader();
      await ended(await world.approve([await accessOf("earlier", bucketAway)]));
      await ended(await world.revoke(earlier.id));
      const second = await accessOf("second");
      const runId = await world.approve([second]);
      late[where] = 6;
      await executeRun(reader, runId);
      expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
      expect(new Set(granted())).toEqual(new Set([second.id]));
    });

    it("does not take what it is to remove for gone", async () => {
      const { earlier, reader, late } = await lateReader();
      const first = await accessOf("first");
      await ended(await world.approve([first]));
      const runId = await world.revoke(first.id);
      late[where] = 6;
      await executeRun(reader, runId);
      expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
      expect(new Set(granted())).toEqual(new Set([earlier.id]));
    });

    it("does not take an older form of its own for what it is to write", async () => {
      const { earlier, reader, late } = await lateReader();
      await ended(await approveChange(world, earlier.id, { level: "write" }));
      const back = await approveChange(world, earlier.id, { level: earlier.level });
      late[where] = 6;
      await executeRun(reader, back);
      expect(await world.run(back)).toMatchObject({ state: "succeeded", error: null });
      expect(JSON.stringify(queue().policy)).toContain("sqs:ReceiveMessage");
    });
  });

  it("goes on when the time is over in which that may be: the owner has taken it out", async () => {
    const { reader } = await lateReader({ stepDeadlineMs: 100 });
    queue().policy = null;
    const second = await accessOf("second");
    const runId = await world.approve([second]);
    await executeRun(reader, runId);
    expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "NotSettled" } });
    expect(granted()).toEqual([]);
    await world.prisma.run.update({ where: { id: runId }, data: { state: "queued", finishedAt: null } });
    expect(await ended(runId)).toMatchObject({ state: "succeeded", error: null });
    expect(new Set(granted())).toEqual(new Set([second.id]));
  });

  it("puts back what it is to repair at once, though it was written a moment ago", async () => {
    const { earlier, reader } = await lateReader({ stepDeadlineMs: 100 });
    queue().policy = null;
    const runId = await queueRepair(world, earlier.id);
    await executeRun(reader, runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    expect(new Set(granted())).toEqual(new Set([earlier.id]));
  });

  const lost: { what: string; step: Prisma.StepUpdateManyMutationInput }[] = [
    { what: "was lost before it said so", step: { state: "running", finishedAt: null, outcome: null } },
    { what: "failed, perhaps after it", step: { state: "failed", outcome: null } },
  ];
  it.each(lost)("asks for nothing of a step that $what", async ({ step }) => {
    const { earlier, reader } = await lateReader({ stepDeadlineMs: 100 });
    queue().policy = null;
    const written = { key: { contains: `#statements/Drawbridge${earlier.id}` } };
    expect((await world.prisma.step.updateMany({ where: written, data: step })).count).toBe(1);
    const second = await accessOf("second");
    const runId = await world.approve([second]);
    await executeRun(reader, runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
  });
});
