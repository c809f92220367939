import {
  DeleteOpenIDConnectProviderCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import { checkDriftOf, driftDue } from "./drift.ts";
import { executeRun } from "./run.ts";
import {
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
import { type DriftWorld, driftWorld, everything, type Live, tamperedSeed } from "./testing-drift.ts";

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

const _irsa = () => drift.liveWith("oidc-provider");

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
        SELECT 1 FROM graphile_worker.jobs WHERE key = ${`check-drift:${grant.id}:after`}`;
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
