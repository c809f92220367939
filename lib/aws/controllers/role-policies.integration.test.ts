import { AttachRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences } from "#lib/plan/same.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { accountA, accountTrust, contextOf, roleResource, seed, sessionsAt } from "../testing/estate.ts";
import { iamOfOwner, ownerSeed } from "../testing/owner.ts";
import { role } from "./role.ts";

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: { accounts: [...seed().accounts, ownerSeed(accountA.id)] } });
});
afterAll(() => sandbox.close());

const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess";

describe("what others put on a role of ours", () => {
  const wanted = roleResource(accountA, "hung-1", accountTrust(accountA.id));
  const RoleName = "hung-1";

  it("is seen, and managed policies are detached by an update that leaves the rest alone", async () => {
    const ctx = contextOf(sessionsAt(sandbox.url), accountA);
    const owner = iamOfOwner(sandbox.url, accountA.id);
    await role.create(ctx, wanted);
    await owner.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: readOnly }));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "s3:*", Resource: "*" },
    });
    await owner.send(new PutRolePolicyCommand({ RoleName, PolicyName: "more", PolicyDocument }));

    const seen = await role.observe(ctx, wanted);
    expect(seen).toEqual({
      state: "present",
      roleId: expect.stringMatching(/^AROA/),
      body: wanted.body,
      ours: true,
      policies: { inline: ["more"], attached: [readOnly] },
    });
    if (seen.state === "absent") throw new Error("absent");
    expect(differences(wanted, seen)).toEqual(["attached policies"]);
    expect(await role.update(ctx, wanted, seen)).toEqual({ effect: "updated", detail: "attached policies" });
    const after = await role.observe(ctx, wanted);
    // Inline policies are resources of their own: which of them are ours says the desired state, not the role.
    expect(after).toMatchObject({ policies: { inline: ["more"], attached: [] } });
    expect(await role.update(ctx, wanted, seen)).toMatchObject({ effect: "updated" });
  });
});
