import {
  DeleteOpenIDConnectProviderCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addJob } from "#lib/db/jobs.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { createAnchors } from "./anchors.ts";
import { realTiming } from "./deps.ts";
import { checkDrift, checkDriftOf, driftDue } from "./drift.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  mutations,
  type World,
  withAgent,
  withoutAgent,
  workload,
} from "./testing.ts";
import { approveChange, rollBack } from "./testing-change.ts";
import {
  boundaryIn,
  type DriftWorld,
  driftWorld,
  everything,
  type Live,
  tamperedSeed,
} from "./testing-drift.ts";
import { startWorker } from "./worker.ts";

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

const irsa = () => drift.liveWith("oidc-provider");

/** Gives up at once: its clock runs ahead with each look. */
function impatient() {
  let at = 0;
  const now = () => {
    at += 5_000;
    return at;
  };
  const timing = { now, sleep: async () => {}, random: () => 0 };
  return world.worker("impatient", { timing, sessions: { maxAttempts: 1 } });
}

describe("what is found", () => {
  it("is on record once a change, not once a check, and ends by itself when it is undone", async () => {
    const { grant, of } = await irsa();
    const RoleName = of("role").body.name;
    const settings = { RoleName, MaxSessionDuration: 3600 };
    const { description: Description } = of("role").body;
    const backdoor = { RoleName, PolicyName: "backdoor" };
    await drift.iam().send(new PutRolePolicyCommand({ ...backdoor, PolicyDocument: everything }));
    await drift.check(grant);
    const first = (await world.grant(grant.id)).driftCheckedAt?.getTime() ?? 0;
    await drift.check(grant);
    expect((await world.grant(grant.id)).driftCheckedAt?.getTime()).toBeGreaterThan(first);
    await drift.iam().send(new UpdateRoleCommand({ ...settings, Description: "mine" }));
    await drift.check(grant);
    await drift.iam().send(new DeleteRolePolicyCommand(backdoor));
    await drift.iam().send(new UpdateRoleCommand({ ...settings, Description }));
    await drift.check(grant);
    expect(await drift.eventsOf(grant)).toEqual(["grant.drifted", "grant.drifted", "grant.drift-cleared"]);
    const verifications = await world.prisma.verification.findMany({
      where: { grantId: grant.id, source: "documents" },
      orderBy: { at: "asc" },
    });
    expect(verifications.map(({ ok }) => ok)).toEqual([true, false, false, true]);
  });

  it("is what previews and pages show from then on, unless something newer was seen", async () => {
    const { grant, of } = await irsa();
    const { key, body } = of("role");
    const seen = async () => world.prisma.observedResource.findUniqueOrThrow({ where: { key } });
    const description = async () =>
      ((await seen()).observed as unknown as { body: typeof body }).body.description;
    const made = (await seen()).seenAt.getTime();
    const edit = (Description: string) =>
      drift.iam().send(new UpdateRoleCommand({ RoleName: body.name, MaxSessionDuration: 3600, Description }));

    await edit("mine");
    await drift.check(grant);
    expect(await description()).toBe("mine");
    expect((await seen()).seenAt.getTime()).toBeGreaterThan(made);

    const newer = new Date(Date.now() + 3_600_000);
    await world.prisma.observedResource.update({ where: { key }, data: { seenAt: newer } });
    await edit("later");
    await drift.check(grant);
    expect(await description()).toBe("mine");
    expect((await seen()).seenAt).toEqual(newer);
  });

  it("of a grant is not that of its sibling, but what is wrong with their role is both's", async () => {
    const made = await irsa();
    const { grant, of } = made;
    const { grant: other } = await drift.sibling(made);
    await drift.deletePolicy(made);
    await drift.check(grant);
    expect([await drift.kindsOf(grant), await drift.kindsOf(other)]).toEqual([["policy.deleted"], []]);
    const backdoor = { RoleName: of("role").body.name, PolicyName: "x", PolicyDocument: everything };
    await drift.iam().send(new PutRolePolicyCommand(backdoor));
    await drift.check(grant);
    expect([await drift.kindsOf(grant), await drift.kindsOf(other)]).toEqual([
      ["policy.deleted", "policy.foreign"],
      ["policy.foreign"],
    ]);
    // One grant's repair touches what it owns or needs, and nothing of its siblings.
    await executeRun(world.worker("w"), await drift.queueRepair(other));
    await drift.check(grant);
    expect([await drift.kindsOf(grant), await drift.kindsOf(other)]).toEqual([["policy.deleted"], []]);
  });

  it("is not known where an account can't be read; that is no drift, and ends none that was found", async () => {
    const { grant } = await drift.liveWith("resource-policy-statements");
    const worker = impatient();
    await world.faults({ errorRate: 1, only: { service: "s3" } });
    await checkDrift(worker, grant.workload);
    expect(await drift.driftOf(grant)).toMatchObject({ verdict: "unknown", steps: [] });
    expect(await drift.kindsOf(grant)).toEqual(["unreadable"]);
    expect(await drift.eventsOf(grant)).toEqual([]);

    await world.faults({});
    const bucket = sandbox.state().buckets.reports;
    if (bucket) bucket.policy = null;
    await drift.check(grant);
    await world.faults({ errorRate: 1, only: { service: "s3" } });
    await checkDrift(worker, grant.workload);
    expect((await drift.driftOf(grant))?.verdict).toBe("drifted");
    expect(await drift.kindsOf(grant)).toEqual(["statements.deleted", "unreadable"]);
    expect(await drift.eventsOf(grant)).toEqual(["grant.drifted"]);
    await checkDrift(world.worker("blind", { compile: notCompiled }), grant.workload);
    expect(await drift.kindsOf(grant)).toEqual(["statements.deleted", "unreadable"]);
    await world.faults({});
    await drift.check(grant);
    expect(await drift.kindsOf(grant)).toEqual(["statements.deleted"]);
  });

  const notCompiled = () => {
    throw new Error("An account is not registered.");
  };

  it("says when the approved documents are no longer those of today", async () => {
    const { grant } = await irsa();
    const boundaryArn = `${accountA.boundaryArn}-wider`;
    await world.prisma.account.update({ where: { id: accountA.id }, data: { boundaryArn } });
    await drift.check(grant);
    expect(await drift.kindsOf(grant)).toEqual(["approval.outdated", "role.boundary-changed"]);
  });
});

describe("the boundary that the roles are under", () => {
  const inBoth = () => drift.liveWith("pod-identity-association");

  it.each<[string, "open" | "narrow" | "remove", object]>([
    ["opened", "open", { id: "boundary.opened", effect: "wider", now: [expect.stringContaining("* on *")] }],
    ["narrowed", "narrow", { id: "boundary.narrowed", effect: "narrower" }],
    ["deleted", "remove", { id: "boundary.deleted", effect: "narrower" }],
  ])(
    "is found when somebody has %s it, for each access under it, until its owner puts it back",
    async (_what, change, finding) => {
      const { grant: under } = await inBoth();
      const { grant: elsewhere } = await irsa();
      const boundary = boundaryIn(sandbox, accountB);
      boundary[change]();
      for (const grant of [under, elsewhere]) await drift.check(grant);
      expect(await drift.driftOf(under)).toMatchObject({
        verdict: "drifted",
        findings: [
          {
            ...finding,
            accountId: accountB.id,
            key: accountB.boundaryArn,
            repairable: false,
            nextStep: expect.stringMatching(/owner to deploy the onboarding template again/),
          },
        ],
        steps: [],
      });
      expect(await drift.driftOf(elsewhere)).toBeNull();
      boundary.restore();
      await drift.check(under);
      expect(await drift.driftOf(under)).toBeNull();
      expect(await drift.eventsOf(under)).toEqual(["grant.drifted", "grant.drift-cleared"]);
    },
  );

  it("is found as well where the role was deleted, which a repair would make again under it", async () => {
    const made = await irsa();
    boundaryIn(sandbox, accountA).open();
    await drift.deleteRole(made);
    await drift.check(made.grant);
    expect((await drift.kindsOf(made.grant)).sort()).toEqual([
      "boundary.opened",
      "policy.deleted",
      "role.deleted",
    ]);
  });

  it.each<[string, () => Promise<Live>, number]>([
    ["two grants in one account", irsa, 1],
    ["one grant with roles in two", inBoth, 2],
  ])("is read once a look and account, whatever it is read for: %s", async (_what, make, reads) => {
    const made = await make();
    if (reads === 1) await drift.sibling(made);
    const since = await world.lastCall();
    await drift.check(made.grant);
    const calls = await world.calls(since);
    expect(calls.filter(({ operation }) => operation === "GetPolicyVersion")).toHaveLength(reads);
  });

  it("that can't be read is unknown, and ends nothing that was found of it", async () => {
    const { grant } = await irsa();
    const boundary = boundaryIn(sandbox, accountA);
    boundary.open();
    await drift.check(grant);
    boundary.restore();
    await world.faults({ errorRate: 1, only: { service: "iam", operation: "GetPolicyVersion" } });
    await checkDrift(impatient(), grant.workload);
    expect(await drift.kindsOf(grant)).toEqual(["boundary.opened", "unreadable"]);
    await world.faults({});
    await drift.check(grant);
    expect(await drift.driftOf(grant)).toBeNull();
  });
});

it("audiences that somebody added to the provider are found, and put right by its account's owner", async () => {
  const { grant } = await irsa();
  for (const provider of Object.values(sandbox.state().accounts[accountA.id]?.providers ?? {}))
    provider.clientIds.push("others");
  await drift.check(grant);
  expect(await drift.driftOf(grant)).toMatchObject({
    findings: [{ id: "provider.opened", now: [expect.stringContaining("others")], repairable: false }],
    steps: [],
  });
});

describe("a cluster that was made anew", () => {
  const fresh = withoutAgent.issuer?.replace(/\w{32}$/, "11111111111111111111111111111111") ?? "";
  const clusters = () => sandbox.state().accounts[accountA.id]?.clusters ?? {};
  /** Its associations go with a cluster. */
  const recreate = ({ name: which } = withoutAgent) => {
    const cluster = Object.values(clusters()).find(({ name }) => name === which);
    if (cluster) Object.assign(cluster, { issuer: fresh, associations: {} });
  };
  const register = ({ name } = withoutAgent) =>
    world.prisma.cluster.updateMany({ where: { name }, data: { issuer: fresh } });

  it.each([
    { what: "before the inventory has seen it", seen: false },
    { what: "when the inventory has the new issuer", seen: true },
  ])("is one finding that no repair mends, $what", async ({ seen }) => {
    const { grant } = await irsa();
    recreate();
    if (seen) await register();
    await drift.check(grant);
    expect(await drift.driftOf(grant)).toMatchObject({
      findings: [
        {
          id: "cluster.recreated",
          repairable: false,
          approved: [`Issuer ${withoutAgent.issuer}`],
          now: [`Issuer ${fresh}`],
          nextStep: expect.stringContaining("ask for it again"),
        },
      ],
      steps: [],
    });
    expect(await drift.kindsOf(grant)).toEqual(["cluster.recreated"]);
  });

  it("is not trusted by a repair, since the new issuer was never approved", async () => {
    const { grant } = await irsa();
    recreate();
    await register();
    const since = await world.lastCall();
    const runId = await drift.queueRepair(grant);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "DigestChanged" } });
    expect(mutations(await world.calls(since))).toEqual([]);
  });

  it.each([
    { what: "before the inventory has seen it", seen: false, code: "ClusterRecreated" },
    { what: "when the inventory has the new issuer", seen: true, code: "DigestChanged" },
  ])(
    "is not bound to by Pod Identity without an approval, though no document names it: $what",
    async ({ seen, code }) => {
      const { grant } = await drift.liveWith("pod-identity-association");
      recreate(withAgent);
      if (seen) await register(withAgent);
      await drift.check(grant);
      expect(await drift.driftOf(grant)).toMatchObject({
        findings: [{ id: "cluster.recreated", repairable: false, now: [`Issuer ${fresh}`] }],
      });
      const since = await world.lastCall();
      const runId = await drift.queueRepair(grant);
      await executeRun(world.worker("w"), runId);
      expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code } });
      expect(mutations(await world.calls(since))).toEqual([]);
    },
  );

  it("is another thing when the cluster is gone", async () => {
    const { grant } = await drift.liveWith("pod-identity-association");
    for (const [key, { name }] of Object.entries(clusters()))
      if (name === withAgent.name) delete clusters()[key];
    await drift.check(grant);
    expect(await drift.kindsOf(grant)).toEqual(["cluster.gone"]);
  });
});

describe("a change that failed", () => {
  const reading = { level: "read" as const, subResource: "in" };
  const more = { level: "read-write" as const, subResource: "in" };
  const overIrsa = async () =>
    drift.live(
      grantWith("oidc-provider", await world.estate(), {
        ...reading,
        workload: workload(withoutAgent),
        target: bucketAtHome,
      }),
    );
  const overStatements = async (form: typeof reading | typeof more = reading) =>
    drift.live(
      grantWith("resource-policy-statements", await world.estate(), {
        ...form,
        workload: workload(withAgent),
        target: bucketAway,
      }),
    );

  /** AWS refuses one operation for ever. @returns the run of the change */
  async function failing(
    { grant }: Live,
    form: Parameters<typeof approveChange>[2],
    service = "iam",
    operation = "PutRolePolicy",
  ): Promise<string> {
    const runId = await approveChange(world, grant.id, form);
    await world.faults({ errorRate: 1, only: { service, operation } });
    const timing = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 300 };
    await executeRun(world.worker("w", { timing, sessions: { maxAttempts: 1 } }), runId);
    await world.faults({});
    expect(await world.run(runId)).toMatchObject({ state: "failed" });
    return runId;
  }

  /** The new form is in place; what failed is what came after. */
  async function failingAtItsEnd({ grant }: Live): Promise<string> {
    const runId = await approveChange(world, grant.id, more);
    await executeRun(world.worker("w"), runId);
    await world.prisma.run.update({ where: { id: runId }, data: { state: "failed" } });
    await world.prisma.grant.update({ where: { id: grant.id }, data: { changeRunId: runId } });
    return runId;
  }

  const lastProof = ({ grant }: Live) =>
    world.prisma.verification.findFirstOrThrow({
      where: { grantId: grant.id, source: "documents" },
      orderBy: { at: "desc" },
    });

  it.each<[string, () => Promise<Live>, (made: Live) => Promise<string>]>([
    ["before its first write", overIrsa, (made) => failing(made, more)],
    ["between two writes", overStatements, (made) => failing(made, more, "s3", "PutBucketPolicy")],
    [
      "between two writes that take away",
      () => overStatements(more),
      (made) => failing(made, reading, "s3", "PutBucketPolicy"),
    ],
    [
      "between two writes, another change after it",
      overStatements,
      async (made) => {
        await failing(made, more, "s3", "PutBucketPolicy");
        return failing(made, { level: "write", subResource: "out" });
      },
    ],
    ["after its last write", overStatements, failingAtItsEnd],
  ])(
    "%s leaves live access that is compared as any other: what either form has is no drift, and the proof is as of now",
    async (_what, make, fail) => {
      const made = await make();
      const { grant } = made;
      await fail(made);
      const past = new Date(Date.now() - 90 * 60_000);
      await world.prisma.grant.update({ where: { id: grant.id }, data: { driftCheckedAt: past } });
      expect(await driftDue(world.worker("w"), 60)).toEqual([grant.workload]);
      const before = (await lastProof(made)).at.getTime();
      await checkDriftOf(world.worker("w"), grant.id);
      expect((await world.grant(grant.id)).driftCheckedAt?.getTime()).toBeGreaterThan(past.getTime());
      expect(await drift.driftOf(grant)).toBeNull();
      expect(await drift.eventsOf(grant)).toEqual([]);
      expect((await lastProof(made)).at.getTime()).toBeGreaterThan(before);
    },
  );

  it("has a good proof where all that is there is of one form", async () => {
    const made = await overStatements();
    await failing(made, more, "iam");
    await drift.check(made.grant);
    expect((await lastProof(made)).ok).toBe(true);
  });

  const cases: {
    what: string;
    make: () => Promise<Live>;
    tamper: (made: Live) => Promise<unknown>;
    found: string[];
    /** What a run that gives access stops at. */
    first?: true;
  }[] = [
    {
      what: "a role deleted by hand",
      make: overIrsa,
      tamper: (made) => drift.deleteRole(made),
      found: ["policy.deleted", "role.deleted"],
    },
    {
      what: "a policy that allows more than either form",
      make: overIrsa,
      tamper: ({ of }) => {
        const { roleName: RoleName, policyName: PolicyName } = of("role-policy").body;
        return drift
          .iam()
          .send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: everything }));
      },
      found: ["policy.wider"],
    },
    {
      what: "an OIDC provider deleted",
      make: overIrsa,
      tamper: ({ of }) =>
        drift
          .iam()
          .send(
            new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: of("oidc-provider").key }),
          ),
      found: ["provider.deleted"],
    },
    {
      what: "the statements taken out of a bucket's policy",
      make: overStatements,
      tamper: async () => {
        const { reports } = sandbox.state().buckets;
        if (reports) reports.policy = null;
      },
      found: ["statements.deleted"],
    },
    {
      what: "a policy of somebody else on the role",
      make: overIrsa,
      tamper: ({ of }) => {
        const theirs = { RoleName: of("role").body.name, PolicyName: "theirs", PolicyDocument: everything };
        return drift.iam().send(new PutRolePolicyCommand(theirs));
      },
      found: ["policy.foreign"],
      first: true,
    },
  ];

  it.each(cases)(
    "hides nothing that is in neither form: $what is found, and ended by a retry and not by a repair",
    async ({ make, tamper, found, first }) => {
      const made = await make();
      const { grant, of } = made;
      const runId = await failing(made, more);
      await tamper(made);
      await checkDriftOf(world.worker("w"), grant.id);
      expect((await drift.kindsOf(grant)).sort()).toEqual(found);
      const stored = await drift.driftOf(grant);
      for (const { repairable, nextStep } of stored?.findings ?? []) {
        expect(repairable).toBe(false);
        expect(nextStep).toMatch(/retry the last change of this access, which failed, or roll it back/i);
        expect(nextStep.includes("owner to take it off; then")).toBe(first === true);
      }
      const repair = await drift.queueRepair(grant);
      const since = await world.lastCall();
      await executeRun(world.worker("w"), repair);
      expect(await world.run(repair)).toMatchObject({ state: "failed", error: { code: "Changed" } });
      expect(mutations(await world.calls(since))).toEqual([]);

      if (first)
        await drift
          .iam()
          .send(new DeleteRolePolicyCommand({ RoleName: of("role").body.name, PolicyName: "theirs" }));
      await world.prisma.run.update({ where: { id: runId }, data: { state: "queued", finishedAt: null } });
      await executeRun(world.worker("w"), runId);
      expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
      const [job] = await world.prisma.$queryRaw<unknown[]>`
        SELECT 1 FROM graphile_worker.jobs WHERE key = ${`check-drift:${grant.id}`}`;
      expect(job).toBeDefined();
      await drift.check(grant);
      expect(await drift.driftOf(grant)).toBeNull();
      expect(await drift.eventsOf(grant)).toEqual(["grant.drifted", "grant.drift-cleared"]);
    },
  );

  it("is rolled back to what was there before, and what was found beside it ends with that", async () => {
    const made = await overIrsa();
    const { grant } = made;
    const before = await world.dump();
    await failing(made, more);
    await drift.deleteRole(made);
    await drift.check(grant);
    expect((await drift.kindsOf(grant)).sort()).toEqual(["policy.deleted", "role.deleted"]);
    const runId = await rollBack(world, grant.id);
    expect(await driftDue(world.worker("w"), 0)).toEqual([]);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    await drift.check(grant);
    expect(await drift.driftOf(grant)).toBeNull();
    expect(await world.dump()).toEqual(before);
  });
});

describe("the schedule", () => {
  const seen = (minutes: number, id: string) =>
    world.prisma.grant.update({
      where: { id },
      data: { driftCheckedAt: new Date(Date.now() - minutes * 60_000) },
    });

  it("takes on workloads that fall due, the longest unseen first, and live ones only", async () => {
    const { grant: first } = await irsa();
    const { grant: second } = await drift.liveWith("resource-policy-statements");
    const deps = world.worker("w");
    expect(await driftDue(deps, 60)).toEqual([]);
    await seen(61, first.id);
    await seen(90, second.id);
    expect(await driftDue(deps, 60)).toEqual([second.workload, first.workload]);
    await drift.check(second);
    expect(await driftDue(deps, 60)).toEqual([first.workload]);
    await seen(40, first.id);
    expect(await driftDue(deps, 60)).toEqual([]);
    await seen(90, first.id);
    const data = { state: "revoking", wanted: false };
    await world.prisma.grant.update({ where: { id: first.id }, data });
    expect(await driftDue(deps, 60)).toEqual([]);
  });

  it("runs by itself in the worker, and at once when somebody asks", async () => {
    const made = await irsa();
    const { grant } = made;
    await drift.deletePolicy(made);
    await seen(90, grant.id);
    const abort = new AbortController();
    const pool = new Pool({ connectionString: world.db.url, max: 5 });
    const deps = { ...world.worker("w"), stopping: abort.signal };
    const anchors = createAnchors({ log: deps.log });
    const options = { concurrency: 2, pool, driftCheckMinutes: 60, anchors, everyMs: { drift: 200 } };
    const worker = await startWorker(deps, options, abort);
    try {
      await expect.poll(() => drift.kindsOf(grant)).toEqual(["policy.deleted"]);
      const { roleName: RoleName, policyName: PolicyName, document } = made.of("role-policy").body;
      const PolicyDocument = JSON.stringify(document);
      await drift.iam().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
      await world.prisma.$transaction((tx) =>
        addJob(tx, "check-drift", { grantId: grant.id }, { key: `check-drift:${grant.id}` }),
      );
      await expect.poll(() => drift.driftOf(grant)).toBeNull();
    } finally {
      await worker.stop(5_000);
      await pool.end();
    }
  });

  it("is never two workers on one workload, nor beside a run", async () => {
    const made = await irsa();
    const { grant } = made;
    await drift.deletePolicy(made);
    await world.faults({ latencyMs: 50 });
    const ends = await Promise.all([drift.check(grant, "a"), drift.check(grant, "b")]);
    expect(ends.sort()).toEqual(["checked", "elsewhere"]);
    expect(await drift.eventsOf(grant)).toHaveLength(1);
    await drift.queueRepair(grant);
    const { driftCheckedAt } = await world.grant(grant.id);
    expect(await drift.check(grant)).toBe("busy");
    expect((await world.grant(grant.id)).driftCheckedAt).toEqual(driftCheckedAt);
  });

  it("stores nothing of a look that a run came in between", async () => {
    const made = await irsa();
    const { grant } = made;
    await drift.deletePolicy(made);
    const since = await world.lastCall();
    await world.faults({ latencyMs: 100 });
    const looking = drift.check(grant);
    await expect.poll(async () => (await world.calls(since)).length, { interval: 5 }).toBeGreaterThan(2);
    await drift.queueRepair(grant);
    expect(await looking).toBe("busy");
    expect(await drift.driftOf(grant)).toBeNull();
  });
});
