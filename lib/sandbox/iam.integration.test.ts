import * as iam from "@aws-sdk/client-iam";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "./server.ts";
import {
  accountA,
  accountB,
  adminOf,
  assumed,
  clients,
  control,
  estate,
  issuer,
  outcome,
  portal,
  trusting,
} from "./test-estate.ts";

let sandbox: RunningSandbox;
let client: iam.IAMClient;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await control(sandbox.url, "reset", {});
  await control(sandbox.url, "seed", estate);
  client = (await adminOf(sandbox.url, accountB)).iam;
});

const trust = JSON.stringify(trusting({ Service: "pods.eks.amazonaws.com" }));
const data = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*" },
});

function create(name: string, more: Partial<iam.CreateRoleCommandInput> = {}) {
  return client.send(new iam.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust, ...more }));
}

describe("roles", () => {
  it("makes, reads, changes, lists and deletes", async () => {
    const boundary = `arn:aws:iam::${accountB}:policy/drawbridge/boundary`;
    const made = await create("Reader", {
      Path: "/drawbridge/x/",
      Description: "reads",
      Tags: [{ Key: "team", Value: "pay @ ship" }],
      PermissionsBoundary: boundary,
      MaxSessionDuration: 7200,
    });
    expect(made.Role?.Arn).toBe(`arn:aws:iam::${accountB}:role/drawbridge/x/Reader`);
    expect(made.Role?.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(made.$metadata.requestId).toBeTruthy();

    const { Role } = await client.send(new iam.GetRoleCommand({ RoleName: "reader" }));
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(trust);
    expect(Role?.Tags).toEqual([{ Key: "team", Value: "pay @ ship" }]);
    expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(boundary);
    expect(Role?.MaxSessionDuration).toBe(7200);

    await client.send(new iam.UpdateRoleCommand({ RoleName: "Reader", MaxSessionDuration: 3600 }));
    await client.send(new iam.TagRoleCommand({ RoleName: "Reader", Tags: [{ Key: "a", Value: "" }] }));
    await client.send(new iam.UntagRoleCommand({ RoleName: "Reader", TagKeys: ["team"] }));
    const tags = await client.send(new iam.ListRoleTagsCommand({ RoleName: "Reader" }));
    expect(tags.Tags).toEqual([{ Key: "a", Value: "" }]);
    const profiles = await client.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName: "Reader" }));
    expect(profiles.InstanceProfiles).toEqual([]);
    await client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: "Reader" }));
    await client.send(
      new iam.PutRolePermissionsBoundaryCommand({ RoleName: "Reader", PermissionsBoundary: boundary }),
    );
    expect(await outcome(client.send(new iam.DeletePolicyCommand({ PolicyArn: boundary })))).toBe(
      "DeleteConflictException",
    );
    await client.send(new iam.DeleteRoleCommand({ RoleName: "Reader" }));
    expect(await outcome(client.send(new iam.GetRoleCommand({ RoleName: "Reader" })))).toBe(
      "NoSuchEntityException",
    );
  });

  it("goes back to sessions of an hour when an update leaves them out", async () => {
    await create("Long", { MaxSessionDuration: 7200 });
    await client.send(new iam.UpdateRoleCommand({ RoleName: "Long", Description: "told" }));
    const { Role } = await client.send(new iam.GetRoleCommand({ RoleName: "Long" }));
    expect(Role).toMatchObject({ Description: "told", MaxSessionDuration: 3600 });
    await client.send(new iam.DeleteRoleCommand({ RoleName: "Long" }));
  });

  // IAM API Reference, CreateRole: the pattern of a description ends at U+00FF.
  it("takes no description with characters that IAM does not", async () => {
    expect(await outcome(create("Told", { Description: "pay – ship" }))).toBe("ValidationError");
    await create("Told", { Description: "pay - ship, Zürich" });
    const update = new iam.UpdateRoleCommand({ RoleName: "Told", Description: "a → b" });
    expect(await outcome(client.send(update))).toBe("ValidationError");
    await client.send(new iam.DeleteRoleCommand({ RoleName: "Told" }));
  });

  it("takes no tag key twice, whatever its case, and no more than 50 tags", async () => {
    const tags = (...keys: string[]) => ({ Tags: keys.map((Key) => ({ Key, Value: "x" })) });
    expect(await outcome(create("Tagged", tags("team", "Team")))).toBe("InvalidInputException");
    const many = Array.from({ length: 51 }, (_, index) => `key-${index}`);
    expect(await outcome(create("Tagged", tags(...many)))).toBe("ValidationError");
    expect(await outcome(client.send(new iam.GetRoleCommand({ RoleName: "Tagged" })))).toBe(
      "NoSuchEntityException",
    );
  });

  it("pages through a path", async () => {
    for (const name of ["a", "b", "c"]) await create(name, { Path: "/drawbridge/" });
    const names: (string | undefined)[] = [];
    for await (const page of iam.paginateListRoles({ client }, { PathPrefix: "/drawbridge/", MaxItems: 2 })) {
      names.push(...(page.Roles ?? []).map((role) => role.RoleName));
    }
    expect(names).toEqual(["a", "b", "c"]);
  });

  it.each<[string, Partial<iam.CreateRoleCommandInput>, string]>([
    ["a taken name, whatever its case", { RoleName: "PROVISIONER" }, "EntityAlreadyExistsException"],
    ["a bad name", { RoleName: "a b" }, "ValidationError"],
    ["a long name", { RoleName: "x".repeat(65) }, "ValidationError"],
    ["a bad path", { Path: "drawbridge" }, "ValidationError"],
    ["a short session", { MaxSessionDuration: 60 }, "ValidationError"],
    ["no JSON", { AssumeRolePolicyDocument: "{" }, "MalformedPolicyDocumentException"],
    [
      "a trust policy with a resource",
      { AssumeRolePolicyDocument: data },
      "MalformedPolicyDocumentException",
    ],
    [
      "an unknown principal",
      { AssumeRolePolicyDocument: JSON.stringify(trusting({ AWS: `arn:aws:iam::${accountA}:role/nobody` })) },
      "MalformedPolicyDocumentException",
    ],
    [
      "an unknown account",
      { AssumeRolePolicyDocument: JSON.stringify(trusting({ AWS: "arn:aws:iam::000000000000:root" })) },
      "MalformedPolicyDocumentException",
    ],
    [
      "an unknown boundary",
      { PermissionsBoundary: "arn:aws:iam::444455556666:policy/no" },
      "NoSuchEntityException",
    ],
    [
      "a trust policy over the quota",
      { AssumeRolePolicyDocument: `{"Id":"${"x".repeat(2048)}"}` },
      "LimitExceededException",
    ],
  ])("refuses %s", async (_, input, name) => {
    expect(await outcome(create(input.RoleName ?? "fresh", input))).toBe(name);
  });

  it("holds the number of roles to the quota", async () => {
    await control(sandbox.url, "seed", {
      accounts: [{ id: "777788889999", quotas: { roles: 1 }, users: [] }],
    });
    await control(sandbox.url, "reset", {});
    const small = estate.accounts.map((one) =>
      one.id === accountB ? { ...one, quotas: { roles: 2 } } : one,
    );
    await control(sandbox.url, "seed", { accounts: small });
    client = (await adminOf(sandbox.url, accountB)).iam;
    await create("second");
    expect(await outcome(create("third"))).toBe("LimitExceededException");
    const { SummaryMap } = await client.send(new iam.GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ Roles: 2, RolesQuota: 2, AssumeRolePolicySizeQuota: 2048 });
  });
});

describe("policies of a role", () => {
  it("puts, gets, lists and deletes inline policies, which keep a role from deletion", async () => {
    await create("reader");
    const put = { RoleName: "reader", PolicyName: "data", PolicyDocument: data };
    await client.send(new iam.PutRolePolicyCommand(put));
    const got = await client.send(new iam.GetRolePolicyCommand({ RoleName: "reader", PolicyName: "data" }));
    expect(JSON.parse(decodeURIComponent(got.PolicyDocument ?? ""))).toEqual(JSON.parse(data));
    const listed = await client.send(new iam.ListRolePoliciesCommand({ RoleName: "reader" }));
    expect(listed.PolicyNames).toEqual(["data"]);
    expect(await outcome(client.send(new iam.DeleteRoleCommand({ RoleName: "reader" })))).toBe(
      "DeleteConflictException",
    );
    await client.send(new iam.DeleteRolePolicyCommand({ RoleName: "reader", PolicyName: "data" }));
    expect(
      await outcome(client.send(new iam.GetRolePolicyCommand({ RoleName: "reader", PolicyName: "data" }))),
    ).toBe("NoSuchEntityException");
  });

  it("sums inline policies up to 10,240 characters", async () => {
    await create("reader");
    const big = (sid: string) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Sid: sid, Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${"r".repeat(6000)}` },
        ],
      });
    const put = (PolicyName: string) =>
      client.send(
        new iam.PutRolePolicyCommand({ RoleName: "reader", PolicyName, PolicyDocument: big(PolicyName) }),
      );
    await put("one");
    await put("one");
    expect(await outcome(put("two"))).toBe("LimitExceededException");
  });

  it("attaches and detaches managed policies", async () => {
    await create("reader");
    const made = await client.send(
      new iam.CreatePolicyCommand({ PolicyName: "shared", PolicyDocument: data }),
    );
    const PolicyArn = made.Policy?.Arn ?? "";
    await client.send(new iam.AttachRolePolicyCommand({ RoleName: "reader", PolicyArn }));
    const attached = await client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName: "reader" }));
    expect(attached.AttachedPolicies).toEqual([{ PolicyName: "shared", PolicyArn }]);
    const { Policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn }));
    expect(Policy?.AttachmentCount).toBe(1);
    const version = await client.send(
      new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }),
    );
    expect(JSON.parse(decodeURIComponent(version.PolicyVersion?.Document ?? ""))).toEqual(JSON.parse(data));
    expect(await outcome(client.send(new iam.DeletePolicyCommand({ PolicyArn })))).toBe(
      "DeleteConflictException",
    );
    await client.send(new iam.DetachRolePolicyCommand({ RoleName: "reader", PolicyArn }));
    await client.send(new iam.DeletePolicyCommand({ PolicyArn }));
    const { Policies } = await client.send(new iam.ListPoliciesCommand({ Scope: "Local" }));
    expect(Policies?.map((one) => one.PolicyName)).toEqual(["boundary"]);
    expect(
      await outcome(client.send(new iam.AttachRolePolicyCommand({ RoleName: "reader", PolicyArn }))),
    ).toBe("NoSuchEntityException");
  });
});

describe("instance profiles", () => {
  const make = (InstanceProfileName: string, Path?: string) =>
    client.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName, ...(Path && { Path }) }));
  const add = (InstanceProfileName: string, RoleName: string) =>
    client.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
  const remove = (InstanceProfileName: string, RoleName: string, by = client) =>
    by.send(new iam.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));

  it("hold one role each, which can't be deleted meanwhile", async () => {
    await create("reader");
    await create("writer");
    await make("web", "/teams/");
    await make("batch");
    await add("WEB", "Reader");
    await add("batch", "reader");
    const listed = await client.send(
      new iam.ListInstanceProfilesForRoleCommand({ RoleName: "reader", MaxItems: 1 }),
    );
    expect(listed).toMatchObject({
      IsTruncated: true,
      InstanceProfiles: [{ Arn: `arn:aws:iam::${accountB}:instance-profile/teams/web`, Path: "/teams/" }],
    });
    expect(await outcome(add("web", "writer"))).toBe("LimitExceededException");
    expect(await outcome(make("Web"))).toBe("EntityAlreadyExistsException");
    expect(await outcome(remove("web", "writer"))).toBe("NoSuchEntityException");
    expect(await outcome(remove("none", "reader"))).toBe("NoSuchEntityException");
    await remove("web", "reader");
    const deletion = () => client.send(new iam.DeleteRoleCommand({ RoleName: "reader" }));
    expect(await outcome(deletion())).toBe("DeleteConflictException");
    await remove("batch", "reader");
    await deletion();
  });

  it("are changed by whom their own path is open to, whatever the role's", async () => {
    const document = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "iam:*InstanceProfile",
          Resource: `arn:aws:iam::${accountB}:instance-profile/drawbridge/*`,
        },
      ],
    };
    await control(sandbox.url, "seed", {
      accounts: [
        {
          id: accountB,
          roles: [
            {
              name: "delegate",
              trust: trusting({ AWS: `arn:aws:iam::${portal}:user/worker` }),
              policies: [{ name: "profiles", document }],
            },
          ],
        },
      ],
    });
    const role = `arn:aws:iam::${accountB}:role/delegate`;
    const { iam: delegated } = clients(sandbox.url, await assumed(sandbox.url, role));
    await create("reader", { Path: "/drawbridge/x/" });
    await make("ours", "/drawbridge/x/");
    await make("theirs");
    for (const name of ["ours", "theirs"]) await add(name, "reader");
    const passing = { InstanceProfileName: "ours", RoleName: "reader" };
    expect(await outcome(delegated.send(new iam.AddRoleToInstanceProfileCommand(passing)))).toBe(
      "AccessDenied",
    );
    expect(await outcome(remove("theirs", "reader", delegated))).toBe("AccessDenied");
    await remove("ours", "reader", delegated);
  });
});

describe("the condition key iam:PermissionsBoundary", () => {
  const right = `arn:aws:iam::${accountB}:policy/right`;
  const PermissionsBoundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const under = (...Action: string[]) => ({
    Effect: "Allow",
    Action,
    Resource: "*",
    Condition: { StringEquals: { "iam:PermissionsBoundary": right } },
  });

  /** Somebody who may do this under one boundary, and nothing else. */
  async function delegate(...actions: string[]): Promise<iam.IAMClient> {
    const everything = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    };
    const document = { Version: "2012-10-17", Statement: [under(...actions)] };
    const trustOfWorker = trusting({ AWS: `arn:aws:iam::${portal}:user/worker` });
    await control(sandbox.url, "seed", {
      accounts: [
        {
          id: accountB,
          policies: [{ name: "right", document: everything }],
          roles: [{ name: "delegate", trust: trustOfWorker, policies: [{ name: "under", document }] }],
        },
      ],
    });
    return clients(sandbox.url, await assumed(sandbox.url, `arn:aws:iam::${accountB}:role/delegate`)).iam;
  }

  // Service Authorization Reference, "Actions, resources, and condition keys for AWS IAM"; IAM User Guide, "Delegating
  // responsibility to others using permissions boundaries": a delegate may put that boundary on users that exist, and
  // manage the policies of those who have it.
  it("is of the request where a boundary is put, and of the role where a policy is taken off", async () => {
    const delegated = await delegate("iam:PutRolePermissionsBoundary", "iam:DeleteRolePolicy");
    const put = (boundary: string) =>
      delegated.send(
        new iam.PutRolePermissionsBoundaryCommand({ RoleName: "Held", PermissionsBoundary: boundary }),
      );
    const drop = () =>
      delegated.send(new iam.DeleteRolePolicyCommand({ RoleName: "Held", PolicyName: "data" }));
    await create("Held");
    await client.send(
      new iam.PutRolePolicyCommand({ RoleName: "Held", PolicyName: "data", PolicyDocument: data }),
    );
    expect(await outcome(drop())).toBe("AccessDenied");
    await client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName: "Held", PermissionsBoundary }));
    expect(await outcome(drop())).toBe("AccessDenied");
    expect(await outcome(put(PermissionsBoundary))).toBe("AccessDenied");
    // It replaces the other one (IAM API reference, PutRolePermissionsBoundary: "adds or updates").
    expect(await outcome(put(right))).toBe("ok");
    expect(await outcome(drop())).toBe("ok");
  });
});

describe("OIDC providers", () => {
  const OpenIDConnectProviderArn = `arn:aws:iam::${accountB}:oidc-provider/${issuer}`;
  const make = () =>
    client.send(
      new iam.CreateOpenIDConnectProviderCommand({
        Url: `https://${issuer}`,
        ClientIDList: ["sts.amazonaws.com"],
        Tags: [{ Key: "owner", Value: "us" }],
      }),
    );

  it("makes, reads, changes, lists and deletes", async () => {
    expect((await make()).OpenIDConnectProviderArn).toBe(OpenIDConnectProviderArn);
    expect(await outcome(make())).toBe("EntityAlreadyExistsException");
    const client2 = { OpenIDConnectProviderArn, ClientID: "other" };
    await client.send(new iam.AddClientIDToOpenIDConnectProviderCommand(client2));
    await client.send(
      new iam.TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags: [{ Key: "a", Value: "b" }] }),
    );
    const got = await client.send(new iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(got).toMatchObject({ Url: issuer, ClientIDList: ["sts.amazonaws.com", "other"] });
    expect(got.Tags).toHaveLength(2);
    await client.send(
      new iam.UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys: ["owner"] }),
    );
    const untagged = await client.send(new iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(untagged.Tags).toEqual([{ Key: "a", Value: "b" }]);
    await client.send(new iam.RemoveClientIDFromOpenIDConnectProviderCommand(client2));
    const listed = await client.send(new iam.ListOpenIDConnectProvidersCommand({}));
    expect(listed.OpenIDConnectProviderList).toEqual([{ Arn: OpenIDConnectProviderArn }]);
    await client.send(new iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(
      await outcome(client.send(new iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }))),
    ).toBe("NoSuchEntityException");
  });

  it("takes https only", async () => {
    const http = new iam.CreateOpenIDConnectProviderCommand({ Url: "http://example.com" });
    expect(await outcome(client.send(http))).toBe("ValidationError");
  });
});

describe("deleted principals", () => {
  it("show as unique ids, and trust nobody of the same name", async () => {
    await create("source");
    const arn = `arn:aws:iam::${accountB}:role/source`;
    const document = JSON.stringify(trusting({ AWS: arn }));
    await create("target", { AssumeRolePolicyDocument: document });
    const read = async () => {
      const { Role } = await client.send(new iam.GetRoleCommand({ RoleName: "target" }));
      return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
    };
    expect(await read()).toBe(document);
    await client.send(new iam.DeleteRoleCommand({ RoleName: "source" }));
    const dangling = await read();
    expect(dangling).toMatch(/"AWS":"AROA[A-Z2-7]{17}"/);
    await create("source");
    expect(await read()).toBe(dangling);
    expect(
      await outcome(
        client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName: "target", PolicyDocument: dangling })),
      ),
    ).toBe("MalformedPolicyDocumentException");
  });
});
