import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import type { Rates } from "./rates.ts";
import { executeRun } from "./run.ts";
import {
  accountB,
  bucketAway,
  createWorld,
  grantFor,
  targets,
  type World,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";
import { interruptedAfter } from "./testing-between.ts";
import { approveChange, rollBack } from "./testing-change.ts";
import { mortalWorker } from "./torture/mortal.ts";
import { staleSessions } from "./torture/stale.ts";

/**
 * IAM shows a change late (IAM User Guide, "Changes that I make are not always immediately visible"), and somebody takes
 * it back in the same moment: what is not seen yet is not gone, and what is seen still is not what was put back.
 */

/** Of a clock that the sandbox and the workers share, in milliseconds. */
let passed = 0;
let sandbox: RunningSandbox;
let world: World;
beforeEach(async () => {
  passed = 0;
  sandbox = await startSandbox({ seed: worldSeed(), clock: () => Date.now() + passed });
  world = await createWorld(sandbox);
});
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
  await sandbox.close();
});

const timing = {
  now: () => performance.now() + passed,
  sleep: async (ms: number) => {
    passed += ms;
    await realTiming.sleep(1);
  },
  random: () => 0.5,
  settledAfterMs: 60_000,
};
const hour = 3_600_000;
const aQueue = { arn: targets.away.sqs, accountId: accountB.id };

const ended = async (runId: string) => {
  await executeRun(world.worker("w", { timing, leaseSeconds: 3_600 }), runId);
  return world.run(runId);
};

async function grantOn(pattern: string, target: Grant["target"], more: Partial<Grant> = {}): Promise<Grant> {
  const wanted = { workload: workload(withoutAgent), target, ...more };
  const grant = grantFor(pattern, await world.estate(), wanted);
  if (!grant) throw new Error("not possible");
  return grant;
}

/** Approves a grant, and revokes it right after the run's first call of this operation. @returns the revocation */
async function revokedAfter(operation: string, grant: Grant): Promise<string> {
  const runId = await world.approve([grant]);
  await world.faults({ visibilityDelayMs: 10_000 });
  let revocation = "";
  const take = async () => {
    revocation = await world.revoke(grant.id);
  };
  await executeRun({ ...interruptedAfter(world, operation, take, timing), leaseSeconds: 3_600 }, runId);
  return revocation;
}

describe("what was made a moment ago", () => {
  it.each([
    { operation: "CreateRole", sibling: false },
    { operation: "PutRolePolicy", sibling: false },
    { operation: "PutRolePolicy", sibling: true },
  ])("goes when it is revoked right after $operation, another grant on the role: $sibling", async (row) => {
    if (row.sibling) {
      await ended(await world.approve([await grantOn("oidc-federation", bucketAway)]));
      passed += hour;
    }
    const before = await world.dump();
    const grant = await grantOn("oidc-federation", aQueue);
    const revocation = await revokedAfter(row.operation, grant);
    expect(await ended(revocation)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    passed += hour;
    expect(await world.dump()).toEqual(before);
  });

  // AWS may have throttled it for minutes before it took effect.
  it.each([0, 600])(
    "goes when it is revoked after its worker was lost %i s after the step began",
    async (ago) => {
      const before = await world.dump();
      const grant = await grantOn("oidc-federation", aQueue);
      const runId = await world.approve([grant]);
      await world.faults({ visibilityDelayMs: 10_000 });
      // Its answer is lost, and with it what it called.
      const dies = ({ event }: { event: string }) => event === "IAM.CreateRole 1 after";
      const mortal = mortalWorker(world, "mortal", dies, { timing });
      await executeRun(mortal.deps, runId);
      expect(mortal.dead()).toBe(true);
      const startedAt = new Date(Date.now() - ago * 1_000);
      await world.prisma.step.updateMany({ where: { runId, state: "running" }, data: { startedAt } });
      const revocation = await world.revoke(grant.id);
      await world.abandon(runId);
      expect(await ended(runId)).toMatchObject({ state: "failed", error: { code: "NotWanted" } });
      expect(await ended(revocation)).toMatchObject({ state: "succeeded", error: null });
      passed += hour;
      expect(await world.dump()).toEqual(before);
    },
  );

  it("is narrowed when the change that made it failed and is rolled back", async () => {
    const grant = await grantOn("resource-policy", bucketAway, { level: "read" });
    expect(await ended(await world.approve([grant]))).toMatchObject({ state: "succeeded" });
    passed += hour;
    const before = await world.dump();
    await world.faults({ visibilityDelayMs: 10_000 });
    const { buckets } = sandbox.state();
    const name = bucketAway.arn.split(":").at(-1) ?? "";
    const { [name]: bucket } = buckets;
    if (!bucket) throw new Error("no bucket");
    const change = await approveChange(world, grant.id, { level: "read-write" });
    const gone = Promise.withResolvers<void>();
    const remove = async () => {
      delete buckets[name];
      gone.resolve();
    };
    const deps = interruptedAfter(world, "PutRolePolicy", remove, timing);
    // The bucket's policy comes after the role's.
    const statements = { runId: change, kind: "resource-policy-statements", state: "running" };
    const take: typeof deps.rates.take = async (...asked) => {
      if (asked[1] === "S3" && (await world.prisma.step.count({ where: statements })) > 0) await gone.promise;
      return deps.rates.take(...asked);
    };
    await executeRun({ ...deps, leaseSeconds: 3_600, rates: { ...deps.rates, take } }, change);
    buckets[name] = bucket;
    expect(await world.run(change)).toMatchObject({ state: "failed", error: { code: "NoSuchBucket" } });

    expect(await ended(await rollBack(world, grant.id))).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(grant.id)).toMatchObject({ state: "active", changeRunId: null });
    passed += hour;
    expect(await world.dump()).toEqual(before);
  });
});

it("what AWS refused to make keeps no revocation waiting", async () => {
  const { roles } = sandbox.state().accounts[accountB.id] ?? {};
  const name = accountB.provisionerRoleArn.split("/").at(-1) ?? "";
  const refusal = { Effect: "Deny", Action: "iam:CreateRole", Resource: "*" };
  const held = { value: { Version: "2012-10-17", Statement: [refusal] }, visibleAt: 0, previous: null };
  Object.assign(roles?.[name]?.inline ?? {}, { refusal: held });
  const grant = await grantOn("oidc-federation", aQueue);
  expect(await ended(await world.approve([grant]))).toMatchObject({
    state: "failed",
    error: { cause: expect.stringContaining("iam:CreateRole") },
  });
  const since = passed;
  expect(await ended(await world.revoke(grant.id))).toMatchObject({ state: "succeeded" });
  expect(passed - since).toBeLessThan(1_000);
});

/** The key of the policy that carries a grant's own permissions. */
async function policyKeyOf(grant: Grant): Promise<string> {
  const found = desiredResources([grant], await world.estate()).find(({ kind }) => kind === "role-policy");
  if (!found) throw new Error("no policy");
  return found.key;
}

/** IAM shows the policy as if it were made in ten seconds. */
function isShownLate(key: string): void {
  const [role = "", policy = ""] = key.split("#").map((part) => part.split("/").at(-1) ?? "");
  const held = sandbox.state().accounts[accountB.id]?.roles[role]?.inline[policy];
  if (!held) throw new Error("no policy");
  Object.assign(held, { visibleAt: Date.now() + passed + 10_000, previous: null });
}

/** A live grant, and what is there with it. */
async function standing(): Promise<unknown> {
  const grant = await grantOn("oidc-federation", bucketAway);
  expect(await ended(await world.approve([grant]))).toMatchObject({ state: "succeeded" });
  passed += hour;
  return world.dump();
}

async function isGone(grant: Grant, before: unknown): Promise<void> {
  expect(await ended(await world.revoke(grant.id))).toMatchObject({ state: "succeeded", error: null });
  passed += hour;
  expect(await world.dump()).toEqual(before);
}

it("what an outage may have carried out goes, although its repetition was refused", async () => {
  const before = await standing();
  const grant = await grantOn("oidc-federation", aQueue);
  const runId = await world.approve([grant]);
  const late = { visibilityDelayMs: 10_000 };
  const only = { service: "iam", operation: "PutRolePolicy" };
  await world.faults({ ...late, lostAnswerRate: 1, only });
  const name = accountB.provisionerRoleArn.split("/").at(-1) ?? "";
  const inline = sandbox.state().accounts[accountB.id]?.roles[name]?.inline;
  const rates: Rates = {
    take: async () => {
      if (!(await world.calls()).some(({ fault }) => fault === "lost-answer")) return;
      await world.faults(late);
      const refusal = { Effect: "Deny", Action: "iam:PutRolePolicy", Resource: "*" };
      const value = { Version: "2012-10-17", Statement: [refusal] };
      Object.assign(inline ?? {}, { refusal: { value, visibleAt: 0, previous: null } });
    },
    throttled: () => {},
    sharedBy: () => {},
  };
  await executeRun(world.worker("w", { timing, leaseSeconds: 3_600, rates }), runId);
  expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "AccessDenied" } });
  delete inline?.refusal;
  await isGone(grant, before);
});

describe("what a lost worker has made", () => {
  /** Its answer is lost, and with it what it called. */
  async function lostAfterWriting(grant: Grant, ...others: Grant[]): Promise<string> {
    const key = await policyKeyOf(grant);
    const runId = await world.approve([...others, grant]);
    const dies = ({ step, event }: { step: string; event: string }) =>
      step === key && event === "IAM.PutRolePolicy 1 after";
    const mortal = mortalWorker(world, "mortal", dies, { timing });
    await executeRun(mortal.deps, runId);
    expect(mortal.dead()).toBe(true);
    await world.abandon(runId);
    return runId;
  }

  it("goes when its grant was taken out of the run's plan", async () => {
    const first = await grantOn("oidc-federation", bucketAway);
    const second = await grantOn("oidc-federation", aQueue);
    const key = await policyKeyOf(second);
    const runId = await lostAfterWriting(second, first);
    const revocation = await world.revoke(second.id);
    expect(await ended(runId)).toMatchObject({ state: "succeeded" });
    isShownLate(key);
    expect(await ended(revocation)).toMatchObject({ state: "succeeded", error: null });
    const { roles } = sandbox.state().accounts[accountB.id] ?? {};
    const role = roles?.[key.split("#")[0]?.split("/").at(-1) ?? ""];
    expect(Object.keys(role?.inline ?? {})).toEqual([(await policyKeyOf(first)).split("/").at(-1)]);
  });

  it("goes when it was found as it should be before, and is shown late after that", async () => {
    const before = await standing();
    const grant = await grantOn("oidc-federation", aQueue);
    expect(await ended(await lostAfterWriting(grant))).toMatchObject({ state: "succeeded" });
    isShownLate(await policyKeyOf(grant));
    await isGone(grant, before);
  });
});

it("counts by the database's clock, whatever the workers' say", async () => {
  const before = await standing();
  const grant = await grantOn("oidc-federation", aQueue);
  const runId = await world.approve([grant]);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 10 * 60_000 });
  expect(await ended(runId)).toMatchObject({ state: "succeeded" });
  isShownLate(await policyKeyOf(grant));
  await isGone(grant, before);
});

it("a policy of an access that was revoked a moment ago is nobody else's", async () => {
  const deps = world.worker("w", { timing });
  let late = 0;
  const isLate = (command: string) => command === "ListRolePoliciesCommand" && late-- > 0;
  const reader = { ...deps, sessions: staleSessions(deps.sessions, isLate) };
  const [first, second, third] = [
    await grantOn("oidc-federation", bucketAway, { level: "read" }),
    await grantOn("oidc-federation", aQueue),
    await grantOn("oidc-federation", bucketAway, { level: "write" }),
  ];
  await executeRun(deps, await world.approve([first]));
  await executeRun(reader, await world.approve([second]));
  await executeRun(deps, await world.revoke(first.id));
  expect(await world.grant(first.id)).toMatchObject({ state: "revoked" });
  const runId = await world.approve([third]);
  late = 2;
  await executeRun(reader, runId);
  expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
});

it("a deletion that AWS refused has removed nothing, whatever is seen after it", async () => {
  await standing();
  const grant = await grantOn("oidc-federation", aQueue);
  expect(await ended(await world.approve([grant]))).toMatchObject({ state: "succeeded" });
  const key = await policyKeyOf(grant);
  const name = accountB.provisionerRoleArn.split("/").at(-1) ?? "";
  const refusal = { Effect: "Deny", Action: "iam:DeleteRolePolicy", Resource: "*" };
  const value = { Version: "2012-10-17", Statement: [refusal] };
  const inline = sandbox.state().accounts[accountB.id]?.roles[name]?.inline;
  Object.assign(inline ?? {}, { refusal: { value, visibleAt: 0, previous: null } });
  let refused = false;
  const rates: Rates = {
    take: async () => {
      if (refused) return;
      refused = (await world.calls()).some(
        ({ operation, status }) => operation === "DeleteRolePolicy" && status === 403,
      );
      // Another of IAM's servers answers.
      if (refused) isShownLate(key);
    },
    throttled: () => {},
    sharedBy: () => {},
  };
  const revocation = await world.revoke(grant.id);
  await executeRun(world.worker("w", { timing, leaseSeconds: 3_600, rates }), revocation);
  expect(await world.run(revocation)).toMatchObject({ state: "failed", error: { code: "AccessDenied" } });
  expect(await world.grant(grant.id)).toMatchObject({ state: "failed", wanted: false });
});
