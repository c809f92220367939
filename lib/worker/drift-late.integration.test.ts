import { afterEach, beforeEach, expect, it } from "vitest";
import { addJob } from "#lib/db/jobs.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import { checkDrift, checkDriftOf } from "./drift.ts";
import { executeRun } from "./run.ts";
import { bucketAtHome, createWorld, grantWith, type World, withoutAgent, workload } from "./testing.ts";
import { approveChange } from "./testing-change.ts";
import { driftWorld, tamperedSeed } from "./testing-drift.ts";
import { staleSessions } from "./torture/stale.ts";

let sandbox: RunningSandbox;
let world: World;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: tamperedSeed() });
  world = await createWorld(sandbox);
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

/** As the page does when a person asks. */
const requestDriftCheck = (grantId: string) =>
  world.prisma.$transaction((tx) =>
    addJob(tx, "check-drift", { grantId }, { key: `check-drift:${grantId}` }),
  );

/** Jobs that are due and tell whoever has asked. */
async function asked(grantId: string): Promise<number> {
  const jobs = await world.prisma.$queryRaw<{ payload: object }[]>`
    SELECT payload FROM graphile_worker._private_jobs WHERE run_at <= now() AND payload->>'grantId' = ${grantId}`;
  return jobs.filter(({ payload }) => !("after" in payload)).length;
}

it("what somebody did to access beside which another was revoked a moment ago is told at once", async () => {
  const timing = { settledAfterMs: 60_000, random: () => 0, sleep: () => realTiming.sleep(1) };
  const deps = world.worker("w", { timing });
  const drift = driftWorld(world, sandbox.url);
  const made = await drift.liveWith("oidc-provider");
  const other = await drift.sibling(made);
  await world.prisma.step.updateMany({ data: { startedAt: new Date(0), finishedAt: new Date(0) } });
  const revocation = await world.revoke(other.grant.id);
  await executeRun(deps, revocation);
  expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
  await drift.deletePolicy(made);
  expect(await checkDrift(deps, made.grant.workload)).toBe("checked");
  expect(await drift.driftOf(made.grant)).toMatchObject({ verdict: "drifted" });
});

// IAM may show what was there before to one who reads a moment after another was shown the change (IAM User Guide,
// "Changes that I make are not always immediately visible"), and the worker itself looks right after each change.
it("what was there before a change is no drift of it, but who asks is told what is seen", async () => {
  const timing = { settledAfterMs: 60_000, random: () => 0, sleep: () => realTiming.sleep(1) };
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome, level: "read-write" as const };
  const grant = grantWith("oidc-provider", await world.estate(), wanted);
  const deps = world.worker("w", { timing });
  let late = false;
  const isLate = (command: string) => late && command === "GetRolePolicyCommand";
  const reader = { ...deps, sessions: staleSessions(deps.sessions, isLate) };
  await executeRun(reader, await world.approve([grant]));
  const change = await approveChange(world, grant.id, { level: "read" });
  await executeRun(deps, change);
  expect(await world.run(change)).toMatchObject({ state: "succeeded" });
  late = true;

  await world.prisma.$executeRaw`DELETE FROM graphile_worker._private_jobs`;
  expect(await checkDrift(reader, grant.workload)).toBe("busy");
  expect(await world.grant(grant.id)).toMatchObject({ drift: null });
  expect(await world.prisma.auditEvent.count({ where: { type: "grant.drifted" } })).toBe(0);
  const again = await world.prisma.$queryRaw<{ later: boolean }[]>`
    SELECT run_at > now() + interval '30 s' AS later FROM graphile_worker.jobs WHERE key = ${`check-drift:${grant.id}:after`}`;
  expect(again).toEqual([{ later: true }]);

  // A person asks, and no worker has a place for it before the next look of the schedule.
  await requestDriftCheck(grant.id);
  expect(await checkDrift(reader, grant.workload)).toBe("busy");
  expect(await asked(grant.id)).toBe(1);

  await checkDriftOf(reader, grant.id);
  expect(await world.grant(grant.id)).toMatchObject({ drift: { verdict: "drifted" } });
});
