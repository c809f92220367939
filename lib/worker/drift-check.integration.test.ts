import { DeleteRolePolicyCommand, PutRolePolicyCommand, UpdateRoleCommand } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { checkDrift } from "./drift.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  createWorld,
  mutations,
  type World,
  withAgent,
  withoutAgent,
} from "./testing.ts";
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
