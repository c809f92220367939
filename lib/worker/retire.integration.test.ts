import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  GetRoleCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { iamOfOwner } from "#lib/aws/testing/owner.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Grant } from "#lib/model/grant.ts";
import { rolePath, tagKeys } from "#lib/model/tags.ts";
import { boundaryPolicy, provisionerPolicy } from "#lib/render/onboarding.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import { retryRevocations } from "./expire.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  installation,
  mutations,
  newGrantId,
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

const region = withoutAgent.region;
const impatient = {
  timing: { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 200 },
  sessions: { maxAttempts: 1 },
};

/** A role that a service account becomes by its cluster's token. */
async function provisioned(): Promise<{ grant: Grant; roleArn: string }> {
  const estate = await world.estate();
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome };
  const grant = grantWith("oidc-provider", estate, wanted);
  await executeRun(world.worker("w"), await world.approve([grant]));
  const role = desiredResources([grant], estate).find(({ kind }) => kind === "role");
  return { grant, roleArn: role?.key ?? "" };
}

/** As the workload's pod does. */
async function session(roleArn: string) {
  const { token } = (await world.control(`clusters/${accountA.id}/${region}/${withoutAgent.name}/tokens`, {
    namespace: "pay",
    serviceAccount: "api",
  })) as { token: string };
  const sts = new STSClient({ region, endpoint: sandbox.url, credentials: async () => none });
  const { Credentials: issued } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: "pod",
      WebIdentityToken: token,
    }),
  );
  const credentials = {
    accessKeyId: issued?.AccessKeyId ?? "",
    secretAccessKey: issued?.SecretAccessKey ?? "",
    sessionToken: issued?.SessionToken ?? "",
  };
  const s3 = new S3Client({ region, endpoint: sandbox.url, forcePathStyle: true, credentials });
  return (): Promise<string> =>
    s3.send(new ListObjectsV2Command({ Bucket: "home-reports" })).then(
      () => "allowed",
      (error: Error) => `${error.name}: ${error.message}`,
    );
}

const none = { accessKeyId: "unused", secretAccessKey: "unused" };

/** Somebody else lets the role in by name: no policy of ours can take that back. */
const letIn = (roleArn: string) =>
  world.control("mutate", {
    accountId: accountA.id,
    kind: "bucket-policy",
    name: "home-reports",
    document: {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Theirs",
          Effect: "Allow",
          Principal: { AWS: roleArn },
          Action: "s3:ListBucket",
          Resource: bucketAtHome.arn,
        },
      ],
    },
  });

describe("a role that goes with its last grant", () => {
  it("cuts its live sessions off even while IAM refuses to delete it", async () => {
    const { grant, roleArn } = await provisioned();
    await letIn(roleArn);
    const list = await session(roleArn);
    expect(await list()).toBe("allowed");

    await world.faults({ errorRate: 1, only: { service: "iam", operation: "DeleteRole" } });
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w", impatient), revocation);
    expect(await world.run(revocation)).toMatchObject({ state: "failed" });
    expect(await list()).toMatch(/AccessDenied.*explicit deny/);
    await world.faults({});
    await world.prisma.run.update({ where: { id: revocation }, data: { state: "queued" } });
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(await list()).not.toBe("allowed");
  });

  it("stays while it is tagged as another workload's, which the run says, and goes once the tag is back", async () => {
    const before = await world.dump();
    const { grant, roleArn } = await provisioned();
    const RoleName = roleArn.split("/").at(-1) ?? "";
    const iam = iamOfOwner(sandbox.url, accountA.id);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    const tags = Role?.Tags?.filter(({ Key }) => Key === tagKeys.workload) ?? [];
    const made = await session(roleArn);
    await iam.send(
      new TagRoleCommand({ RoleName, Tags: tags.map(({ Key }) => ({ Key, Value: "somebody/else" })) }),
    );
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w", impatient), revocation);
    expect(await world.run(revocation)).toMatchObject({
      state: "failed",
      error: {
        cause: expect.stringContaining(`${tagKeys.workload} is "somebody/else"`),
        nextStep: expect.stringContaining("Have it put back"),
      },
    });
    expect(await made()).toMatch(/AccessDenied/);
    await iam.send(new TagRoleCommand({ RoleName, Tags: tags }));
    await world.prisma.run.update({ where: { id: revocation }, data: { state: "queued" } });
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(await world.dump()).toEqual(before);
  });

  it("leaves nothing to a new role of the same name", async () => {
    const { grant, roleArn } = await provisioned();
    await letIn(roleArn);
    const before = await session(roleArn);
    await executeRun(world.worker("w"), await world.revoke(grant.id));
    // Another grant of the workload, for which the role is made again; its own permissions are elsewhere.
    const again = { ...grant, id: newGrantId(), subResource: "exports" };
    const runId = await world.approve([again]);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    expect(await before()).not.toBe("allowed");
    // The statement names the id of the role that is gone (IAM User Guide, "AWS JSON policy elements: Principal").
    expect(await (await session(roleArn))()).toMatch(/AccessDenied/);
  });

  it("takes the grant's own statements and policies before any role, in every account", async () => {
    const estate = await world.estate();
    const grant = grantWith("resource-policy-statements", estate, {
      workload: workload(withoutAgent),
      target: bucketAway,
    });
    await executeRun(world.worker("w"), await world.approve([grant]));
    const since = await world.lastCall();
    await executeRun(world.worker("w"), await world.revoke(grant.id));
    const made = mutations(await world.calls(since));
    const retiring = made.indexOf("PutRolePolicy");
    expect(made.indexOf("PutBucketPolicy")).toBeLessThan(retiring);
    expect(made.indexOf("DeleteRolePolicy")).toBeLessThan(retiring);
    expect(made.slice(retiring)).toEqual([
      "PutRolePolicy",
      "TagRole",
      "DeleteRolePolicy",
      "DeleteRole",
      "DeleteOpenIDConnectProvider",
    ]);
  });
});

describe("a role that other grants use", () => {
  it("keeps its sessions when one of its grants goes", async () => {
    const { grant, roleArn } = await provisioned();
    const other = { ...grant, id: newGrantId(), subResource: "exports" };
    await executeRun(world.worker("w"), await world.approve([other]));
    const list = await session(roleArn);
    const since = await world.lastCall();
    await executeRun(world.worker("w"), await world.revoke(other.id));
    expect(mutations(await world.calls(since))).toEqual(["DeleteRolePolicy"]);
    expect(await list()).toBe("allowed");
  });

  it("is made whole when a new grant wants it after its deletion was begun", async () => {
    const { grant, roleArn } = await provisioned();
    await world.faults({ errorRate: 1, only: { service: "iam", operation: "DeleteRole" } });
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w", impatient), revocation);
    await world.faults({});

    const next = { ...grant, id: newGrantId(), subResource: "exports" };
    const runId = await world.approve([next]);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    await letIn(roleArn);
    const list = await session(roleArn);
    expect(await list()).toBe("allowed");
    // The old revocation, tried again, leaves the role to the grant that has it now.
    await world.prisma.run.update({ where: { id: revocation }, data: { state: "queued" } });
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(await list()).toBe("allowed");
  });
});

const owner = () => iamOfOwner(sandbox.url, accountA.id);
const nameOf = (roleArn: string) => roleArn.split("/").at(-1) ?? "";

const takeOff = (roleArn: string) =>
  owner().send(new DeleteRolePermissionsBoundaryCommand({ RoleName: nameOf(roleArn) }));

const replace = (roleArn: string) =>
  owner().send(
    new PutRolePermissionsBoundaryCommand({
      RoleName: nameOf(roleArn),
      PermissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess",
    }),
  );

const moved = { ...accountA, boundaryArn: `${accountA.boundaryArn}-2` };

const register = () =>
  world.prisma.account.update({ where: { id: moved.id }, data: { boundaryArn: moved.boundaryArn } });

async function deployTemplate() {
  const PolicyName = nameOf(moved.boundaryArn);
  const boundary = JSON.stringify(boundaryPolicy(moved, installation));
  await owner().send(new CreatePolicyCommand({ PolicyName, PolicyDocument: boundary }));
  await owner().send(
    new PutRolePolicyCommand({
      RoleName: nameOf(moved.provisionerRoleArn),
      PolicyName: "provision",
      PolicyDocument: JSON.stringify(provisionerPolicy(moved, installation, [region])),
    }),
  );
}

async function boundaryOf(roleArn: string) {
  const { Role } = await owner().send(new GetRoleCommand({ RoleName: nameOf(roleArn) }));
  return Role?.PermissionsBoundary?.PermissionsBoundaryArn;
}

describe("a role whose boundary is no longer the account's", () => {
  const changes: { what: string; change: (roleArn: string) => Promise<unknown> }[] = [
    { what: "was taken off", change: takeOff },
    { what: "was replaced by another", change: replace },
    {
      what: "is that of before an admin registered another one",
      change: async () => {
        await register();
        await deployTemplate();
      },
    },
    { what: "is that of before, as in the account's template", change: register },
  ];

  it.each(changes)("goes with its last grant, and its sessions end, when the boundary $what", async (row) => {
    const { grant, roleArn } = await provisioned();
    const list = await session(roleArn);
    await row.change(roleArn);
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w"), revocation);
    expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(await boundaryOf(roleArn).catch(({ name }: Error) => name)).toBe("NoSuchEntityException");
    expect(await list()).not.toBe("allowed");
  });

  it("loses one of two grants, gets the boundary back for the other's sake, and both are on record", async () => {
    const { grant, roleArn } = await provisioned();
    const other = { ...grant, id: newGrantId(), subResource: "exports" };
    await executeRun(world.worker("w"), await world.approve([other]));
    await takeOff(roleArn);
    const list = await session(roleArn);
    const since = await world.lastCall();
    const revocation = await world.revoke(other.id);
    await executeRun(world.worker("w"), revocation);
    expect(mutations(await world.calls(since))).toEqual(["PutRolePermissionsBoundary", "DeleteRolePolicy"]);
    const { steps } = await world.run(revocation);
    expect(steps.find(({ outcome }) => outcome === "deleted")?.detail).toMatch(/boundary.*put back/);
    expect(await boundaryOf(roleArn)).toBe(accountA.boundaryArn);
    expect(await list()).toBe("allowed");
  });

  it("waits for the account's template where that can't be told to put the boundary back, and says so", async () => {
    const { grant, roleArn } = await provisioned();
    await register();
    await takeOff(roleArn);
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w", impatient), revocation);
    const { state, error } = await world.run(revocation);
    expect(state).toBe("failed");
    expect(error).toMatchObject({
      cause: expect.stringContaining("The provisioner role's own policy"),
      nextStep: expect.stringContaining(`deploy the onboarding template again in account ${accountA.id}`),
    });
    await deployTemplate();
    await world.prisma.run.update({ where: { id: revocation }, data: { state: "queued" } });
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
  });
});

describe("a role that somebody put something on", () => {
  const putInto = async (roleArn: string, InstanceProfileName: string, Path = "/") => {
    await owner().send(new CreateInstanceProfileCommand({ InstanceProfileName, Path }));
    const holding = { InstanceProfileName, RoleName: nameOf(roleArn) };
    await owner().send(new AddRoleToInstanceProfileCommand(holding));
    return () => owner().send(new RemoveRoleFromInstanceProfileCommand(holding));
  };

  it("is cut off while instance profiles of others hold it, says which, and goes by itself once they don't", async () => {
    const { grant, roleArn } = await provisioned();
    await letIn(roleArn);
    const list = await session(roleArn);
    const takeOut = [await putInto(roleArn, "web"), await putInto(roleArn, "batch", "/jobs/")];
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w"), revocation);
    expect(await list()).toMatch(/AccessDenied.*explicit deny/);
    const { state, error } = await world.run(revocation);
    expect(state).toBe("failed");
    expect(error).toMatchObject({
      code: "HeldByInstanceProfile",
      cause: expect.stringMatching(
        /web \(arn:.*:instance-profile\/web\) and batch \(arn:.*:instance-profile\/jobs\/batch\)/,
      ),
      nextStep: expect.stringMatching(/remove the role from it .* goes on by itself/),
    });

    for (const one of takeOut) await one();
    expect(await retryRevocations(world.worker("w"), 0)).toEqual([revocation]);
    await executeRun(world.worker("w"), revocation);
    expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(await list()).not.toBe("allowed");
  });

  it("denies what was issued meanwhile at each try, as long as an instance profile holds it", async () => {
    const { grant, roleArn } = await provisioned();
    await putInto(roleArn, "web");
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w"), revocation);
    const since = await world.lastCall();
    await world.prisma.run.update({ where: { id: revocation }, data: { state: "queued" } });
    await executeRun(world.worker("w"), revocation);
    expect(mutations(await world.calls(since))).toEqual(["RemoveRoleFromInstanceProfile", "PutRolePolicy"]);
  });

  it("leaves an instance profile under our path and goes", async () => {
    const { grant, roleArn } = await provisioned();
    await putInto(roleArn, "web", rolePath(installation));
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w"), revocation);
    expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
  });

  it("is cut off while a policy that somebody attached can't be taken off", async () => {
    const { grant, roleArn } = await provisioned();
    await letIn(roleArn);
    const list = await session(roleArn);
    const PolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    await owner().send(new AttachRolePolicyCommand({ RoleName: nameOf(roleArn), PolicyArn }));
    await world.faults({ errorRate: 1, only: { service: "iam", operation: "DetachRolePolicy" } });
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w", impatient), revocation);
    expect(await world.run(revocation)).toMatchObject({ state: "failed" });
    expect(await list()).toMatch(/AccessDenied.*explicit deny/);
    await world.faults({});
    await world.prisma.run.update({ where: { id: revocation }, data: { state: "queued" } });
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
  });
});
