import {
  ListPodIdentityAssociationsCommand,
  UntagResourceCommand,
  UpdatePodIdentityAssociationCommand,
} from "@aws-sdk/client-eks";
import {
  CreatePolicyCommand,
  GetRoleCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UntagRoleCommand,
} from "@aws-sdk/client-iam";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eksOfOwner } from "#lib/aws/testing/owner.ts";
import { type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { revokedSessionsPolicyName } from "#lib/model/retirement.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { onCall } from "./clients.ts";
import { realTiming } from "./deps.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAway,
  createWorld,
  grantWith,
  mutations,
  type World,
  withAgent,
  workload,
} from "./testing.ts";
import { interruptedAfter } from "./testing-between.ts";
import { type DriftWorld, driftWorld, everything, type Live, tamperedSeed } from "./testing-drift.ts";
import { staleSessions } from "./torture/stale.ts";

/** What somebody took away in an account comes back by the word of its owners alone (decision 0026). */

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

const isOurs = ({ Sid = "" }: Statement) => Sid.startsWith("Drawbridge");
const policyNow = () => {
  const policy = sandbox.state().buckets.reports?.policy;
  if (!policy) throw new Error("no policy");
  return policy;
};
const ours = () => statementsOf(policyNow()).filter(isOurs);

const inlineOf = (RoleName: string) =>
  Object.keys(sandbox.state().accounts[accountA.id]?.roles[RoleName]?.inline ?? {});

function editBucket(change: (own: Statement[]) => Statement[]) {
  const others = statementsOf(policyNow()).filter((one) => !isOurs(one));
  const document = { ...policyNow(), Statement: [...others, ...change(ours())] };
  return world.control("mutate", {
    accountId: accountB.id,
    kind: "bucket-policy",
    name: "reports",
    document,
  });
}

const deny = everything.replace("Allow", "Deny");
const hurried = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 500 };

/** A repair by somebody who speaks for the owners of these accounts. */
async function repairedBy({ grant }: Live, words: string[], deps = world.worker("w")) {
  const since = await world.lastCall();
  const runId = await drift.queueRepair(grant, words);
  await executeRun(deps, runId);
  const { state, error } = await world.run(runId);
  return { state, error, did: mutations(await world.calls(since)) };
}

const refused = { state: "failed", error: { code: "OwnerNotAsked" } };

/** A worker during whose step on such a resource something happens, once it has made this call. */
function during(kind: string, operation: string, happens: () => Promise<unknown>) {
  let seen = false;
  return world.worker("w", {
    timing: hurried,
    sessions: {
      onCall: (call) => {
        onCall(call);
        seen ||= call.operation === operation;
      },
    },
    rates: {
      take: async () => {
        const acting = { run: { kind: "repair" }, kind, state: "running" };
        if (!seen || (await world.prisma.step.count({ where: acting })) === 0) return;
        seen = false;
        await happens();
      },
      throttled: () => {},
      sharedBy: () => {},
    },
  });
}

it("takes off no Deny that bears the name of a deletion's own", async () => {
  const live = await drift.liveWith("oidc-provider");
  const RoleName = live.of("role").body.name;
  const PolicyName = revokedSessionsPolicyName;
  await drift.iam().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: deny }));
  expect(await repairedBy(live, [])).toMatchObject({ ...refused, did: [] });
  expect(inlineOf(RoleName)).toContain(PolicyName);
  expect(await repairedBy(live, [accountA.id])).toMatchObject({ state: "succeeded" });
});

it("puts no boundary back that was changed while somebody else's policy was being taken off", async () => {
  const live = await drift.liveWith("oidc-provider");
  const RoleName = live.of("role").body.name;
  const iam = drift.iam();
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "backdoor", PolicyDocument: everything }));
  const quarantine = { PolicyName: "quarantine", PolicyDocument: deny };
  const { Policy } = await iam.send(new CreatePolicyCommand(quarantine));
  const swapped = () =>
    iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: Policy?.Arn }));
  expect(await repairedBy(live, [], during("role-policy", "GetRolePolicy", swapped))).toMatchObject(refused);
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(Policy?.Arn);
});

it("writes no statement again that is taken out right after it was closed to others", async () => {
  const live = await drift.liveWith("resource-policy-statements");
  await editBucket((own) => own.map((one) => ({ ...one, Principal: "*" })));
  const deps = interruptedAfter(world, "PutBucketPolicy", () => editBucket(() => []));
  expect(await repairedBy(live, [], { ...deps, timing: { ...deps.timing, ...hurried } })).toMatchObject({
    state: "failed",
    error: { code: expect.stringMatching(/^(ConcurrentChange|NotSettled|OwnerNotAsked)$/) },
    did: ["PutBucketPolicy"],
  });
  expect(ours()).toEqual([]);
});

it("renews no statement that is taken out between the look at it and its writing", async () => {
  const live = await drift.liveWith("resource-policy-statements");
  await drift.deleteRole(live);
  const takenOut = () => editBucket(() => []);
  const worker = during("resource-policy-statements", "GetBucketPolicy", takenOut);
  expect(await repairedBy(live, [accountA.id], worker)).toMatchObject({
    state: "failed",
    error: { code: expect.stringMatching(/^(ConcurrentChange|NotSettled|OwnerNotAsked)$/) },
    did: expect.not.arrayContaining(["PutBucketPolicy"]),
  });
  expect(ours()).toEqual([]);
  expect(await repairedBy(live, [accountB.id])).toMatchObject({ state: "succeeded" });
});

it("of what names a deleted role comes back with the word of the role's owner, and no other's", async () => {
  const live = await drift.liveWith("resource-policy-statements");
  const approved = await world.dump();
  await drift.deleteRole(live);
  await world.faults({ errorRate: 1, only: { service: "s3", operation: "PutBucketPolicy" } });
  const failing = world.worker("w", { timing: hurried, sessions: { maxAttempts: 1 } });
  expect(await repairedBy(live, [accountA.id], failing)).toMatchObject({ state: "failed" });
  await world.faults({});
  // The role is there again, and its new id is not the one that the statements show.
  for (const words of [[], [accountB.id]])
    expect(await repairedBy(live, words)).toMatchObject({ ...refused, did: [] });
  expect(await repairedBy(live, [accountA.id])).toMatchObject({ state: "succeeded" });
  expect(await world.dump()).toEqual(approved);
});

it("takes nothing for taken away that AWS shows as it was before a repair", async () => {
  const timing = { ...hurried, settledAfterMs: 60_000 };
  const live = await drift.liveWith("oidc-provider");
  await world.prisma.step.updateMany({ data: { startedAt: new Date(0), finishedAt: new Date(0) } });
  let late = false;
  const deps = world.worker("w", { timing });
  const isLate = (command: string) => late && command === "GetRolePolicyCommand";
  const reader = { ...deps, sessions: staleSessions(deps.sessions, isLate) };
  await drift.deletePolicy(live);
  expect(await repairedBy(live, [], reader)).toMatchObject(refused);
  expect(await repairedBy(live, [accountA.id], world.worker("other", { timing }))).toMatchObject({
    state: "succeeded",
  });
  const RoleName = live.of("role").body.name;
  await drift.iam().send(new UntagRoleCommand({ RoleName, TagKeys: [tagKeys.workload] }));
  late = true;
  expect(await repairedBy(live, [], reader)).toMatchObject({
    state: "failed",
    error: { code: expect.not.stringContaining("OwnerNotAsked") },
  });
  late = false;
  expect(await repairedBy(live, [], reader)).toMatchObject({ state: "succeeded", did: [] });
});

it("of several accesses on one policy, whose roles were deleted, comes back with the word of both owners", async () => {
  const estate = await world.estate();
  const lives: Live[] = [];
  for (const name of ["swept", "swept-too"])
    lives.push(
      await drift.live(
        grantWith("resource-policy-statements", estate, {
          workload: workload(withAgent, name),
          target: bucketAway,
          subResource: "a",
        }),
      ),
    );
  const approved = await world.dump();
  for (const live of lives) await drift.deleteRole(live);
  const [first, second] = lives;
  if (!first || !second) throw new Error("no grants");
  expect(await repairedBy(first, [accountA.id])).toMatchObject({ state: "succeeded" });
  // Its repair took the dead statements of the other out, which from then on look like any that somebody took out.
  await drift.check(second.grant);
  expect(await drift.kindsOf(second.grant)).toContain("statements.deleted");
  expect(await repairedBy(second, [accountA.id])).toMatchObject(refused);
  expect(await repairedBy(second, [accountB.id])).toMatchObject({ state: "succeeded" });
  expect(await world.dump()).toEqual(approved);
});

it("writes no inline policy again that is deleted after the look at it", async () => {
  const live = await drift.liveWith("oidc-provider");
  const { roleName: RoleName, policyName: PolicyName } = live.of("role-policy").body;
  await drift.iam().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: everything }));
  const worker = during("role-policy", "GetRolePolicy", () => drift.deletePolicy(live));
  expect(await repairedBy(live, [], worker)).toMatchObject(refused);
  expect(inlineOf(RoleName)).not.toContain(PolicyName);
  expect(await repairedBy(live, [accountA.id])).toMatchObject({ state: "succeeded" });
});

it("takes off no policy of others that has become one that denies after the look at it", async () => {
  const live = await drift.liveWith("oidc-provider");
  const RoleName = live.of("role").body.name;
  const put = (PolicyDocument: string) =>
    drift.iam().send(new PutRolePolicyCommand({ RoleName, PolicyName: "theirs", PolicyDocument }));
  await put(everything);
  expect(
    await repairedBy(
      live,
      [],
      during("role-policy", "GetRolePolicy", () => put(deny)),
    ),
  ).toMatchObject(refused);
  expect(inlineOf(RoleName)).toContain("theirs");
});

it("points no association back that is pointed elsewhere after the look at it", async () => {
  const live = await drift.liveWith("pod-identity-association");
  const clusterName = withAgent.name;
  const eks = eksOfOwner(sandbox.url, accountA.id);
  const { associations = [] } = await eks.send(new ListPodIdentityAssociationsCommand({ clusterName }));
  const [{ associationArn: resourceArn = "", associationId = "" } = {}] = associations;
  await eks.send(new UntagResourceCommand({ resourceArn, tagKeys: [tagKeys.workload] }));
  await drift.check(live.grant);
  expect(await drift.kindsOf(live.grant)).toEqual(["association.tags"]);
  const roleArn = `arn:aws:iam::${accountA.id}:role/team-role`;
  const redirect = () =>
    eks.send(new UpdatePodIdentityAssociationCommand({ clusterName, associationId, roleArn }));
  const worker = during("pod-identity-association", "DescribePodIdentityAssociation", redirect);
  expect(await repairedBy(live, [], worker)).toMatchObject(refused);
  await drift.check(live.grant);
  expect(await drift.kindsOf(live.grant)).toContain("association.redirected");
});
