import { AddRoleToInstanceProfileCommand, CreateInstanceProfileCommand } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, expect, it } from "vitest";
import { iamOfOwner } from "#lib/aws/testing/owner.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { patterns } from "#lib/desired/patterns/catalogue.ts";
import type { Grant } from "#lib/model/grant.ts";
import { revokedSessionsPolicyName } from "#lib/model/retirement.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAway,
  createWorld,
  grantFor,
  mutations,
  type World,
  withoutAgent,
  workload,
} from "./testing.ts";
import { tamperedSeed } from "./testing-drift.ts";

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

const impatient = {
  timing: { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 200 },
  sessions: { maxAttempts: 1 },
};

/** A role at home and one in the other account that is reached from it. */
async function provisioned(): Promise<Grant> {
  const estate = await world.estate();
  const wanted = { workload: workload(withoutAgent), target: bucketAway };
  const grant = Object.keys(patterns)
    .flatMap((pattern) => grantFor(pattern, estate, wanted) ?? [])
    .find((one) => desiredResources([one], estate).filter(({ kind }) => kind === "role").length === 2);
  if (!grant) throw new Error("no pattern makes two roles");
  await executeRun(world.worker("w"), await world.approve([grant]));
  return grant;
}

/** Names of the inline policies of our roles, in both accounts. */
function inlinePolicies(): string[][] {
  return Object.values(sandbox.state().accounts).flatMap(({ roles }) =>
    Object.values(roles).flatMap(({ path, inline }) =>
      path.startsWith("/drawbridge/") ? [Object.keys(inline)] : [],
    ),
  );
}

it("cuts off all roles of an identity before the first of them is deleted", async () => {
  const before = await world.dump();
  const grant = await provisioned();
  const since = await world.lastCall();
  const revocation = await world.revoke(grant.id);
  await executeRun(world.worker("w"), revocation);
  const made = mutations(await world.calls(since));
  const denials = made.flatMap((name, index) => (name === "PutRolePolicy" ? [index] : []));
  expect(denials).toHaveLength(2);
  expect(Math.max(...denials)).toBeLessThan(made.indexOf("DeleteRole"));
  expect(made.slice(0, Math.min(...denials)).filter((name) => name === "DeleteRolePolicy")).toHaveLength(2);
  const { state, steps } = await world.run(revocation);
  expect(state).toBe("succeeded");
  expect(steps.map((one) => `${one.state} ${one.attempts}`)).toEqual(steps.map(() => "succeeded 1"));
  expect(await world.dump()).toEqual(before);
});

it("has cut off the role at home when the one that is reached from it can't be deleted", async () => {
  const grant = await provisioned();
  await world.faults({ errorRate: 1, only: { service: "iam", operation: "DeleteRole" } });
  const revocation = await world.revoke(grant.id);
  await executeRun(world.worker("w", impatient), revocation);
  await world.faults({});
  expect(inlinePolicies()).toEqual([[revokedSessionsPolicyName], [revokedSessionsPolicyName]]);
  const failed = await world.run(revocation);
  expect(failed).toMatchObject({ state: "failed", error: { code: expect.any(String) } });
  // Cut off and not deleted: what it has called so far is on record, and it waits.
  const roles = failed.steps.filter(({ kind }) => kind === "role");
  expect(roles.map(({ state }) => state).sort()).toEqual(["failed", "pending"]);
  const waiting = roles.find(({ state }) => state === "pending");
  expect(waiting?.calls.map(({ operation }) => operation)).toContain("PutRolePolicy");

  await world.prisma.run.update({ where: { id: revocation }, data: { state: "queued" } });
  await executeRun(world.worker("w"), revocation);
  expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
  expect(inlinePolicies()).toEqual([]);
});

it("has cut off both roles when instance profiles of others hold them", async () => {
  const grant = await provisioned();
  const owners = [accountA, accountB].map(({ id }) => iamOfOwner(sandbox.url, id));
  const held = { InstanceProfileName: "web" };
  for (const [at, { id }] of [accountA, accountB].entries()) {
    const ours = Object.values(sandbox.state().accounts[id]?.roles ?? {}).find(({ path }) =>
      path.startsWith("/drawbridge/"),
    );
    await owners[at]?.send(new CreateInstanceProfileCommand(held));
    await owners[at]?.send(new AddRoleToInstanceProfileCommand({ ...held, RoleName: ours?.name }));
  }
  const revocation = await world.revoke(grant.id);
  await executeRun(world.worker("w"), revocation);
  expect(await world.run(revocation)).toMatchObject({ state: "failed" });
  expect(inlinePolicies()).toEqual([[revokedSessionsPolicyName], [revokedSessionsPolicyName]]);
});

it("deletes no role while IAM refuses the Deny, and says which step failed", async () => {
  const grant = await provisioned();
  await world.faults({ errorRate: 1, only: { service: "iam", operation: "PutRolePolicy" } });
  const since = await world.lastCall();
  const revocation = await world.revoke(grant.id);
  await executeRun(world.worker("w", impatient), revocation);
  await world.faults({});
  expect(mutations(await world.calls(since))).not.toContain("DeleteRole");
  const { steps } = await world.run(revocation);
  expect(
    steps
      .filter(({ kind }) => kind === "role")
      .map(({ state }) => state)
      .sort(),
  ).toEqual(["failed", "pending"]);
});
