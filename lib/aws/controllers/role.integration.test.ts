import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { AwsCall } from "../calls.ts";
import { controllerFor } from "../controllers.ts";
import { classify, ForeignResourceError, NotVisibleError } from "../errors.ts";
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

let sandbox: RunningSandbox;
const calls: AwsCall[] = [];
const writes = () => calls.filter(({ operation }) => !/^(Get|List|AssumeRole)/.test(operation));

beforeAll(async () => {
  sandbox = await startSandbox({ seed: seed() });
});
afterAll(() => sandbox.close());

function context(one = accountA, wait = {}) {
  calls.length = 0;
  return contextOf(sessionsAt(sandbox.url, { onCall: (call) => calls.push(call) }), one, wait);
}

describe("role", () => {
  const wanted = roleResource(accountA, "life-1", accountTrust(accountA.id));

  it("is made, found equal, made again without a write, changed, deleted and gone", async () => {
    const ctx = context();
    expect(await role.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect(await role.create(ctx, wanted)).toEqual({ effect: "created" });
    const policies = { inline: [], attached: [] };
    const made = { state: "present", body: wanted.body, ours: true, policies };
    expect(await role.observe(ctx, wanted)).toEqual(made);

    expect(await role.create(ctx, wanted)).toEqual({ effect: "unchanged" });
    const writesSoFar = writes().map(({ operation, error }) => [operation, error?.name]);
    expect(writesSoFar).toEqual([
      ["CreateRole", undefined],
      ["CreateRole", "EntityAlreadyExists"],
    ]);

    const { team: _, ...tags } = wanted.body.tags;
    const body = {
      ...wanted.body,
      description: "changed",
      maxSessionDuration: 7200,
      trust: accountTrust(accountB.id),
      tags: { ...tags, owner: "pay" },
    };
    const changed = { ...wanted, body };
    const outcome = await role.update(ctx, changed, await role.observe(ctx, changed));
    expect(outcome).toEqual({
      effect: "updated",
      detail: "trust policy, description and session length, tags",
    });
    const after = await role.observe(ctx, changed);
    expect(after).toEqual({ state: "present", body, ours: true, policies });
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
    const stored = sandbox.state().accounts[accountA.id]?.roles["lost-boundary"];
    if (!stored) throw new Error("the role is not there");
    stored.boundaryArn = null;
    const outcome = await role.update(ctx, lost, await role.observe(ctx, lost));
    expect(outcome).toEqual({ effect: "updated", detail: "permissions boundary" });
    stored.boundaryArn = null;
    expect(await role.delete(ctx, lost, await role.observe(ctx, lost))).toEqual({ effect: "deleted" });
  });

  it("takes off what others put on a role of ours before it goes", async () => {
    const ctx = context();
    const wanted = roleResource(accountA, "dressed", accountTrust(accountA.id));
    await role.create(ctx, wanted);
    await rolePolicy.create(ctx, rolePolicyResource(accountA, "dressed"));
    const stored = sandbox.state().accounts[accountA.id]?.roles.dressed;
    if (!stored) throw new Error("the role is not there");
    stored.attached[accountA.boundaryArn] = { arn: accountA.boundaryArn, visibleAt: 0 };
    expect(await role.delete(ctx, wanted, { state: "absent" })).toEqual({ effect: "deleted" });
    expect(writes().map(({ operation }) => operation)).toEqual([
      "CreateRole",
      "PutRolePolicy",
      "DeleteRolePolicy",
      "DetachRolePolicy",
      "DeleteRole",
    ]);
  });

  it("writes nothing on a role of the same name that is not ours", async () => {
    const ctx = context();
    const taken = roleResource(accountA, "Team-Role", accountTrust(accountA.id));
    const before = structuredClone(sandbox.state().accounts[accountA.id]?.roles);
    const observed = await role.observe(ctx, taken);
    expect(observed).toMatchObject({ state: "present", ours: false, conflict: expect.any(String) });
    await expect(role.create(ctx, taken)).rejects.toThrow(ForeignResourceError);
    await expect(role.update(ctx, taken, observed)).rejects.toThrow(ForeignResourceError);
    await expect(role.delete(ctx, taken, observed)).rejects.toThrow(ForeignResourceError);
    const policy = rolePolicyResource(accountA, "team-role");
    await expect(rolePolicy.update(ctx, policy, { state: "absent" })).rejects.toThrow(ForeignResourceError);
    await expect(rolePolicy.delete(ctx, policy, { state: "absent" })).rejects.toThrow(ForeignResourceError);
    expect(writes().filter(({ error }) => !error)).toEqual([]);
    expect(sandbox.state().accounts[accountA.id]?.roles).toEqual(before);
  });

  it("explains a principal that never appears", async () => {
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

describe("with IAM's delay", () => {
  it("waits for a role that another account's trust names, and puts policies on roles not seen yet", async () => {
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
