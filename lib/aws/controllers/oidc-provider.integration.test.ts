import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { ControllerContext } from "../controller.ts";
import { ForeignResourceError } from "../errors.ts";
import {
  accountB,
  contextOf,
  issuer,
  providerResource,
  roleResource,
  seed,
  sessionsAt,
} from "../testing/estate.ts";
import { oidcProvider } from "./oidc-provider.ts";
import { role } from "./role.ts";

let sandbox: RunningSandbox;
let ctx: ControllerContext;
const wanted = providerResource(accountB);

beforeAll(async () => {
  sandbox = await startSandbox({ seed: seed() });
  ctx = contextOf(sessionsAt(sandbox.url), accountB);
});
afterAll(() => sandbox.close());

function stored() {
  const account = sandbox.state().accounts[accountB.id];
  if (!account) throw new Error("no account");
  return account;
}

beforeEach(() => {
  stored().providers = {};
});

/** As somebody else would have made it. */
function foreignProvider(clientIds: string[]) {
  const made = { arn: wanted.key, issuer, clientIds, thumbprints: [], createdAt: 0, tags: {} };
  stored().providers[wanted.key] = made;
  return structuredClone(made);
}

const trustInIssuer = {
  Version: "2012-10-17" as const,
  Statement: [
    {
      Effect: "Allow" as const,
      Principal: { Federated: wanted.key },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com" } },
    },
  ],
};

describe("OIDC provider", () => {
  it("is made, found equal, made again without effect, mended and deleted", async () => {
    expect(await oidcProvider.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect(await oidcProvider.create(ctx, wanted)).toEqual({ effect: "created" });
    const observed = await oidcProvider.observe(ctx, wanted);
    expect(observed).toEqual({ state: "present", body: wanted.body, ours: true });
    expect(await oidcProvider.create(ctx, wanted)).toEqual({ effect: "unchanged" });

    const provider = stored().providers[wanted.key];
    if (!provider) throw new Error("no provider");
    provider.clientIds = ["other"];
    const tagged = { ...wanted, body: { ...wanted.body, tags: { ...wanted.body.tags, team: "pay" } } };
    expect(await oidcProvider.update(ctx, tagged, await oidcProvider.observe(ctx, wanted))).toEqual({
      effect: "updated",
    });
    expect(provider.clientIds).toEqual(["other", "sts.amazonaws.com"]);
    expect(provider.tags).toEqual(tagged.body.tags);

    expect(await oidcProvider.delete(ctx, wanted, observed)).toEqual({ effect: "deleted" });
    expect(await oidcProvider.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect((await oidcProvider.delete(ctx, wanted, observed)).effect).toBe("unchanged");
  });

  it("uses one of somebody else's that accepts our audience, and never changes or deletes it", async () => {
    const before = foreignProvider(["sts.amazonaws.com", "other"]);
    const observed = await oidcProvider.observe(ctx, wanted);
    expect(observed).toMatchObject({ state: "present", ours: false });
    expect(observed.conflict).toBeUndefined();
    expect((await oidcProvider.create(ctx, wanted)).effect).toBe("unchanged");
    expect((await oidcProvider.delete(ctx, wanted, observed)).effect).toBe("kept");
    expect(stored().providers[wanted.key]).toEqual(before);
  });

  it("says whom to ask when somebody else's lacks our audience", async () => {
    const before = foreignProvider(["other"]);
    const observed = await oidcProvider.observe(ctx, wanted);
    expect(observed.conflict).toMatch(/not made by Drawbridge.*audience sts\.amazonaws\.com.*Ask its owner/);
    await expect(oidcProvider.update(ctx, wanted, observed)).rejects.toThrow(ForeignResourceError);
    expect(stored().providers[wanted.key]).toEqual(before);
  });

  it("stays as long as any role of the account trusts it, ours or not", async () => {
    await oidcProvider.create(ctx, wanted);
    const theirs = stored().roles["team-role"];
    if (!theirs) throw new Error("no role");
    const trustBefore = theirs.trust;
    theirs.trust = { value: trustInIssuer, visibleAt: 0, previous: null };
    const kept = await oidcProvider.delete(ctx, wanted, await oidcProvider.observe(ctx, wanted));
    expect(kept).toEqual({ effect: "kept", detail: "Still trusted by team-role." });
    theirs.trust = trustBefore;

    const ours = roleResource(accountB, "federated", trustInIssuer);
    await role.create(ctx, ours);
    expect((await oidcProvider.delete(ctx, wanted, { state: "absent" })).detail).toContain("federated");
    await role.delete(ctx, ours, { state: "absent" });
    expect((await oidcProvider.delete(ctx, wanted, { state: "absent" })).effect).toBe("deleted");
  });
});
