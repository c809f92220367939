import { DeleteRolePermissionsBoundaryCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Prisma } from "#lib/db/types.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { grantIdOfSid } from "#lib/model/resource-key.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { onCall } from "./clients.ts";
import { realTiming } from "./deps.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  bucketAway,
  createWorld,
  grantWith,
  mutations,
  type World,
  withAgent,
  workload,
} from "./testing.ts";
import { interruptedAfter } from "./testing-between.ts";
import {
  boundaryIn,
  type DriftWorld,
  driftWorld,
  everything,
  type Live,
  tamperedSeed,
} from "./testing-drift.ts";

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

/** Its role was deleted by hand, and that has been found. */
async function drifted(): Promise<Live> {
  const made = await drift.liveWith("oidc-provider");
  await drift.deleteRole(made);
  await drift.check(made.grant);
  return made;
}

const changes: { what: string; code: string; change: (grantId: string) => Promise<unknown> }[] = [
  {
    what: "the access is being revoked",
    code: "NotWanted",
    change: (id) => world.prisma.grant.update({ where: { id }, data: { state: "revoking", wanted: false } }),
  },
  {
    what: "its end date has come",
    code: "Expired",
    change: (id) =>
      world.prisma.$executeRaw`
        UPDATE "Grant" SET "spec" = jsonb_set("spec", '{expiresAt}', '"2020-01-01T00:00:00Z"') WHERE "id" = ${id}`,
  },
  {
    what: "the stored access is not the approved one",
    code: "DigestChanged",
    change: (id) =>
      world.prisma.$executeRaw`
        UPDATE "Grant" SET "spec" = jsonb_set("spec", '{expiresAt}', 'null') WHERE "id" = ${id}`,
  },
  {
    what: "what would be made is another than was approved",
    code: "DigestChanged",
    change: () =>
      world.prisma.account.update({
        where: { id: accountA.id },
        data: { boundaryArn: `${accountA.boundaryArn}-wider` },
      }),
  },
  {
    what: "the request is no longer approved",
    code: "NotApproved",
    change: () => world.prisma.request.updateMany({ data: { state: "withdrawn" } }),
  },
  {
    what: "the access is being changed",
    code: "Changed",
    change: async (id) => {
      const { id: changeRunId } = await world.prisma.run.findFirstOrThrow();
      await world.prisma.grant.update({ where: { id }, data: { changeRunId } });
    },
  },
];

it.each(changes)("is refused when $what, and changes nothing", async ({ code, change }) => {
  const { grant } = await drifted();
  const runId = await drift.queueRepair(grant);
  await change(grant.id);
  const { state } = await world.grant(grant.id);
  const since = await world.lastCall();
  await executeRun(world.worker("w"), runId);
  expect(await world.run(runId)).toMatchObject({
    state: "failed",
    error: { code, cause: expect.any(String), nextStep: expect.any(String) },
  });
  expect(mutations(await world.calls(since))).toEqual([]);
  expect((await world.grant(grant.id)).state).toBe(state);
});

it.each(changes)("stops between two steps when $what", async ({ code, change }) => {
  const { grant } = await drifted();
  const runId = await drift.queueRepair(grant);
  const since = await world.lastCall();
  await executeRun(
    interruptedAfter(world, "CreateRole", () => change(grant.id)),
    runId,
  );
  expect(mutations(await world.calls(since))).toEqual(["CreateRole"]);
  expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code } });
});

/** @returns how to undo it */
const widened: { what: string; code: string; widen: () => () => unknown }[] = [
  {
    what: "the permissions boundary",
    code: "boundary.wider",
    widen: () => {
      const { open, restore } = boundaryIn(sandbox, accountA);
      open();
      return restore;
    },
  },
  {
    what: "the provider's audiences",
    code: "provider.wider",
    widen: () => {
      const [provider] = Object.values(sandbox.state().accounts[accountA.id]?.providers ?? {});
      provider?.clientIds.push("others");
      return () => provider?.clientIds.pop();
    },
  },
];

it.each(widened)(
  "stops before its first change, like a run that gives access, where others have widened $what",
  async ({ code, widen }) => {
    const { grant } = await drifted();
    const runId = await drift.queueRepair(grant);
    const restore = widen();
    const since = await world.lastCall();
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({
      state: "failed",
      error: {
        code,
        cause: expect.stringMatching(/nothing was changed/),
        nextStep: expect.stringMatching(/owner/),
      },
    });
    expect(mutations(await world.calls(since))).toEqual([]);
    expect((await world.grant(grant.id)).state).toBe("active");

    restore();
    await world.prisma.run.update({ where: { id: runId }, data: { state: "queued", finishedAt: null } });
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
  },
);

it("makes no role where the boundary is gone", async () => {
  const { grant } = await drifted();
  const runId = await drift.queueRepair(grant);
  boundaryIn(sandbox, accountA).remove();
  await executeRun(world.worker("w"), runId);
  expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "boundary.missing" } });
});

it("is taken up by another worker where one has left it", async () => {
  const { grant } = await drifted();
  const runId = await drift.queueRepair(grant);
  const first = interruptedAfter(world, "CreateRole", async () => first.stop());
  expect(await executeRun(first, runId)).toBe("left");
  expect(await drift.driftOf(grant)).not.toBeNull();
  await world.abandon(runId);
  await executeRun(world.worker("second"), runId);
  expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
  expect(await world.grant(grant.id)).toMatchObject({ state: "active", drift: null });
});

it("leaves the policy of a grant that is being taken back to that one's own run", async () => {
  const made = await drift.liveWith("oidc-provider");
  const { grant: other } = await drift.sibling(made);
  await world.prisma.grant.update({ where: { id: other.id }, data: { state: "failed", wanted: false } });
  await drift.deletePolicy(made);
  await drift.check(made.grant);
  expect(await drift.kindsOf(made.grant)).toEqual(["policy.deleted"]);
  const since = await world.lastCall();
  await executeRun(world.worker("w"), await drift.queueRepair(made.grant));
  expect(mutations(await world.calls(since))).toEqual(["PutRolePolicy"]);
});

it("of what is as approved by now changes nothing and succeeds", async () => {
  const { grant } = await drift.liveWith("resource-policy-statements");
  const since = await world.lastCall();
  const runId = await drift.queueRepair(grant);
  await executeRun(world.worker("w"), runId);
  expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
  expect(mutations(await world.calls(since))).toEqual([]);
});

it("takes somebody's policy off a role only after the role has its boundary back", async () => {
  const { grant, of } = await drift.liveWith("oidc-provider");
  const approved = await world.dump();
  const RoleName = of("role").body.name;
  const backdoor = { RoleName, PolicyName: "backdoor", PolicyDocument: everything };
  await drift.iam().send(new PutRolePolicyCommand(backdoor));
  await drift.iam().send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  await drift.check(grant);
  expect((await drift.kindsOf(grant)).sort()).toEqual(["policy.foreign", "role.boundary-missing"]);
  const since = await world.lastCall();
  const runId = await drift.queueRepair(grant);
  // All that does not wait for the boundary would be done before it.
  await world.faults({ latencyMs: 500, only: { service: "iam", operation: "PutRolePermissionsBoundary" } });
  await executeRun(world.worker("w"), runId);
  expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
  expect(mutations(await world.calls(since))).toEqual(["PutRolePermissionsBoundary", "DeleteRolePolicy"]);
  expect(await world.dump()).toEqual(approved);
});

it("of what lets others in does not give back what an owner takes away before it is at work", async () => {
  const { grant, of } = await drift.liveWith("oidc-provider");
  const RoleName = of("role").body.name;
  const put = (PolicyName: string, PolicyDocument: string) =>
    drift.iam().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  await put("backdoor", everything);
  await drift.check(grant);
  const runId = await drift.queueRepair(grant, []);
  await put("incident", everything.replace("Allow", "Deny"));
  const since = await world.lastCall();
  await executeRun(world.worker("w"), runId);
  expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "OwnerNotAsked" } });
  // What let others in may have gone; the Deny has not.
  expect(mutations(await world.calls(since)).filter((name) => name !== "DeleteRolePolicy")).toEqual([]);
  const { inline } = sandbox.state().accounts[accountA.id]?.roles[RoleName] ?? {};
  expect(Object.keys(inline ?? {})).toContain("incident");
  await drift.check(grant);
  expect(await drift.kindsOf(grant)).toContain("policy.foreign-deny");
});

it("mends accesses on one policy one by one, though each names a role that somebody deleted", async () => {
  const estate = await world.estate();
  const on = workload(withAgent, "swept");
  const wanted = [
    { workload: on, target: bucketAway, subResource: "a" },
    { workload: on, target: bucketAway, subResource: "b" },
    { workload: workload(withAgent, "swept-too"), target: bucketAway, subResource: "a" },
  ].map((one) => grantWith("resource-policy-statements", estate, one));
  const lives: Live[] = [];
  for (const grant of wanted) lives.push(await drift.live(grant));
  const before = await world.dump();
  const [first, second, other] = lives;
  if (!first || !second || !other) throw new Error("no grants");
  await drift.deleteRole({ ...first, resources: [...first.resources, ...second.resources] });
  await drift.deleteRole(other);
  for (const { grant } of lives) await drift.check(grant);
  const repaired: Awaited<ReturnType<World["run"]>>[] = [];
  for (const { grant } of lives) {
    const runId = await drift.queueRepair(grant);
    await executeRun(world.worker("w"), runId);
    repaired.push(await world.run(runId));
  }
  expect(repaired.map(({ state, error }) => [state, error])).toEqual(lives.map(() => ["succeeded", null]));
  // The first to change the policy took the others' statements out of it, and said so before it did.
  const told = await world.prisma.auditEvent.findMany({ where: { type: "grant.statements-dead" } });
  const own = await Promise.all([second, other].map(({ grant }) => world.grant(grant.id)));
  expect(told.map(({ grantId, requestId }) => [grantId, requestId]).sort()).toEqual(
    own.map(({ id, requestId }) => [id, requestId]).sort(),
  );
  expect(await world.dump()).toEqual(before);
  for (const { grant } of lives)
    expect(await world.grant(grant.id)).toMatchObject({ state: "active", drift: null });
});

const ago = new Date(Date.now() - 3_600_000);
const settled = { state: "succeeded", startedAt: ago, finishedAt: ago, outcome: "created" };

it.each<{ what: string; step: Prisma.StepUpdateManyMutationInput; waits: boolean }>([
  { what: "was written a moment ago", step: {}, waits: true },
  { what: "was written a moment ago, by a step that had long begun", step: { startedAt: ago }, waits: true },
  {
    what: "may be being written, by a step that had long begun",
    step: { state: "running", startedAt: ago, finishedAt: null, outcome: null },
    waits: true,
  },
  {
    what: "may have been written by a step that began a moment ago and failed",
    step: { state: "failed", finishedAt: ago, outcome: null },
    waits: true,
  },
  {
    what: "may have been written by a step that was left a moment ago",
    step: { state: "pending", finishedAt: null, outcome: null },
    waits: true,
  },
  ...[
    { state: "failed", outcome: null },
    { state: "pending", outcome: null },
    { state: "skipped", outcome: "kept" },
  ].map((step) => ({
    what: `may have been written until a moment ago, by a step that had long begun and is ${step.state}`,
    step: { ...step, startedAt: ago },
    waits: true,
  })),
  { what: "was written long ago", step: settled, waits: false },
  {
    what: "was looked at a moment ago, and written long ago",
    step: { ...settled, startedAt: null, finishedAt: new Date(), outcome: "unchanged" },
    waits: false,
  },
  {
    what: "may have been written by a step that failed long ago",
    step: { ...settled, state: "failed", outcome: null },
    waits: false,
  },
])(
  "takes a dead statement of ours away once a policy is no longer shown as it was before: one that $what",
  async ({ step, waits }) => {
    const estate = await world.estate();
    const lives: Live[] = [];
    for (const name of ["late", "late-too"])
      lives.push(
        await drift.live(
          grantWith("resource-policy-statements", estate, {
            workload: workload(withAgent, name),
            target: bucketAway,
            subResource: "a",
          }),
        ),
      );
    const [first, other] = lives;
    if (!first || !other) throw new Error("no grants");
    await drift.deleteRole(other);
    const ofOther = () => {
      const policy = sandbox.state().buckets.reports?.policy;
      return (policy ? statementsOf(policy) : []).filter(({ Sid }) => grantIdOfSid(Sid) === other.grant.id);
    };
    const there = ofOther();
    expect(there).not.toEqual([]);
    const written = {
      key: { in: other.resources.map(({ key }) => key) },
      kind: "resource-policy-statements",
    };
    const change = (data: Prisma.StepUpdateManyMutationInput) =>
      world.prisma.step.updateMany({ where: written, data });
    expect((await change(step)).count).toBe(1);
    const timing = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 300 };
    const worker = world.worker("w", { timing: { ...timing, settledAfterMs: 60_000 } });
    const runId = await world.revoke(first.grant.id);
    await executeRun(worker, runId);
    if (waits) {
      expect(await world.run(runId)).toMatchObject({
        state: "failed",
        error: { cause: expect.stringMatching(/written .*a moment ago/) },
      });
      expect(ofOther()).toEqual(there);
      await change(settled);
      await world.prisma.run.update({ where: { id: runId }, data: { state: "queued", finishedAt: null } });
      await executeRun(worker, runId);
    }
    expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
    expect(ofOther()).toEqual([]);
  },
);

it("finds a role that was deleted between its look and its write, and blames nobody for it", async () => {
  const estate = await world.estate();
  const grants = ["gone-in-the-gap", "comes-meanwhile"].map((name) =>
    grantWith("resource-policy-statements", estate, {
      workload: workload(withAgent, name),
      target: bucketAway,
      subResource: "a",
    }),
  );
  const [first, second] = grants;
  if (!first || !second) throw new Error("no grants");
  const other = await drift.live(first);
  const runId = await world.approve([second]);
  // The policy's own step looks at it once before it goes about the change.
  let looks = 0;
  const deps = world.worker("w", {
    timing: { random: () => 0, sleep: () => realTiming.sleep(1) },
    sessions: {
      onCall: (call) => {
        onCall(call);
        if (call.operation === "GetBucketPolicy") looks += 1;
      },
    },
    rates: {
      take: async (_account, service) => {
        const acting = await world.prisma.step.count({
          where: { runId, kind: "resource-policy-statements", state: "running" },
        });
        if (service === "S3" && acting > 0 && looks > 0) {
          looks = Number.NEGATIVE_INFINITY;
          await drift.deleteRole(other);
        }
      },
      throttled: () => {},
      sharedBy: () => {},
    },
  });
  await executeRun(deps, runId);
  const run = await world.run(runId);
  expect(run).toMatchObject({ state: "succeeded", error: null });
  expect(run.steps.find(({ kind }) => kind === "resource-policy-statements")).toMatchObject({ attempts: 2 });
  expect(
    await world.prisma.auditEvent.count({ where: { type: "grant.statements-dead", grantId: first.id } }),
  ).toBe(1);
});
