import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inlinePolicy, workloadRole } from "#lib/desired/context.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { patterns } from "#lib/desired/patterns/catalogue.ts";
import type { AccessPattern } from "#lib/desired/patterns/pattern.ts";
import { webIdentityTrust } from "#lib/desired/trust.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { oidcProviderArn } from "#lib/model/resource-key.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import { createRates, type Rates } from "./rates.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantFor,
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

/** A provider, then a role, then its policy: one after the other. */
async function threeSteps() {
  const estate = await world.estate();
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome };
  const grant = grantWith("oidc-provider", estate, wanted);
  return { grant, runId: await world.approve([grant]), resources: desiredResources([grant], estate) };
}

function accountState() {
  const state = sandbox.state().accounts[accountA.id];
  if (!state) throw new Error("no account");
  return state;
}

describe("an approval", () => {
  const changes: { what: string; code: string; change: (requestId: string) => Promise<unknown> }[] = [
    {
      what: "is withdrawn",
      code: "NotApproved",
      change: (id) => world.prisma.request.update({ where: { id }, data: { state: "withdrawn" } }),
    },
    {
      what: "is of a version that is no longer current",
      code: "NotCurrent",
      change: (id) => world.prisma.request.update({ where: { id }, data: { currentVersion: 2 } }),
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
      what: "is of a grant whose stored form was changed",
      code: "DigestChanged",
      change: (requestId) =>
        world.prisma.$executeRaw`
          UPDATE "Grant" SET "spec" = jsonb_set("spec", '{expiresAt}', 'null') WHERE "requestId" = ${requestId}::uuid`,
    },
    {
      what: "is of a grant that was taken back",
      code: "NotWanted",
      change: (requestId) =>
        world.prisma.grant.updateMany({ where: { requestId }, data: { state: "revoking", wanted: false } }),
    },
  ];

  it.each(changes)("that $what between two steps stops the run", async ({ code, change }) => {
    const { runId, grant } = await threeSteps();
    const { requestId } = await world.run(runId);
    const first = "CreateOpenIDConnectProvider";
    await executeRun(
      interruptedAfter(world, first, () => change(requestId ?? "")),
      runId,
    );
    expect(mutations(await world.calls())).toEqual([first]);
    const run = await world.run(runId);
    expect(run).toMatchObject({ state: "failed", error: { code, cause: expect.any(String) } });
    expect(run.steps.map(({ state }) => state)).toEqual(["succeeded", "pending", "pending"]);
    expect((await world.grant(grant.id)).state).toBe(code === "NotWanted" ? "revoking" : "failed");
  });

  it.each(changes)("that $what before the run begins lets it change nothing", async ({ code, change }) => {
    const { runId } = await threeSteps();
    const { requestId } = await world.run(runId);
    await change(requestId ?? "");
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code } });
    expect(mutations(await world.calls())).toEqual([]);
  });

  it("is of no use after the grant's end date", async () => {
    const estate = await world.estate();
    const grant = grantWith("role", estate, {
      workload: workload(withAgent),
      target: bucketAtHome,
      expiresAt: "2020-01-01T00:00:00Z",
    });
    const runId = await world.approve([grant]);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "Expired" } });
    expect(mutations(await world.calls())).toEqual([]);
  });
});

describe("history that can't be written", () => {
  const refuse = `
    CREATE FUNCTION no_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'no history today'; END $$;
    CREATE TRIGGER no_history BEFORE INSERT ON "AuditEvent" FOR EACH ROW`;

  it.each([
    { what: "at all", when: "" },
    { what: "of what a step is about to do", when: "WHEN (NEW.\"type\" = 'step.intended')" },
  ])("$what keeps every call that changes something from being made", async ({ when }) => {
    const { runId, grant } = await threeSteps();
    await world.db.pool.query(`${refuse} ${when} EXECUTE FUNCTION no_history()`);
    const timing = { sleep: () => realTiming.sleep(1), stepDeadlineMs: 100 };
    await executeRun(world.worker("w", { timing }), runId).catch(() => {});
    expect(mutations(await world.calls())).toEqual([]);
    expect((await world.grant(grant.id)).state).not.toBe("active");
    await world.db.pool.query(`DROP TRIGGER no_history ON "AuditEvent"`);
    await world.prisma.run.update({ where: { id: runId }, data: { state: "queued" } });
    await executeRun(world.worker("w2"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
  });
});

describe("what is in the way", () => {
  it("is left alone and explained: a role of somebody else with the same name", async () => {
    const { runId, grant, resources } = await threeSteps();
    const role = resources.find((one): one is CloudResource<"role"> => one.kind === "role");
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    await world.control("seed", {
      accounts: [{ id: accountA.id, roles: [{ name: role?.body.name, trust }] }],
    });
    const before = await world.dump();
    await executeRun(world.worker("w"), runId);
    const run = await world.run(runId);
    expect(run).toMatchObject({
      state: "failed",
      error: { cause: expect.stringContaining(role?.body.name ?? "") },
    });
    expect(run.error).toMatchObject({ nextStep: expect.stringContaining("owner") });
    expect(mutations(await world.calls())).toEqual([]);
    expect(await world.dump()).toEqual(before);
    expect((await world.grant(grant.id)).state).toBe("failed");
  });

  it("is explained and not tried again when it is a quota, and can be retried once it is raised", async () => {
    const { runId, grant } = await threeSteps();
    const account = accountState();
    // Others use up what preflight had seen to be left.
    const full = async () => {
      account.quotas.roles = Object.keys(account.roles).length;
    };
    await executeRun(interruptedAfter(world, "CreateOpenIDConnectProvider", full), runId);
    const run = await world.run(runId);
    expect(run).toMatchObject({
      state: "failed",
      error: { code: "LimitExceeded", cause: expect.stringMatching(/quota/i) },
    });
    expect(mutations(await world.calls()).filter((name) => name === "CreateRole")).toHaveLength(1);
    expect(run.steps.map(({ state }) => state)).toEqual(["succeeded", "failed", "pending"]);
    expect(run.steps[1]?.error).toMatchObject({ code: "LimitExceeded", nextStep: expect.any(String) });
    expect((await world.grant(grant.id)).state).toBe("failed");

    account.quotas.roles = 1000;
    await world.prisma.run.update({ where: { id: runId }, data: { state: "queued" } });
    await executeRun(world.worker("w"), runId);
    const retried = await world.run(runId);
    expect(retried).toMatchObject({ state: "succeeded", error: null });
    expect(retried.steps.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual([
      "succeeded 1",
      "succeeded 2",
      "succeeded 1",
    ]);
    expect((await world.grant(grant.id)).state).toBe("active");
  });

  it("leaves nothing behind when what was made halfway is revoked", async () => {
    const before = await world.dump();
    const { runId, grant } = await threeSteps();
    await world.faults({ errorRate: 1, only: { service: "iam", operation: "PutRolePolicy" } });
    const timing = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 300 };
    await executeRun(world.worker("w", { timing, sessions: { maxAttempts: 1 } }), runId);
    await world.faults({});
    expect((await world.grant(grant.id)).state).toBe("failed");
    expect(mutations(await world.calls())).toContain("CreateRole");
    await executeRun(world.worker("w"), await world.revoke(grant.id));
    expect((await world.grant(grant.id)).state).toBe("revoked");
    expect(await world.dump()).toEqual(before);
  });

  it("fails one step, and the independent ones finish", async () => {
    const estate = await world.estate();
    const grant = grantWith("resource-policy-statements", estate, {
      workload: workload(withAgent),
      target: bucketAway,
    });
    const runId = await world.approve([grant]);
    await world.faults({ errorRate: 1, only: { service: "s3", operation: "PutBucketPolicy" } });
    const timing = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 300 };
    await executeRun(world.worker("w", { timing, sessions: { maxAttempts: 1 } }), runId);
    const run = await world.run(runId);
    expect(run).toMatchObject({ state: "failed", error: { code: "InternalError" } });
    const states = run.steps.map(({ kind, state }) => `${kind} ${state}`);
    expect(states).toContain("role-policy succeeded");
    expect(states).toContain("resource-policy-statements failed");
  });
});

describe("trouble that passes", () => {
  it.each([
    { what: "throttling", faults: { throttleRate: 0.2 } },
    { what: "errors", faults: { errorRate: 0.2 } },
    { what: "lost answers", faults: { lostAnswerRate: 0.2 } },
  ])("$what is waited out", async ({ faults }) => {
    const estate = await world.estate();
    const grant = grantWith("resource-policy-statements", estate, {
      workload: workload(withAgent),
      target: bucketAway,
    });
    const before = await world.dump();
    const deps = world.worker("w", {
      timing: { random: () => 0, sleep: (_, signal) => realTiming.sleep(2, signal) },
      sessions: { maxAttempts: 1 },
    });
    const runId = await world.approve([grant]);
    await world.faults({ ...faults, seed: 7 });
    const since = await world.lastCall();
    await executeRun(deps, runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    // Which calls they meet depends on the order in which steps side by side make theirs; how many does not.
    expect((await world.calls(since)).filter(({ fault }) => fault)).not.toEqual([]);
    const revocation = await world.revoke(grant.id);
    await executeRun(deps, revocation);
    await world.faults({});
    expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.dump()).toEqual(before);
  });

  it("slow visibility is waited for", async () => {
    const estate = await world.estate();
    const grant = grantWith("pod-identity-association", estate, {
      workload: workload(withAgent),
      target: bucketAway,
    });
    await world.faults({ visibilityDelayMs: 200 });
    const runId = await world.approve([grant]);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
  });

  it("is given up in the end, with AWS's words", async () => {
    const { runId } = await threeSteps();
    await world.faults({ throttleRate: 1, only: { service: "iam", operation: "CreateRole" } });
    const timing = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 500 };
    await executeRun(world.worker("w", { timing, sessions: { maxAttempts: 1 } }), runId);
    const run = await world.run(runId);
    expect(run).toMatchObject({ state: "failed", error: { code: "Throttling" } });
    expect(run.steps[1]?.attempts).toBeGreaterThan(1);
  });
});

describe("the rate of calls", () => {
  it("is asked for before each attempt, in the run's name, and learns of throttling", async () => {
    const { runId } = await threeSteps();
    const taken: string[] = [];
    const throttled: string[] = [];
    const rates = {
      take: async (accountId: string, service: string, sharer: string) => {
        taken.push(`${accountId} ${service} ${sharer}`);
      },
      throttled: (accountId: string, service: string) => void throttled.push(`${accountId} ${service}`),
      sharedBy: () => {},
    };
    await world.faults({ throttleRate: 0.7, seed: 1, only: { service: "iam", operation: "CreateRole" } });
    const timing = { random: () => 0, sleep: () => realTiming.sleep(1) };
    const deps = world.worker("w", { rates, timing, sessions: { maxAttempts: 3 } });
    const since = await world.lastCall();
    await executeRun(deps, runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
    const calls = (await world.calls(since)).filter(({ service }) => service !== "sts");
    expect(taken).toHaveLength(calls.length);
    expect(new Set(taken)).toContain(`${accountA.id} IAM drawbridge-${runId}`);
    const refused = calls.filter(({ errorCode }) => errorCode === "Throttling");
    expect(refused.length).toBeGreaterThan(0);
    expect(throttled).toEqual(refused.map(() => `${accountA.id} IAM`));
  });

  it("may hold a call back past its session's end: the step goes on with another session", async () => {
    const { runId } = await threeSteps();
    let late = 0;
    const rates: Rates = {
      take: async () => {
        const creating = await world.prisma.step.count({ where: { runId, kind: "role", state: "running" } });
        if (creating > 0 && late === 0) late = 61_000;
      },
      throttled: () => {},
      sharedBy: () => {},
    };
    const now = () => performance.now() + late;
    const timing = { now, random: () => 0, sleep: () => realTiming.sleep(1) };
    await executeRun(world.worker("w", { rates, timing, leaseSeconds: 300 }), runId);
    const run = await world.run(runId);
    expect(run).toMatchObject({ state: "succeeded", error: null });
    expect(run.steps.map(({ kind, attempts }) => `${kind} ${attempts}`)).toContain("role 2");
  });

  it("holds a run back and lets it through", async () => {
    const { runId } = await threeSteps();
    const rates = createRates(realTiming, { IAM: { perSecond: 25, burst: 1 } });
    const started = performance.now();
    await executeRun(world.worker("w", { rates }), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
    const made = (await world.calls()).filter(({ service }) => service === "iam").length;
    expect(performance.now() - started).toBeGreaterThan(((made - 1) / 25) * 1_000 * 0.9);
  });
});

describe("a pattern that the product does not know", () => {
  /** A role of its own and two inline policies: nothing in lib/worker or lib/aws was written for it. */
  const madeUp: AccessPattern = {
    id: "made-up",
    title: "Made up",
    summary: "For this test",
    identities: () => [{ kind: "home-role", accountId: null }],
    objections: () => [],
    facts: () => [],
    attach(grant, context) {
      const ref = { accountId: context.home.id, purpose: "made-up" };
      const role = workloadRole(context, ref.accountId, ref.purpose, {
        trust: [webIdentityTrust(context, ref.accountId)],
        description: "Drawbridge: made up",
        dependsOn: [oidcProviderArn(context.partition, ref.accountId, context.cluster.issuer)],
        owners: [grant.id],
      });
      const policy = (name: string, Action: string) =>
        inlinePolicy(context, ref, {
          name,
          statements: [{ Effect: "Allow", Action, Resource: `${grant.target.arn}/*` }],
          owners: [grant.id],
        });
      return [role, policy("first", "s3:GetObject"), policy("second", "s3:PutObject")];
    },
    profile: () => null,
  };
  const table = { ...patterns, [madeUp.id]: madeUp };

  it("is provisioned, read back and revoked all the same", async () => {
    const compile = (...[grants, estate]: Parameters<typeof desiredResources>) =>
      desiredResources(grants, estate, table);
    const deps = world.worker("w", { compile });
    const wanted = { workload: workload(withoutAgent), target: bucketAtHome };
    const grant = grantFor(madeUp.id, await world.estate(), wanted, table);
    if (!grant) throw new Error("no grant");
    const before = await world.dump();
    const runId = await world.approve([grant], compile);
    await executeRun(deps, runId);
    const run = await world.run(runId);
    expect(run).toMatchObject({ state: "succeeded", error: null });
    expect(run.steps.map(({ kind }) => kind).sort()).toEqual([
      "oidc-provider",
      "role",
      "role",
      "role-policy",
      "role-policy",
    ]);
    await executeRun(deps, await world.revoke(grant.id));
    expect((await world.grant(grant.id)).state).toBe("revoked");
    expect(await world.dump()).toEqual(before);
  });
});
