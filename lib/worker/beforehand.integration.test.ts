import { DeleteRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { iamOfOwner } from "#lib/aws/testing/owner.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { patterns } from "#lib/desired/patterns/catalogue.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { provenReportSchema } from "#lib/model/proven-access.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import { retryRevocations } from "./expire.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantFor,
  grantWith,
  mutations,
  newGrantId,
  type World,
  withAgent,
  withoutAgent,
  workload,
} from "./testing.ts";
import { interruptedAfter } from "./testing-between.ts";
import { approveChange } from "./testing-change.ts";
import { everything, takeName, tamperedSeed } from "./testing-drift.ts";

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

function account() {
  const state = sandbox.state().accounts[accountA.id];
  if (!state) throw new Error("no account");
  return state;
}

const findRole = (resources: CloudResource[]) =>
  resources.find((one): one is CloudResource<"role"> => one.kind === "role");

/** A live grant of the workload, whose provider and role the next one will share. */
async function live(): Promise<{ first: Grant; roleName: string }> {
  const estate = await world.estate();
  const first = grantWith("oidc-provider", estate, {
    workload: workload(withoutAgent),
    target: bucketAtHome,
    subResource: "first",
  });
  await executeRun(world.worker("w"), await world.approve([first]));
  const roleName = findRole(desiredResources([first], estate))?.body.name ?? "";
  return { first, roleName: roleName.toLowerCase() };
}

/** Approved; then `change` happens; then the run begins. */
async function afterApproval(grant: Grant, change: () => unknown) {
  const runId = await world.approve([grant]);
  await change();
  const before = await world.dump();
  const since = await world.lastCall();
  await executeRun(world.worker("w"), runId);
  const run = await world.run(runId);
  return { run, made: mutations(await world.calls(since)), same: async () => [before, await world.dump()] };
}

const next = (first: Grant): Grant => ({ ...first, id: newGrantId(), subResource: "second" });

describe("what has come in the way since the approval", () => {
  const away = async () =>
    grantWith("resource-policy-statements", await world.estate(), {
      workload: workload(withoutAgent),
      target: bucketAway,
    });
  const bucketPolicy = (statement: object) => () =>
    world.control("mutate", {
      accountId: accountB.id,
      kind: "bucket-policy",
      name: "reports",
      document: { Version: "2012-10-17", Statement: [statement] },
    });
  const everything = { Resource: [bucketAway.arn, `${bucketAway.arn}/*`], Principal: "*" };

  const cases: [what: string, code: string, change: () => unknown][] = [
    ["the account is full of roles", "quota.roles", () => (account().quotas.roles = 1)],
    [
      "the trust policy would be too long",
      "quota.trust-policy",
      () => (account().quotas.trustPolicySize = 9),
    ],
    [
      "an explicit Deny defeats it",
      "policy.deny",
      bucketPolicy({ Sid: "Locked", Effect: "Deny", Action: "s3:PutObject", ...everything }),
    ],
    [
      "a statement names a principal that was deleted",
      "policy.dangling-principal",
      () => {
        const policy = sandbox.state().buckets.reports?.policy;
        if (!policy || !Array.isArray(policy.Statement)) throw new Error("no policy");
        const Principal = { AWS: "AROADELETEDDELETED00" };
        policy.Statement.push({
          Effect: "Allow",
          Principal,
          Action: "s3:GetObject",
          Resource: `${bucketAway.arn}/x`,
        });
      },
    ],
    ["the bucket is gone", "bucket.missing", () => delete sandbox.state().buckets.reports],
    [
      "somebody else has the bucket's name by now, in another Region",
      "bucket.not-owned",
      () => takeName(sandbox, "reports", "us-west-2"),
    ],
    [
      "the bucket is encrypted with a key that the plan does not open",
      "key.not-opened",
      () => {
        const { reports } = sandbox.state().buckets;
        const kmsKeyId = `arn:aws:kms:eu-west-1:${accountB.id}:key/k1`;
        if (reports) reports.encryption = { algorithm: "aws:kms", kmsKeyId, bucketKey: false };
      },
    ],
    [
      "the permissions boundary was widened",
      "boundary.wider",
      () => {
        const boundary = account().policies[accountA.boundaryArn];
        if (!boundary) throw new Error("no boundary");
        const allow = { Effect: "Allow" as const, Action: "*", Resource: "*" };
        boundary.document = { Version: "2012-10-17", Statement: [...statementsOf(boundary.document), allow] };
      },
    ],
  ];

  it.each(cases)("stops the run before it changes anything: %s", async (_what, code, change) => {
    const grant = await away();
    const { run, made, same } = await afterApproval(grant, change);
    expect(run).toMatchObject({
      state: "failed",
      error: { code, cause: expect.stringMatching(/nothing was changed/), nextStep: expect.any(String) },
    });
    expect(made).toEqual([]);
    const [before, after] = await same();
    expect(after).toEqual(before);
    expect(await world.grant(grant.id)).toMatchObject({ state: "failed" });
  });
});

/** In EKS and in the inventory; its associations go with it. @returns its new issuer */
async function recreate(
  { name, issuer }: Pick<typeof withAgent, "name" | "issuer">,
  fresh = (issuer ?? "").replace(/\w{32}$/, "1".repeat(32)),
): Promise<string> {
  for (const cluster of Object.values(account().clusters))
    if (cluster.name === name) Object.assign(cluster, { issuer: fresh, associations: {} });
  await world.prisma.cluster.updateMany({ where: { name }, data: { issuer: fresh } });
  return fresh;
}

describe("what was approved for a cluster that had the name before", () => {
  it.each([
    { what: "the role is trusted by IRSA", cluster: withoutAgent, kind: "oidc-provider" as const },
    {
      what: "the role is bound by Pod Identity",
      cluster: withAgent,
      kind: "pod-identity-association" as const,
    },
  ])(
    "is not opened to the new one by an approval of something else, where $what",
    async ({ cluster, kind }) => {
      const on = { workload: workload(cluster), target: bucketAtHome };
      const first = grantWith(kind, await world.estate(), { ...on, subResource: "first" });
      const second = { ...first, id: newGrantId(), subResource: "second" };
      for (const grant of [first, second]) await executeRun(world.worker("w"), await world.approve([grant]));
      await recreate(cluster);

      const refused = { state: "failed", error: { code: "ClusterRecreated", nextStep: expect.any(String) } };
      const third = { ...first, id: newGrantId(), subResource: "third" };
      const { run, made } = await afterApproval(third, () => {});
      expect(run).toMatchObject(refused);
      expect(run.error).toMatchObject({ cause: expect.stringContaining(bucketAtHome.arn) });
      expect(made).toEqual([]);
      // Nor by a renewal of one of two, which its own owners have approved.
      const since = await world.lastCall();
      const renewal = await approveChange(world, first.id, { expiresAt: "2099-06-01T00:00:00Z" });
      await executeRun(world.worker("w"), renewal);
      expect(await world.run(renewal)).toMatchObject(refused);
      expect(mutations(await world.calls(since))).toEqual([]);

      // Once the others are gone, what was approved for the new cluster is made.
      for (const { id } of [second, third]) await executeRun(world.worker("w"), await world.revoke(id));
      await world.prisma.run.update({ where: { id: renewal }, data: { state: "queued", finishedAt: null } });
      await executeRun(world.worker("w"), renewal);
      expect(await world.run(renewal)).toMatchObject({ state: "succeeded", error: null });
    },
  );
});

describe("what was made for a cluster that had the name before", () => {
  const providers = () => Object.values(account().providers).map(({ issuer }) => issuer);

  it("goes with the last grant that was approved for it, the provider of its issuer too", async () => {
    const before = await world.dump();
    const estate = await world.estate();
    const on = (name: string) => ({ workload: workload(withoutAgent, name), target: bucketAtHome });
    const grants = ["one", "two"].map((name) => grantWith("oidc-provider", estate, on(name)));
    for (const grant of grants) await executeRun(world.worker("w"), await world.approve([grant]));
    const fresh = await recreate(withoutAgent);
    const third = grantWith("oidc-provider", await world.estate(), on("three"));
    await executeRun(world.worker("w"), await world.approve([third]));
    const [one, two] = grants;
    if (!one || !two) throw new Error("no grants");

    const pausing = () => Promise.reject(new Error("Nothing is to be waited for."));
    const ended = async ({ id }: Grant) => {
      const runId = await world.revoke(id);
      await executeRun(world.worker("w", { timing: { sleep: pausing } }), runId);
      expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    };
    await ended(one);
    expect(providers()).toEqual([withoutAgent.issuer, fresh]);
    await ended(two);
    expect(providers()).toEqual([fresh]);
    await ended(third);
    await recreate({ ...withoutAgent, issuer: fresh }, withoutAgent.issuer ?? "");
    expect(await world.dump()).toEqual(before);
  });

  it("goes when the access is renewed for the cluster of today", async () => {
    const { first } = await live();
    const fresh = await recreate(withoutAgent);
    const renewal = await approveChange(world, first.id, { expiresAt: "2099-06-01T00:00:00Z" });
    await executeRun(world.worker("w"), renewal);
    expect(await world.run(renewal)).toMatchObject({ state: "succeeded", error: null });
    expect(providers()).toEqual([fresh]);
  });
});

describe("what the grant relies on and others have widened", () => {
  it("stops the run when it is a policy on the role", async () => {
    const { first, roleName } = await live();
    const { run, made } = await afterApproval(next(first), () => {
      const role = account().roles[roleName];
      const value = { Version: "2012-10-17" as const, Statement: [] };
      if (role) role.inline.theirs = { value, visibleAt: 0, previous: null };
    });
    expect(run).toMatchObject({ state: "failed", error: { code: "role.foreign-policies" } });
    expect(made).toEqual([]);
  });

  it("stops the run when it is the provider's audiences", async () => {
    const { first } = await live();
    const { run, made } = await afterApproval(next(first), () => {
      for (const provider of Object.values(account().providers)) provider.clientIds.push("others");
    });
    expect(run).toMatchObject({ state: "failed", error: { code: "provider.wider" } });
    expect(made).toEqual([]);
  });

  it("is mended first when it is the trust: nothing is given to the role until then", async () => {
    const { first, roleName } = await live();
    const { run, made } = await afterApproval(next(first), () =>
      world.control("mutate", {
        accountId: accountA.id,
        kind: "role-trust",
        name: roleName,
        document: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
        },
      }),
    );
    expect(run).toMatchObject({ state: "succeeded", error: null });
    expect(made).toEqual(["UpdateAssumeRolePolicy", "PutRolePolicy"]);
  });

  it("is no concern of a grant that is being taken back on the same role", async () => {
    const { first } = await live();
    await world.revoke(first.id);
    const { run } = await afterApproval(next(first), () => {});
    expect(run).toMatchObject({ state: "succeeded", error: null });
  });
});

describe("what can't be read before the run", () => {
  /** Takes the provisioner's role out of the target's account. @returns what puts it back */
  function closeAway(): () => void {
    const roles = sandbox.state().accounts[accountB.id]?.roles ?? {};
    const name = accountB.provisionerRoleArn.split("/").at(-1) ?? "";
    const { [name]: role } = roles;
    if (!role) throw new Error("no provisioner");
    delete roles[name];
    return () => {
      roles[name] = role;
    };
  }

  /** Names of the inline policies of our roles in the cluster's account. */
  const permissionsAtHome = () =>
    Object.values(account().roles).flatMap(({ path, inline }) =>
      path.startsWith("/drawbridge/") ? Object.keys(inline) : [],
    );

  /** A live grant on the other account's bucket. */
  async function liveAway(choose: (resources: CloudResource[]) => boolean) {
    const estate = await world.estate();
    const wanted = { workload: workload(withoutAgent), target: bucketAway };
    const grant = Object.keys(patterns)
      .flatMap((pattern) => grantFor(pattern, estate, wanted) ?? [])
      .find((one) => choose(desiredResources([one], estate)));
    if (!grant) throw new Error("no such pattern");
    await executeRun(world.worker("w"), await world.approve([grant]));
    expect(await world.grant(grant.id)).toMatchObject({ state: "active" });
    expect(permissionsAtHome()).toHaveLength(1);
    return grant;
  }

  const withStatements = (resources: CloudResource[]) =>
    resources.some(({ kind }) => kind === "resource-policy-statements");
  const withTwoRoles = (resources: CloudResource[]) =>
    resources.filter(({ kind }) => kind === "role").length === 2;

  /** A denial that may pass by itself is waited for half a minute otherwise. */
  const hurried = {
    timing: { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 300 },
    sessions: { maxAttempts: 1 },
  };

  it.each([
    { what: "statements of a role", choose: withStatements, kind: "resource-policy-statements" },
    { what: "a role that is reached from another", choose: withTwoRoles, kind: "role-policy" },
  ])(
    "in an account that can't be entered keeps no revocation from ending access elsewhere: $what",
    async ({ choose, kind }) => {
      const before = await world.dump();
      const grant = await liveAway(choose);
      const reopen = closeAway();
      const revocation = await world.revoke(grant.id);
      await executeRun(world.worker("w", hurried), revocation);
      expect(permissionsAtHome()).toEqual([]);
      const run = await world.run(revocation);
      expect(run).toMatchObject({
        state: "failed",
        error: { code: "AccessDenied", cause: expect.stringContaining(`in account ${accountB.id}:`) },
      });
      const failed = run.steps.filter(({ state }) => state === "failed");
      expect(failed).toMatchObject([{ kind, accountId: accountB.id, verb: "delete", error: run.error }]);
      // The role is still named there, or trusted: it goes once that has gone.
      const roles = run.steps.filter((step) => step.kind === "role");
      expect(new Set(roles.map(({ state }) => state))).toEqual(new Set(["pending"]));
      expect(await world.grant(grant.id)).toMatchObject({ state: "failed", wanted: false });

      reopen();
      await retryRevocations(world.worker("w"), 0);
      await executeRun(world.worker("w"), revocation);
      expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
      expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
      expect(await world.dump()).toEqual(before);
    },
  );

  it("since AWS does not answer is waited for by its own step and not by the whole revocation", async () => {
    const grant = await liveAway(withStatements);
    await world.faults({ errorRate: 1, only: { service: "s3", operation: "GetBucketPolicy" } });
    const revocation = await world.revoke(grant.id);
    // As long as in the product.
    const { verifyWithinMs } = realTiming;
    const running = executeRun(
      world.worker("w", { timing: { stepDeadlineMs: 1_000, verifyWithinMs }, sessions: { maxAttempts: 1 } }),
      revocation,
    );
    await expect.poll(permissionsAtHome, { timeout: 15_000 }).toEqual([]);
    await running;
    const { steps } = await world.run(revocation);
    expect(steps.filter(({ state }) => state === "failed")).toMatchObject([
      { kind: "resource-policy-statements", error: { code: "InternalError" } },
    ]);
    await world.faults({});
    await retryRevocations(world.worker("w"), 0);
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
  });

  it("fails a run that gives access before its first change, and is named with its account", async () => {
    const first = await liveAway(withStatements);
    closeAway();
    const { run, made } = await afterApproval(next(first), () => {});
    expect(made).toEqual([]);
    expect(run).toMatchObject({
      state: "failed",
      error: {
        cause: expect.stringMatching(
          `may not assume its provisioner role to get at .*${bucketAway.arn} in account ${accountB.id}:`,
        ),
      },
    });
  });
});

describe("what comes in the way while the run is on its way", () => {
  it("keeps permissions from a role that somebody has opened to others after it was made", async () => {
    const grant = grantWith("oidc-provider", await world.estate(), {
      workload: workload(withoutAgent),
      target: bucketAtHome,
    });
    const runId = await world.approve([grant]);
    const since = await world.lastCall();
    const opened = () =>
      world.control("mutate", {
        accountId: accountA.id,
        kind: "role-trust",
        name: Object.values(account().roles)
          .find(({ path }) => path !== "/")
          ?.name.toLowerCase(),
        document: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
        },
      });
    const timing = {
      random: () => 0,
      sleep: () => realTiming.sleep(1),
      stepDeadlineMs: 300,
      visibleWithinMs: 50,
    };
    await executeRun(interruptedAfter(world, "CreateRole", opened, timing), runId);
    expect(await world.run(runId)).toMatchObject({
      state: "failed",
      error: { code: "TrustDiffers", cause: expect.stringContaining("is not what was approved") },
    });
    expect(mutations(await world.calls(since))).not.toContain("PutRolePolicy");
    // Retried, it writes the trust policy anew first.
    await world.prisma.run.update({ where: { id: runId }, data: { state: "queued", finishedAt: null } });
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
    expect(mutations(await world.calls(since)).slice(-2)).toEqual([
      "UpdateAssumeRolePolicy",
      "PutRolePolicy",
    ]);
  });

  it("keeps the grant from becoming active where somebody gave its role more meanwhile", async () => {
    const grant = grantWith("oidc-provider", await world.estate(), {
      workload: workload(withoutAgent),
      target: bucketAtHome,
    });
    const role = desiredResources([grant], await world.estate()).find(({ kind }) => kind === "role");
    const RoleName = role?.key.split("/").at(-1) ?? "";
    const backdoor = { RoleName, PolicyName: "backdoor" };
    const iam = iamOfOwner(sandbox.url, accountA.id);
    const runId = await world.approve([grant]);
    const timing = { verifyWithinMs: 1_000 };
    const dress = () => iam.send(new PutRolePolicyCommand({ ...backdoor, PolicyDocument: everything }));
    await executeRun(interruptedAfter(world, "CreateRole", dress, timing), runId);
    expect(await world.run(runId)).toMatchObject({
      state: "failed",
      error: {
        code: "ReadBack",
        cause: expect.stringContaining("it has the policy backdoor, which nobody approved"),
      },
    });
    expect(await world.grant(grant.id)).toMatchObject({ state: "failed" });

    const retry = async () => {
      await world.prisma.run.update({ where: { id: runId }, data: { state: "queued" } });
      await executeRun(world.worker("w", { timing }), runId);
      return world.run(runId);
    };
    expect(await retry()).toMatchObject({ state: "failed", error: { code: "role.foreign-policies" } });
    await iam.send(new DeleteRolePolicyCommand(backdoor));
    expect(await retry()).toMatchObject({ state: "succeeded" });
    expect(await world.grant(grant.id)).toMatchObject({ state: "active" });
  });

  it("keeps the grant from becoming active, though every document is as it should be", async () => {
    const grant = grantWith("oidc-provider", await world.estate(), {
      workload: workload(withoutAgent),
      target: bucketAtHome,
    });
    const runId = await world.approve([grant]);
    const deny = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: `${bucketAtHome.arn}/*`,
    };
    const worker = interruptedAfter(world, "CreateRole", () =>
      world.control("mutate", {
        accountId: accountA.id,
        kind: "bucket-policy",
        name: "home-reports",
        document: { Version: "2012-10-17", Statement: [deny] },
      }),
    );
    await executeRun(worker, runId);
    const run = await world.run(runId);
    expect(run).toMatchObject({
      state: "failed",
      error: { code: "Evaluation", cause: expect.stringMatching(/workload does not get.*s3:PutObject/) },
    });
    expect(run.steps.every(({ state }) => state === "succeeded")).toBe(true);
    expect(await world.grant(grant.id)).toMatchObject({ state: "failed" });
    const [proof] = await world.prisma.verification.findMany({ where: { grantId: grant.id } });
    expect(proof).toMatchObject({ ok: false });
    const { resources } = (proof?.report ?? {}) as Record<string, { ok: boolean }[]>;
    expect(resources?.every(({ ok }) => ok)).toBe(true);
    const { evaluated } = provenReportSchema.parse(proof?.report);
    expect(evaluated.filter(({ ok }) => !ok)).toMatchObject([
      { who: "workload", outcome: "refused", actions: ["s3:PutObject"] },
    ]);
    // A certain Deny: the last step names it.
    expect(evaluated.find(({ ok }) => !ok)?.steps.at(-1)).toMatchObject({ effect: "explicit-deny" });
    expect(new Set(evaluated.map(({ who }) => who)).size).toBe(8);
  });
});
