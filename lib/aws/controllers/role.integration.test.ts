import {
  AttachRolePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  GetRoleCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tags } from "#lib/model/cloud-resource.ts";
import { revokedSessionsPolicyName } from "#lib/model/retirement.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { differences } from "#lib/plan/same.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { AwsCall } from "../calls.ts";
import { controllerFor } from "../controllers.ts";
import { classify, ForeignResourceError, NotVisibleError } from "../errors.ts";
import { requires, startAws, type TestAws } from "../testing/aws.ts";
import {
  accountA,
  accountB,
  accountTrust,
  contextOf,
  rolePolicyResource,
  roleResource,
  seed,
  sessionsAt,
} from "../testing/estate.ts";
import { role } from "./role.ts";
import { rolePolicy } from "./role-policy.ts";

let aws: TestAws<RunningSandbox>;
const calls: AwsCall[] = [];
const writes = () => calls.filter(({ operation }) => !/^(Get|List|AssumeRole)/.test(operation));

beforeAll(async () => {
  aws = await startAws(seed(), startSandbox);
});
afterAll(() => aws.close());

/** Somebody else in account A. */
const other = () => aws.administrator(accountA).iam();

const faults = (wanted: object) =>
  fetch(`${aws.url}/_sandbox/faults`, { method: "POST", body: JSON.stringify(wanted) });

function context(one = accountA, wait = {}) {
  calls.length = 0;
  return contextOf(sessionsAt(aws.url, { onCall: (call) => calls.push(call) }), one, wait);
}

async function teamRole() {
  const RoleName = "team-role";
  const { Role } = await other().send(new GetRoleCommand({ RoleName }));
  const { PolicyNames } = await other().send(new ListRolePoliciesCommand({ RoleName }));
  return { Role, PolicyNames };
}

describe("role", () => {
  const plain = roleResource(accountA, "life-1", accountTrust(accountA.id));
  const wanted = {
    ...plain,
    body: { ...plain.body, tags: { ...plain.body.tags, [tagKeys.workload]: "old" } },
  };

  it("is made, found equal, made again without a write, changed, deleted and gone", async () => {
    const ctx = context();
    expect(await role.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect(await role.create(ctx, wanted)).toEqual({ effect: "created" });
    const policies = { inline: [], attached: [] };
    const roleId = expect.stringMatching(/^AROA/);
    const made = { state: "present", body: wanted.body, ours: true, roleId, policies };
    expect(await role.observe(ctx, wanted)).toEqual(made);

    expect(await role.create(ctx, wanted)).toEqual({ effect: "unchanged" });
    const writesSoFar = writes().map(({ operation, error }) => [operation, error?.name]);
    expect(writesSoFar).toEqual([
      ["CreateRole", undefined],
      ["CreateRole", "EntityAlreadyExists"],
    ]);

    const { [tagKeys.workload]: _, team = "", ...ours }: Tags = wanted.body.tags;
    const body = {
      ...wanted.body,
      description: "changed",
      maxSessionDuration: 7200,
      trust: accountTrust(accountB.id),
      tags: { ...ours, owner: "pay" },
    };
    const changed = { ...wanted, body };
    const outcome = await role.update(ctx, changed, await role.observe(ctx, changed));
    expect(outcome).toEqual({
      effect: "updated",
      detail: "trust policy, description and session length, tags",
    });
    const after = await role.observe(ctx, changed);
    // One tag of ours is no longer wanted; the other is somebody else's by now.
    const found = { ...body, tags: { ...body.tags, team } };
    expect(after).toEqual({ state: "present", body: found, ours: true, roleId, policies });
    expect(await role.update(ctx, changed, after)).toEqual({ effect: "unchanged" });

    expect(await rolePolicy.create(ctx, rolePolicyResource(accountA, "life-1"))).toEqual({
      effect: "created",
    });
    expect(await role.delete(ctx, changed, after)).toEqual({ effect: "deleted" });
    expect(await role.observe(ctx, changed)).toEqual({ state: "absent" });
    expect((await role.delete(ctx, changed, after)).effect).toBe("unchanged");
  });

  it("puts the boundary back before anything else, also to delete", async () => {
    const ctx = context();
    const lost = roleResource(accountA, "lost-boundary", accountTrust(accountA.id));
    await role.create(ctx, lost);
    const loseBoundary = () =>
      other().send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "lost-boundary" }));
    await loseBoundary();
    const outcome = await role.update(ctx, lost, await role.observe(ctx, lost));
    expect(outcome).toEqual({ effect: "updated", detail: "permissions boundary" });
    await loseBoundary();
    expect(await role.delete(ctx, lost, await role.observe(ctx, lost))).toEqual({ effect: "deleted" });
  });

  it("takes off what others put on a role of ours before it goes", async () => {
    const ctx = context();
    const wanted = roleResource(accountA, "dressed", accountTrust(accountA.id));
    await role.create(ctx, wanted);
    await rolePolicy.create(ctx, rolePolicyResource(accountA, "dressed"));
    const dressing = { RoleName: "dressed", PolicyArn: accountA.boundaryArn };
    await other().send(new AttachRolePolicyCommand(dressing));
    expect(await role.delete(ctx, wanted, { state: "absent" })).toEqual({ effect: "deleted" });
    expect(writes().map(({ operation }) => operation)).toEqual([
      "CreateRole",
      "PutRolePolicy",
      "DeleteRolePolicy",
      "DetachRolePolicy",
      "PutRolePolicy",
      "TagRole",
      "DeleteRolePolicy",
      "DeleteRole",
    ]);
  });

  it("is seen to be retiring after a crash, and is made whole when it is wanted again", async (test) => {
    requires(test, "fault injection");
    const ctx = context();
    const wanted = roleResource(accountA, "half-retired", accountTrust(accountA.id));
    await role.create(ctx, wanted);
    await faults({ errorRate: 1, only: { service: "iam", operation: "DeleteRole" } });
    await expect(role.delete(ctx, wanted, { state: "absent" })).rejects.toThrow();
    await faults({});
    const stored = aws.sandbox().state().accounts[accountA.id]?.roles["half-retired"];
    expect(Object.keys(stored?.inline ?? {})).toEqual([revokedSessionsPolicyName]);
    const observed = await role.observe(ctx, wanted);
    if (observed.state !== "present") throw new Error("the role is gone");
    expect(differences(wanted, observed)).toEqual(["its deletion, which was begun"]);
    expect((await role.update(ctx, wanted, observed)).effect).toBe("updated");
    expect(stored?.inline).toEqual({});
    expect(await role.observe(ctx, wanted)).toMatchObject({ body: wanted.body, ours: true });
  });

  it.for([
    { how: "same", name: "team-role" },
    { how: "same but for case", name: "Team-Role" },
  ])("writes nothing on a role of the $how name that is not ours", async ({ how, name }, test) => {
    if (how !== "same") requires(test, "names without regard to case");
    const ctx = context();
    const taken = roleResource(accountA, name, accountTrust(accountA.id));
    const before = await teamRole();
    const observed = await role.observe(ctx, taken);
    expect(observed).toMatchObject({ state: "present", ours: false, conflict: expect.any(String) });
    await expect(role.create(ctx, taken)).rejects.toThrow(ForeignResourceError);
    await expect(role.update(ctx, taken, observed)).rejects.toThrow(ForeignResourceError);
    await expect(role.delete(ctx, taken, observed)).rejects.toThrow(ForeignResourceError);
    const policy = rolePolicyResource(accountA, "team-role");
    await expect(rolePolicy.update(ctx, policy, { state: "absent" })).rejects.toThrow(ForeignResourceError);
    await expect(rolePolicy.delete(ctx, policy, { state: "absent" })).rejects.toThrow(ForeignResourceError);
    expect(writes().filter(({ error }) => !error)).toEqual([]);
    expect(await teamRole()).toEqual(before);
  });

  it("explains a principal that never appears", async (test) => {
    requires(test, "checks of principals");
    const trust = {
      Version: "2012-10-17" as const,
      Statement: [
        {
          Effect: "Allow" as const,
          Principal: { AWS: `arn:aws:iam::${accountA.id}:role/misspelt` },
          Action: "sts:AssumeRole",
        },
      ],
    };
    const creating = role.create(context(accountB, { deadlineMs: 600 }), roleResource(accountB, "x", trust));
    await expect(creating).rejects.toThrow(NotVisibleError);
    expect(classify(await creating.catch((error: unknown) => error)).message).toMatch(/Invalid principal/);
  });
});

describe("role policy", () => {
  it("is put, found, left alone, changed and deleted", async () => {
    const ctx = context();
    const wanted = rolePolicyResource(accountA, "with-policy");
    expect(await rolePolicy.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect((await rolePolicy.delete(ctx, wanted, { state: "absent" })).effect).toBe("unchanged");
    await role.create(ctx, roleResource(accountA, "with-policy", accountTrust(accountA.id)));
    const controller = controllerFor(wanted);
    expect(await controller.create(ctx, wanted)).toEqual({ effect: "created" });
    expect(await controller.observe(ctx, wanted)).toEqual({
      state: "present",
      body: wanted.body,
      ours: true,
    });
    expect(await controller.create(ctx, wanted)).toEqual({ effect: "unchanged" });
    const document = { Version: "2012-10-17" as const, Statement: [] };
    const other = {
      ...document,
      Statement: [{ Effect: "Allow" as const, Action: "s3:PutObject", Resource: "arn:aws:s3:::reports/*" }],
    };
    const changed = { ...wanted, body: { ...wanted.body, document: other } };
    const observed = await controller.observe(ctx, changed);
    expect(await controller.update(ctx, changed, observed)).toEqual({ effect: "updated" });
    expect(await controller.delete(ctx, changed, observed)).toEqual({ effect: "deleted" });
    expect(await controller.observe(ctx, changed)).toEqual({ state: "absent" });
    expect((await controller.delete(ctx, changed, observed)).effect).toBe("unchanged");
  });
});

describe("the policy of a role whose boundary somebody changed", () => {
  const stored = () => {
    const found = aws.sandbox().state().accounts[accountA.id];
    if (!found) throw new Error("the account is gone");
    return found;
  };
  const named = (name: string) => ({
    wanted: roleResource(accountA, name, accountTrust(accountA.id)),
    policy: rolePolicyResource(accountA, name),
    takeOff: () => other().send(new DeleteRolePermissionsBoundaryCommand({ RoleName: name })),
  });
  const restored = { effect: "deleted", detail: expect.stringMatching(/boundary.*put back/) };

  it("is deleted after the account's boundary was put back", async () => {
    const { wanted, policy, takeOff } = named("opened");
    const ctx = context();
    await role.create(ctx, wanted);
    await rolePolicy.create(ctx, policy);
    await takeOff();
    expect(await rolePolicy.delete(ctx, policy, { state: "absent" })).toEqual(restored);
    expect(await role.observe(ctx, wanted)).toMatchObject({ body: wanted.body, policies: { inline: [] } });
  });

  it("is deleted as soon as IAM judges by the boundary that was put back", async (test) => {
    requires(test, "authorisation");
    const { wanted, policy, takeOff } = named("opened-late");
    await role.create(context(), wanted);
    await rolePolicy.create(context(), policy);
    await takeOff();
    const found = stored().roles["opened-late"];
    const onCall = ({ operation }: AwsCall) => {
      if (found && operation === "PutRolePermissionsBoundary") found.boundaryArn = null;
      if (found && operation === "DeleteRolePolicy") found.boundaryArn = accountA.boundaryArn;
    };
    const late = contextOf(sessionsAt(aws.url, { onCall }), accountA, { sleep: async () => {} });
    expect(await rolePolicy.delete(late, policy, { state: "absent" })).toEqual(restored);
  });

  it("is not taken for gone where the account's boundary is not there to be put back", async (test) => {
    requires(test, "authorisation");
    const { wanted, policy, takeOff } = named("unbounded");
    const ctx = context();
    await role.create(ctx, wanted);
    await rolePolicy.create(ctx, policy);
    await takeOff();
    const { [accountA.boundaryArn]: boundary, ...policies } = stored().policies;
    stored().policies = policies;
    const deletion = rolePolicy.delete(ctx, policy, { state: "absent" });
    await expect(
      deletion.finally(() => boundary && Object.assign(policies, { [boundary.arn]: boundary })),
    ).rejects.toThrow(/Scope ARN/);
    expect((await rolePolicy.observe(ctx, policy)).state).toBe("present");
  });
});

describe("with IAM's delay", () => {
  it("waits for a role that another account's trust names, and puts policies on roles not seen yet", async (test) => {
    requires(test, "delays of visibility");
    const slow = await startSandbox({ seed: seed(), faults: { visibilityDelayMs: 900 } });
    try {
      const sessions = sessionsAt(slow.url);
      const [inA, inB] = [contextOf(sessions, accountA), contextOf(sessions, accountB)];
      const source = roleResource(accountA, "src", accountTrust(accountA.id));
      const trust = {
        Version: "2012-10-17" as const,
        Statement: [{ Effect: "Allow" as const, Principal: { AWS: source.key }, Action: "sts:AssumeRole" }],
      };
      await role.create(inA, source);
      const [target, policy] = await Promise.all([
        role.create(inB, roleResource(accountB, "dst", trust)),
        rolePolicy.create(inA, rolePolicyResource(accountA, "src")),
      ]);
      expect([target.effect, policy.effect]).toEqual(["created", "created"]);
      // A second create meets the role before IAM shows it.
      const twin = roleResource(accountA, "twin", accountTrust(accountA.id));
      await role.create(inA, twin);
      expect((await role.create(inA, twin)).effect).toBe("unchanged");
    } finally {
      await slow.close();
    }
  });
});
