import { afterAll, beforeAll, expect, it } from "vitest";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { closureOf } from "#lib/plan/closure.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import {
  bucketAtHome,
  bucketAway,
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
import { interruptedAfter } from "./testing-between.ts";
import { patternMaking, played, widestPattern } from "./testing-sample.ts";

let sandbox: RunningSandbox;
let world: World;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
});
afterAll(async () => {
  await world.close();
  await sandbox.close();
});

async function ended(runId: string) {
  await executeRun(world.worker("w1"), runId);
  return world.run(runId);
}

it.each(
  played(
    widestPattern,
    patternMaking("resource-policy-statements"),
    patternMaking("pod-identity-association"),
  ),
)("%s: revoking one of two grants of a service account leaves the other", async (pattern) => {
  const estate = await world.estate();
  const target = grantFor(pattern, estate, { workload: workload(withAgent), target: bucketAway })
    ? bucketAway
    : bucketAtHome;
  const on = workload(withAgent, `shares-${newGrantId()}`);
  const first = grantFor(pattern, estate, { workload: on, target, subResource: "a" });
  const second = grantFor(pattern, estate, { workload: on, target, subResource: "b" });
  if (!first || !second) throw new Error("not possible");
  const before = await world.dump();
  expect(await ended(await world.approve([first]))).toMatchObject({ state: "succeeded" });
  const withFirst = await world.dump();
  expect(await ended(await world.approve([second]))).toMatchObject({ state: "succeeded" });

  const revocation = await ended(await world.revoke(second.id));
  expect(revocation).toMatchObject({ state: "succeeded" });
  expect(await world.dump()).toEqual(withFirst);
  const kept = revocation.steps.filter(({ outcome }) => outcome === "kept");
  const shared = closureOf(desiredResources([first, second], estate), [first.id]).filter(({ owners }) =>
    owners.includes(second.id),
  );
  expect(kept.map(({ key }) => key).sort()).toEqual(shared.map(({ key }) => key).sort());
  expect(kept.every(({ state }) => state === "skipped")).toBe(true);

  expect(await ended(await world.revoke(first.id))).toMatchObject({ state: "succeeded" });
  expect(await world.dump()).toEqual(before);
});

it.each(played(widestPattern))(
  "%s: of two grants of one request, one that is revoked before or while it is made does not hold up the other",
  async (pattern) => {
    const estate = await world.estate();
    const on = workload(withAgent, `taken-back-${newGrantId()}`);
    const target = grantFor(pattern, estate, { workload: on, target: bucketAway })
      ? bucketAway
      : bucketAtHome;
    const wanted = (subResource: string) => {
      const grant = grantFor(pattern, estate, { workload: on, target, subResource });
      if (!grant) throw new Error("not possible");
      return grant;
    };
    const before = await world.dump();

    for (const when of ["before", "while"] as const) {
      const [gone, left] = [wanted("gone"), wanted("left")];
      const runId = await world.approve([gone, left]);
      let revocation = when === "before" ? await world.revoke(gone.id) : "";
      const takenBack = async () => {
        revocation = await world.revoke(gone.id);
      };
      const worker =
        when === "before" ? world.worker("w1") : interruptedAfter(world, "CreateRole", takenBack);
      await executeRun(worker, runId);
      expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
      expect((await world.grant(left.id)).state).toBe("active");
      expect(await world.prisma.verification.count({ where: { grantId: gone.id } })).toBe(0);
      expect(await ended(revocation)).toMatchObject({ state: "succeeded" });
      expect((await world.grant(gone.id)).state).toBe("revoked");
      expect(JSON.stringify(await world.dump())).not.toContain(gone.id);
      expect(JSON.stringify(await world.dump())).toContain(left.id);
      expect(await ended(await world.revoke(left.id))).toMatchObject({ state: "succeeded" });
      expect(await world.dump()).toEqual(before);
    }
  },
);

it("keeps a provider that another workload of the cluster needs", async () => {
  const estate = await world.estate();
  const grants = ["one", "two"].map((name) =>
    grantWith("oidc-provider", estate, { workload: workload(withoutAgent, name), target: bucketAtHome }),
  );
  const [one, two] = grants;
  if (!one || !two) throw new Error("no grants");
  const before = await world.dump();
  await ended(await world.approve([one]));
  await ended(await world.approve([two]));
  await ended(await world.revoke(one.id));
  const provider = desiredResources([two], estate).find(({ kind }) => kind === "oidc-provider");
  expect(JSON.stringify(await world.dump())).toContain(`oidc-provider/${withoutAgent.issuer}`);
  const last = await ended(await world.revoke(two.id));
  expect(last.steps.find(({ key }) => key === provider?.key)).toMatchObject({ outcome: "deleted" });
  expect(await world.dump()).toEqual(before);
});

it("keeps what a grant approved meanwhile needs, though the plan was to delete it", async () => {
  const estate = await world.estate();
  const one = grantWith("oidc-provider", estate, {
    workload: workload(withoutAgent, "late-1"),
    target: bucketAtHome,
  });
  const two = grantWith("oidc-provider", estate, {
    workload: workload(withoutAgent, "late-2"),
    target: bucketAtHome,
  });
  await ended(await world.approve([one]));
  const revocation = await world.revoke(one.id);
  let provisioning = "";
  // Between the plan and the provider's deletion.
  const approved = async () => {
    provisioning = await world.approve([two]);
  };
  await executeRun(interruptedAfter(world, "DeleteRolePolicy", approved), revocation);
  const run = await world.run(revocation);
  expect(run.state).toBe("succeeded");
  expect(run.steps.find(({ kind }) => kind === "oidc-provider")).toMatchObject({
    verb: "delete",
    outcome: "kept",
  });
  expect(await ended(provisioning)).toMatchObject({ state: "succeeded" });
  await ended(await world.revoke(two.id));
});

it("reads back that what was kept at first, and deleted when the run was taken up again, is gone", async () => {
  const estate = await world.estate();
  const [one, two] = ["kept-1", "kept-2"].map((name) =>
    grantWith("oidc-provider", estate, { workload: workload(withoutAgent, name), target: bucketAtHome }),
  );
  if (!one || !two) throw new Error("no grants");
  await ended(await world.approve([one]));
  const revocation = await world.revoke(one.id);
  await executeRun(
    interruptedAfter(world, "DeleteRolePolicy", () => world.approve([two])),
    revocation,
  );
  const provider = (await world.run(revocation)).steps.find(({ kind }) => kind === "oidc-provider");
  expect(provider).toMatchObject({ outcome: "kept" });

  // As if its worker had been lost before the end; meanwhile the other is not wanted any more.
  await world.prisma.grant.update({ where: { id: two.id }, data: { state: "failed", wanted: false } });
  await world.prisma.grant.update({ where: { id: one.id }, data: { state: "revoking" } });
  const again = { state: "queued", finishedAt: null };
  await world.prisma.run.update({ where: { id: revocation }, data: again });
  const { providers = {} } = sandbox.state().accounts[bucketAtHome.accountId] ?? {};
  const key = provider?.key ?? "";
  const held = providers[key];
  if (!held) throw new Error("no provider");
  const timing = { verifyWithinMs: 0 };
  const putBack = async () => {
    providers[key] = held;
  };
  await executeRun(interruptedAfter(world, "DeleteOpenIDConnectProvider", putBack, timing), revocation);
  expect(await world.run(revocation)).toMatchObject({
    state: "failed",
    error: { code: "ReadBack", cause: expect.stringContaining(`${key} is not as it should be`) },
  });

  await world.prisma.run.update({ where: { id: revocation }, data: again });
  expect(await ended(revocation)).toMatchObject({ state: "succeeded", error: null });
  expect(providers[key]).toBeUndefined();
  await world.prisma.run.updateMany({
    where: { state: "queued" },
    data: { state: "cancelled", finishedAt: new Date() },
  });
});

it("leaves what others wrote since, in order", async () => {
  const estate = await world.estate();
  const grant = grantWith("resource-policy-statements", estate, {
    workload: workload(withAgent, "merging"),
    target: bucketAway,
  });
  await ended(await world.approve([grant]));
  const bucket = sandbox.state().buckets.reports;
  if (!bucket?.policy || !Array.isArray(bucket.policy.Statement)) throw new Error("no policy");
  const late = {
    Sid: "Late",
    Effect: "Deny" as const,
    Principal: "*" as const,
    Action: "s3:PutObject",
    Resource: `${targets.away.s3}/frozen/*`,
  };
  bucket.policy.Statement.push(late);
  await ended(await world.revoke(grant.id));
  const sids = bucket.policy.Statement.map(({ Sid }) => Sid);
  expect(sids).toEqual(["TeamReads", "TlsOnly", "Late"]);
  bucket.policy.Statement = bucket.policy.Statement.slice(0, 2);
});

it("repairs nothing on the way when it takes away", async () => {
  const estate = await world.estate();
  const on = workload(withoutAgent, "drifted");
  const [one, two] = ["a", "b"].map((subResource) =>
    grantWith("oidc-provider", estate, { workload: on, target: bucketAtHome, subResource }),
  );
  if (!one || !two) throw new Error("no grants");
  await ended(await world.approve([one]));
  await ended(await world.approve([two]));
  const role = Object.values(sandbox.state().accounts[bucketAtHome.accountId]?.roles ?? {}).find(({ name }) =>
    name.includes("drifted"),
  );
  if (!role) throw new Error("no role");
  role.description = "changed by somebody";
  const since = await world.lastCall();
  expect(await ended(await world.revoke(one.id))).toMatchObject({ state: "succeeded" });
  expect(mutations(await world.calls(since))).toEqual(["DeleteRolePolicy"]);
  expect(role.description).toBe("changed by somebody");
  await ended(await world.revoke(two.id));
});

it("of several grants that are taken back together, a role that is gone already keeps none from leaving the shared policy", async () => {
  const estate = await world.estate();
  const before = await world.dump();
  const on = workload(withAgent, `leaves-${newGrantId()}`);
  const pattern = patternMaking("resource-policy-statements");
  const shared = [on, workload(withAgent, `stays-${newGrantId()}`)].flatMap((one) =>
    ["a", "b"].map((part) =>
      grantFor(pattern, estate, { workload: one, target: bucketAway, subResource: part }),
    ),
  );
  const [first, second, sibling] = shared;
  if (!first || !second || !sibling) throw new Error("not possible");
  for (const one of [first, second, sibling])
    expect(await ended(await world.approve([one]))).toMatchObject({ state: "succeeded" });
  // All are taken back before any of their runs begins.
  const runs = [];
  for (const { id } of [first, second, sibling]) runs.push(await world.revoke(id));
  const [one = "", two = "", three = ""] = runs;
  expect(await ended(one)).toMatchObject({ state: "succeeded" });
  // The other workload's comes between, while the second's statement names the role that the first run has deleted.
  expect(await ended(three)).toMatchObject({ state: "succeeded" });
  expect(await ended(two)).toMatchObject({ state: "succeeded" });
  expect(await world.dump()).toEqual(before);

  // And side by side.
  const again = [first, second].map((grant) => ({ ...grant, id: newGrantId() }));
  for (const grant of again)
    expect(await ended(await world.approve([grant]))).toMatchObject({ state: "succeeded" });
  const both = [];
  for (const { id } of again) both.push(await world.revoke(id));
  for (const { state } of await Promise.all(both.map(ended))) expect(state).toBe("succeeded");
  expect(await world.dump()).toEqual(before);
});
