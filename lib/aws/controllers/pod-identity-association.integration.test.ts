import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { ControllerContext } from "../controller.ts";
import { ForeignResourceError } from "../errors.ts";
import { requires, startAws, type TestAws } from "../testing/aws.ts";
import {
  accountA,
  accountB,
  accountTrust,
  associationResource,
  contextOf,
  region,
  roleResource,
  seed,
  sessionsAt,
} from "../testing/estate.ts";
import { podIdentityAssociation as controller } from "./pod-identity-association.ts";
import { role } from "./role.ts";

let aws: TestAws<RunningSandbox>;
let ctx: ControllerContext;
const first = roleResource(accountA, "first", accountTrust(accountA.id));
const second = roleResource(accountA, "second", accountTrust(accountA.id));

beforeAll(async () => {
  aws = await startAws(seed(), startSandbox);
  ctx = contextOf(sessionsAt(aws.url), accountA);
  await role.create(ctx, first);
  await role.create(ctx, second);
});
afterAll(() => aws.close());
beforeEach((test) => requires(test, "Pod Identity associations"));

function associations() {
  const cluster = aws.sandbox().state().accounts[accountA.id]?.clusters[`${region}/main`];
  if (!cluster) throw new Error("no cluster");
  return cluster.associations;
}

describe("Pod Identity association", () => {
  const wanted = associationResource(first.key);

  it("is made, found equal, made again without effect, changed in place, deleted and made anew", async () => {
    expect(await controller.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect(await controller.create(ctx, wanted)).toEqual({ effect: "created" });
    const observed = await controller.observe(ctx, wanted);
    expect(observed).toEqual({ state: "present", body: wanted.body, ours: true });
    expect((await controller.create(ctx, wanted)).effect).not.toBe("updated");
    expect(Object.keys(associations())).toHaveLength(1);

    const target = `arn:aws:iam::${accountB.id}:role/drawbridge/acme/dst`;
    const tags = { ...wanted.body.tags, team: "pay" };
    const body = { ...wanted.body, roleArn: second.key, targetRoleArn: target, tags };
    const changed = { ...wanted, body };
    const [id] = Object.keys(associations());
    expect(await controller.update(ctx, changed, observed)).toEqual({
      effect: "updated",
      detail: "roles, tags",
    });
    expect(await controller.observe(ctx, changed)).toEqual({ state: "present", body, ours: true });
    expect(Object.keys(associations())).toEqual([id]);
    expect(await controller.create(ctx, changed)).toEqual({ effect: "unchanged" });

    const back = { ...wanted, body: { ...wanted.body, tags } };
    expect(await controller.update(ctx, back, observed)).toEqual({ effect: "updated", detail: "roles" });
    expect(await controller.observe(ctx, back)).toEqual({ state: "present", body: back.body, ours: true });

    // A tag of ours that is not wanted goes; the organisation's own stays.
    const [held] = Object.values(associations());
    if (held) held.tags["drawbridge:old"] = "x";
    expect(await controller.update(ctx, wanted, observed)).toEqual({ effect: "updated", detail: "tags" });
    expect(held?.tags).toEqual(tags);

    expect(await controller.delete(ctx, wanted, observed)).toEqual({ effect: "deleted" });
    expect(await controller.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect((await controller.delete(ctx, wanted, observed)).effect).toBe("unchanged");
    // EKS may still answer to the first call's token with what it made then.
    const again = { ...ctx, occasion: "another step" };
    expect(await controller.create(again, wanted)).toEqual({ effect: "created" });
    expect(await controller.observe(ctx, wanted)).toMatchObject({ state: "present" });
    await controller.delete(ctx, wanted, observed);
  });

  it.each([
    ["somebody else's", { ownerArn: null, tags: {} }, /Drawbridge did not make/],
    ["an add-on's", { ownerArn: "arn:aws:eks:eu-west-1:111122223333:addon/main/x/y", tags: {} }, /add-on/],
    [
      "another installation's",
      { ownerArn: null, tags: { "drawbridge:managed-by": "drawbridge", "drawbridge:installation": "other" } },
      /did not make/,
    ],
  ])("leaves %s alone", async (whose, theirs, why) => {
    await controller.create({ ...ctx, occasion: whose }, wanted);
    const [held] = Object.values(associations());
    if (!held) throw new Error("no association");
    Object.assign(held, theirs);
    const before = structuredClone(held);
    const observed = await controller.observe(ctx, wanted);
    expect(observed).toMatchObject({ state: "present", ours: false, conflict: expect.stringMatching(why) });
    const other = associationResource(second.key);
    await expect(controller.create(ctx, other)).rejects.toThrow(ForeignResourceError);
    await expect(controller.update(ctx, other, observed)).rejects.toThrow(ForeignResourceError);
    await expect(controller.delete(ctx, other, observed)).rejects.toThrow(ForeignResourceError);
    expect(Object.values(associations())).toEqual([before]);
    delete associations()[held.id];
  });

  it("is a conflict where the cluster is not there, and already gone on delete", async () => {
    const gone = { ...wanted, body: { ...wanted.body, clusterName: "no-such-cluster" } };
    const observed = await controller.observe(ctx, gone);
    expect(observed).toMatchObject({ state: "absent", conflict: expect.stringContaining("no-such-cluster") });
    expect((await controller.delete(ctx, gone, observed)).effect).toBe("unchanged");
  });

  it("is found behind an empty page, as a list that is filtered may begin with one", async () => {
    const own = { ...contextOf(sessionsAt(aws.url), accountA), occasion: "behind an empty page" };
    own.clients.eks(region).middlewareStack.add(
      (next) => (args) => {
        const { input } = args as { input: { serviceAccount?: string; nextToken?: string } };
        return input.serviceAccount === undefined || input.nextToken !== undefined
          ? next(args)
          : Promise.resolve({ output: { associations: [], nextToken: "0", $metadata: {} }, response: {} });
      },
      { step: "build" },
    );
    expect(await controller.create({ ...ctx, occasion: own.occasion }, wanted)).toEqual({
      effect: "created",
    });
    const observed = await controller.observe(own, wanted);
    expect(observed).toEqual({ state: "present", body: wanted.body, ours: true });
    expect(await controller.delete(own, wanted, observed)).toEqual({ effect: "deleted" });
    expect(associations()).toEqual({});
  });

  it("waits for a role that EKS does not see yet", async () => {
    const slow = await startSandbox({ seed: seed(), faults: { visibilityDelayMs: 600 } });
    try {
      const delayed = contextOf(sessionsAt(slow.url), accountA);
      await role.create(delayed, first);
      expect(await controller.create(delayed, wanted)).toEqual({ effect: "created" });
    } finally {
      await slow.close();
    }
  });
});
