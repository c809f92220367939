import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onMoto, requires, startAws, type TestAws } from "#lib/aws/testing/aws.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Cluster } from "#lib/model/cluster.ts";
import type { Target } from "#lib/model/grant.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  createWorld,
  grantFor,
  grantWith,
  mutations,
  newGrantId,
  targets,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";
import { everyPattern, sample, suits } from "./testing-sample.ts";

let aws: TestAws<RunningSandbox>;
let world: World;
beforeAll(async () => {
  aws = await startAws(worldSeed(), startSandbox);
  world = await createWorld(aws);
});
afterAll(async () => {
  await world.close();
  await aws.close();
});

interface Case {
  name: string;
  /** Of the target. */
  kind: string;
  cluster: Cluster;
  target: Target;
  subResource: string | null;
}

const cases: Case[] = [withAgent, withoutAgent].flatMap((cluster) =>
  [
    { where: "home", accountId: accountA.id, arns: targets.home },
    { where: "away", accountId: accountB.id, arns: targets.away },
  ].flatMap(({ where, accountId, arns }) =>
    [
      { kind: "s3", arn: arns.s3, subResource: null },
      { kind: "s3 prefix", arn: arns.s3, subResource: "exports/2026" },
      { kind: "sqs", arn: arns.sqs, subResource: null },
    ].map(({ kind, arn, subResource }) => ({
      name: `${cluster.name} ${where} ${kind}`,
      kind,
      cluster,
      target: { arn, accountId },
      subResource,
    })),
  ),
);

describe.each(everyPattern)("%s", (pattern) => {
  const suited = cases.filter(({ cluster, target }) =>
    suits(pattern, { workload: workload(cluster), target }),
  );

  it("suits one of the cases at least", () => {
    expect(suited).not.toEqual([]);
  });

  const chosen = sample(suited, ({ cluster, target, kind }) => [cluster.name, target.accountId, kind]);

  // On moto read-back.integration.test.ts does the same with every kind of target.
  it.for(onMoto ? chosen.slice(0, 1) : chosen)(
    "$name: provisions, does nothing twice, revokes to what was there before",
    async (one, test) => {
      const deps = world.worker("w1");
      const estate = await world.estate();
      const grant = grantFor(pattern, estate, {
        workload: workload(one.cluster, `api-${newGrantId()}`),
        target: one.target,
        subResource: one.subResource,
      });
      if (!grant) throw new Error("not possible");
      if (desiredResources([grant], estate).some(({ kind }) => kind === "pod-identity-association")) {
        requires(test, "Pod Identity associations");
      }
      const before = await world.dump();

      const runId = await world.approve([grant]);
      expect(await executeRun(deps, runId)).toBe("ended");
      const run = await world.run(runId);
      expect(run.error).toBeNull();
      expect(run.state).toBe("succeeded");
      expect(await world.grant(grant.id)).toMatchObject({ state: "active", activatedAt: expect.any(Date) });
      expect(run.steps.every((step) => step.state === "succeeded")).toBe(true);
      expect(run.steps.every((step) => step.calls.length > 0)).toBe(true);
      expect(await world.dump()).not.toEqual(before);
      const [proof] = await world.prisma.verification.findMany({ where: { grantId: grant.id } });
      expect(proof).toMatchObject({ source: "documents", ok: true });

      // The same run once more, as after a crash just before its end.
      const since = await world.lastCall();
      await world.prisma.run.update({ where: { id: runId }, data: { state: "queued" } });
      await world.prisma.grant.update({ where: { id: grant.id }, data: { state: "provisioning" } });
      expect(await executeRun(deps, runId)).toBe("ended");
      expect((await world.run(runId)).state).toBe("succeeded");
      expect(mutations(await world.calls(since))).toEqual([]);

      const revocation = await world.revoke(grant.id);
      await executeRun(deps, revocation);
      expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
      expect(await world.grant(grant.id)).toMatchObject({ state: "revoked", revokedAt: expect.any(Date) });
      expect(await world.dump()).toEqual(before);
    },
  );
});

describe("history", () => {
  it("tells every intention before its effect, with AWS's request ids", async () => {
    const deps = world.worker("w1");
    const estate = await world.estate();
    const wanted = { workload: workload(withAgent, "audited"), target: bucketAtHome };
    const grant = grantWith("oidc-provider", estate, wanted);
    const runId = await world.approve([grant]);
    await executeRun(deps, runId);
    const events = await world.prisma.auditEvent.findMany({ where: { runId }, orderBy: { id: "asc" } });
    const types = events.map(({ type }) => type);
    const begun = types.slice(types.indexOf("run.queued") + 1);
    expect(begun.slice(0, 2)).toEqual(["grant.provisioning", "run.started"]);
    expect(types.at(-1)).toBe("run.succeeded");
    const steps = (await world.run(runId)).steps;
    for (const { key } of steps) {
      const own = events.filter(({ data }) => (data as { key?: string }).key === key);
      expect(own.map(({ type }) => type)).toEqual(["step.intended", "step.succeeded"]);
      expect(own.at(-1)?.data).toHaveProperty("awsRequestIds.0");
    }
    const snapshot = await world.prisma.observedResource.findMany({
      where: { key: { in: steps.map(({ key }) => key) } },
    });
    expect(snapshot).toHaveLength(steps.length);
    await executeRun(deps, await world.revoke(grant.id));
  });
});
