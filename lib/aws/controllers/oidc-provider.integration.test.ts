import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import type { ControllerContext } from "../controller.ts";
import { ForeignResourceError, isKind } from "../errors.ts";
import type { AccountClients } from "../sessions.ts";
import { requires, startAws, type TestAws } from "../testing/aws.ts";
import {
  accountB,
  accountTrust,
  contextOf,
  issuer,
  providerResource,
  roleResource,
  seed,
  sessionsAt,
} from "../testing/estate.ts";
import { oidcProvider } from "./oidc-provider.ts";
import { role } from "./role.ts";

let aws: TestAws<RunningSandbox>;
let ctx: ControllerContext;
/** Somebody else in the account. */
let other: ReturnType<AccountClients["iam"]>;
const wanted = providerResource(accountB);
const OpenIDConnectProviderArn = wanted.key;

beforeAll(async () => {
  aws = await startAws(seed(), startSandbox);
  ctx = contextOf(sessionsAt(aws.url), accountB);
  other = aws.administrator(accountB).iam();
});
afterAll(() => aws.close());

beforeEach(async () => {
  try {
    await other.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
  }
});

async function stored() {
  const found = await other.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  return { url: found.Url, clientIds: found.ClientIDList, tags: found.Tags, created: found.CreateDate };
}

/** As somebody else would have made it. */
async function foreignProvider(ClientIDList: string[]) {
  await other.send(new CreateOpenIDConnectProviderCommand({ Url: `https://${issuer}`, ClientIDList }));
  return stored();
}

async function setTeamTrust(trust: object) {
  const PolicyDocument = JSON.stringify(trust);
  await other.send(new UpdateAssumeRolePolicyCommand({ RoleName: "team-role", PolicyDocument }));
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
  it("is made, found equal, made again without effect, tagged anew and deleted", async () => {
    expect(await oidcProvider.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect(await oidcProvider.create(ctx, wanted)).toEqual({ effect: "created" });
    const observed = await oidcProvider.observe(ctx, wanted);
    expect(observed).toEqual({ state: "present", body: wanted.body, ours: true });
    expect(await oidcProvider.create(ctx, wanted)).toEqual({ effect: "unchanged" });

    const tagged = {
      ...wanted,
      body: { ...wanted.body, tags: { ...wanted.body.tags, "drawbridge:workload": "one" } },
    };
    expect(await oidcProvider.update(ctx, tagged, observed)).toEqual({ effect: "updated" });
    expect(await oidcProvider.observe(ctx, tagged)).toEqual({ ...observed, body: tagged.body });
    expect(await oidcProvider.update(ctx, wanted, await oidcProvider.observe(ctx, wanted))).toEqual({
      effect: "updated",
    });
    expect(await oidcProvider.observe(ctx, wanted)).toEqual(observed);

    expect(await oidcProvider.delete(ctx, wanted, observed)).toEqual({ effect: "deleted" });
    expect(await oidcProvider.observe(ctx, wanted)).toEqual({ state: "absent" });
    expect((await oidcProvider.delete(ctx, wanted, observed)).effect).toBe("unchanged");
  });

  it("is gone although IAM shows it once more after its deletion, whose answer was lost", async () => {
    await oidcProvider.create(ctx, wanted);
    const iam = ctx.clients.iam();
    const seen = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    await oidcProvider.delete(ctx, wanted, await oidcProvider.observe(ctx, wanted));
    let shown = false;
    const stale = new Proxy(iam, {
      get: (client, name) => {
        if (name !== "send") return Reflect.get(client, name);
        return async (command: Parameters<typeof client.send>[0]) => {
          if (shown || !(command instanceof GetOpenIDConnectProviderCommand)) return client.send(command);
          shown = true;
          return seen;
        };
      },
    });
    const late = { ...ctx, clients: { ...ctx.clients, iam: () => stale } };
    const { effect } = await oidcProvider.delete(late, wanted, { state: "absent" });
    expect(shown).toBe(true);
    // Where nobody asks for tags, as some emulators do not, the call says by itself that there is none.
    expect(["unchanged", "deleted"]).toContain(effect);
    expect(await oidcProvider.observe(ctx, wanted)).toEqual({ state: "absent" });
  });

  it("gets back the audience that others took from it, and keeps theirs", async (test) => {
    requires(test, "changes of a provider's client ids");
    await oidcProvider.create(ctx, wanted);
    const theirs = { OpenIDConnectProviderArn, ClientID: "other" };
    await other.send(new AddClientIDToOpenIDConnectProviderCommand(theirs));
    const needed = { OpenIDConnectProviderArn, ClientID: "sts.amazonaws.com" };
    await other.send(new RemoveClientIDFromOpenIDConnectProviderCommand(needed));
    const observed = await oidcProvider.observe(ctx, wanted);
    expect(await oidcProvider.update(ctx, wanted, observed)).toEqual({ effect: "updated" });
    expect((await stored()).clientIds).toEqual(["other", "sts.amazonaws.com"]);
  });

  it("uses one of somebody else's that accepts our audience, and never changes or deletes it", async () => {
    const before = await foreignProvider(["sts.amazonaws.com", "other"]);
    const observed = await oidcProvider.observe(ctx, wanted);
    expect(observed).toMatchObject({ state: "present", ours: false });
    expect(observed.conflict).toBeUndefined();
    expect((await oidcProvider.create(ctx, wanted)).effect).toBe("unchanged");
    expect((await oidcProvider.delete(ctx, wanted, observed)).effect).toBe("kept");
    expect(await stored()).toEqual(before);
  });

  it("says whom to ask when somebody else's lacks our audience", async () => {
    const before = await foreignProvider(["other"]);
    const observed = await oidcProvider.observe(ctx, wanted);
    expect(observed.conflict).toMatch(/not made by Drawbridge.*audience sts\.amazonaws\.com.*Ask its owner/);
    await expect(oidcProvider.update(ctx, wanted, observed)).rejects.toThrow(ForeignResourceError);
    expect(await stored()).toEqual(before);
  });

  it("stays as long as any role of the account trusts it, ours or not", async () => {
    await oidcProvider.create(ctx, wanted);
    await setTeamTrust(trustInIssuer);
    const kept = await oidcProvider.delete(ctx, wanted, await oidcProvider.observe(ctx, wanted));
    expect(kept).toEqual({ effect: "kept", detail: "Still trusted by team-role." });
    await setTeamTrust(accountTrust(accountB.id));

    const ours = roleResource(accountB, "federated", trustInIssuer);
    await role.create(ctx, ours);
    const patient = { ...ctx, wait: { ...ctx.wait, pause: async () => {} } };
    expect((await oidcProvider.delete(patient, wanted, { state: "absent" })).detail).toContain("federated");
    await role.delete(ctx, ours, { state: "absent" });
    expect((await oidcProvider.delete(ctx, wanted, { state: "absent" })).effect).toBe("deleted");
  });

  // IAM User Guide, "Changes that I make are not always immediately visible".
  it("goes once IAM lists our last role no more that trusts it", async () => {
    await oidcProvider.create(ctx, wanted);
    const ours = roleResource(accountB, "late", trustInIssuer);
    await role.create(ctx, ours);
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
      if (pauses === 3) await role.delete(ctx, ours, { state: "absent" });
    };
    const late = { ...ctx, wait: { ...ctx.wait, pause } };
    expect((await oidcProvider.delete(late, wanted, { state: "absent" })).effect).toBe("deleted");
    expect(pauses).toBe(3);
  });
});
