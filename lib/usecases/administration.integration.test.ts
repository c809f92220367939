import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { asRoles, type RoleDatabases } from "#lib/db/testing-roles.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { registerAccount } from "./register-account.ts";
import { registerCluster } from "./register-cluster.ts";
import { requestSync } from "./request-sync.ts";
import { setNamespaceOwner } from "./set-namespace-owner.ts";
import {
  activate,
  approved,
  codesIn,
  createOrganisation,
  data,
  everyRole,
  grantProposal,
  mustAccept,
  type Organisation,
  platform,
  prodEu,
  queue,
  refusalsIn,
  rowCounts,
  submitted,
} from "./testing.ts";
import { unregisterCluster } from "./unregister-cluster.ts";
import { updateAccount } from "./update-account.ts";
import { withdrawRequest } from "./withdraw-request.ts";

let database: TestDatabase;
let roles: RoleDatabases;
let org: Organisation;

beforeAll(async () => {
  database = await createTestDatabase();
  roles = await asRoles(database);
  org = await createOrganisation(database.prisma, roles.web.prisma);
});

afterAll(async () => {
  await roles.drop();
  await database.drop();
});

const account = (id: string, changes: object = {}) => ({
  id,
  name: "new",
  partition: "aws",
  environment: "staging",
  ownerGroup: "new-owners",
  regions: ["eu-west-1"],
  provisionerRoleArn: `arn:aws:iam::${id}:role/drawbridge-provisioner`,
  boundaryArn: `arn:aws:iam::${id}:policy/drawbridge-boundary`,
  ...changes,
});

const jobFor = async (accountId: string) => {
  const rows = await database.prisma.$queryRaw<{ id: bigint }[]>`
    SELECT id FROM graphile_worker.jobs WHERE key = ${`sync-account:${accountId}`}`;
  return rows.length;
};

describe("an account", () => {
  it("is registered with a random ExternalId, its owners' group, and a first reading", async () => {
    const { externalId } = mustAccept(
      await registerAccount(org.deps, org.people.admin, account("123456789012")),
    );
    expect(externalId.length).toBeGreaterThanOrEqual(32);
    const stored = await database.prisma.account.findUniqueOrThrow({ where: { id: "123456789012" } });
    expect(stored).toMatchObject({ externalId, ownerGroup: "new-owners" });
    expect(await jobFor("123456789012")).toBe(1);
  });

  it.each([
    [
      "a role of another account",
      { provisionerRoleArn: `arn:aws:iam::${platform}:role/x` },
      "account.foreign-arn",
    ],
    [
      "a boundary of another account",
      { boundaryArn: `arn:aws:iam::${platform}:policy/x` },
      "account.foreign-arn",
    ],
    ["a role of another partition", { partition: "aws-cn" }, "account.foreign-arn"],
    ["an ExternalId that can be guessed", { externalId: "1234" }, "input.too_small"],
    ["extra fields", { syncedAt: "2020-01-01" }, "input.unrecognized"],
    ["an id that is registered", { id: platform }, "account.foreign-arn"],
  ])("is refused with %s", async (_, changes, code) => {
    const before = await rowCounts(database.prisma);
    const outcome = await registerAccount(org.deps, org.people.admin, account("210987654321", changes));
    expect(codesIn(outcome)).toContain(code);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("is registered once, however often it is sent", async () => {
    const results = await Promise.all(
      Array.from({ length: 4 }, () => registerAccount(org.deps, org.people.admin, account("333333333333"))),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
  });

  it("is changed, but for what it is", async () => {
    const { partition: _, ...changes } = account(platform, {
      name: "renamed",
      ownerGroup: "platform-owners",
    });
    mustAccept(await updateAccount(org.deps, org.people.admin, changes));
    const stored = await database.prisma.account.findUniqueOrThrow({ where: { id: platform } });
    expect(stored).toMatchObject({ name: "renamed", externalId: `external-id-of-${platform}` });
    const widened = { ...changes, externalId: "known-to-the-attacker" };
    expect(codesIn(await updateAccount(org.deps, org.people.admin, widened))).toEqual(["input.unrecognized"]);
  });
});

describe("a Region of an account", () => {
  const setRegions = async (id: string, regions: string[]) => {
    const { name, ownerGroup } = await database.prisma.account.findUniqueOrThrow({ where: { id } });
    const { partition: _, ...changes } = account(id, { name, ownerGroup, regions });
    return updateAccount(org.deps, org.people.admin, changes);
  };
  const regionsOf = async (id: string) =>
    (await database.prisma.account.findUniqueOrThrow({ where: { id } })).regions;

  it("is not removed while a registered cluster is in it", async () => {
    mustAccept(await setRegions(platform, ["eu-west-1", "us-east-1"]));
    expect(refusalsIn(await setRegions(platform, ["us-east-1"]))).toEqual([
      {
        code: "account.region-in-use",
        field: "regions",
        reason: expect.stringMatching(/^eu-west-1 is in use: .*cluster legacy-eu.* cluster prod-eu/),
        nextStep: expect.stringContaining("registered"),
      },
    ]);
    expect(await regionsOf(platform)).toEqual(["eu-west-1", "us-east-1"]);
    mustAccept(await setRegions(platform, ["eu-west-1"]));
  });

  it("is not removed while an access leads to something in it, until that is revoked", async () => {
    const wanted = { grants: [grantProposal({ target: queue })] };
    const granted = await approved(org, wanted);
    await activate(database.prisma, granted);
    const moveGrant = (state: string) =>
      database.prisma.grant.update({ where: { id: granted.grant.id }, data: { state, wanted: false } });
    const inUse = {
      code: "account.region-in-use",
      field: "regions",
      reason: "eu-west-1 is in use: 1 access.",
      nextStep: "Revoke the accesses first, and wait until that is done.",
    };
    expect(refusalsIn(await setRegions(data, ["us-east-1"]))).toEqual([inUse]);
    await moveGrant("revoking");
    expect(refusalsIn(await setRegions(data, ["us-east-1"]))).toEqual([inUse]);
    await moveGrant("revoked");
    mustAccept(await setRegions(data, ["us-east-1"]));
    mustAccept(await setRegions(data, ["eu-west-1"]));
  });

  it("is not removed while an open request asks for something in it", async () => {
    const { number } = await submitted(org, { grants: [grantProposal({ target: queue })] });
    expect(refusalsIn(await setRegions(data, ["us-east-1"]))).toMatchObject([
      { field: "regions", reason: "eu-west-1 is in use: 1 open request." },
    ]);
    mustAccept(await withdrawRequest(org.deps, org.people.developer, { number }));
    mustAccept(await setRegions(data, ["us-east-1"]));
    mustAccept(await setRegions(data, ["eu-west-1"]));
  });

  it("is removed whatever leads to the account's buckets, which have no Region in their ARN", async () => {
    await activate(database.prisma, await approved(org));
    mustAccept(await setRegions(data, ["us-east-1"]));
    mustAccept(await setRegions(data, ["eu-west-1"]));
  });

  it("is either removed or gets a cluster, never both", async () => {
    const id = "123123123123";
    mustAccept(await registerAccount(org.deps, org.people.admin, account(id)));
    const cluster = { accountId: id, region: "eu-west-1", name: "late" };
    const waiting = async () => {
      const [row] = await database.prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      return row?.count;
    };
    // Both have begun before either can write.
    const both = await database.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "Account" WHERE "id" = ${id} FOR UPDATE`;
      const outcomes = [
        setRegions(id, ["us-east-1"]),
        registerCluster(org.deps, org.people.admin, cluster),
      ] as const;
      await expect.poll(waiting).toBe(2);
      return outcomes;
    });
    const [removed, registered] = [await both[0], await both[1]];
    expect([removed.ok, registered.ok].sort()).toEqual([false, true]);
    expect(await database.prisma.cluster.count({ where: { accountId: id } })).toBe(registered.ok ? 1 : 0);
    expect(await regionsOf(id)).toEqual([removed.ok ? "us-east-1" : "eu-west-1"]);
  });
});

describe("a cluster", () => {
  it("is registered without an issuer, which only EKS can tell", async () => {
    mustAccept(await registerCluster(org.deps, org.people.admin, { ...prodEu, name: "new-eu" }));
    const stored = await database.prisma.cluster.findFirstOrThrow({ where: { name: "new-eu" } });
    expect(stored).toMatchObject({ issuer: null, podIdentityAgent: false });
    expect(await jobFor(platform)).toBe(1);
  });

  it.each([
    ["an issuer of one's own", { issuer: "oidc.eks.evil.example/id/X" }, "input.unrecognized"],
    ["an account that is not registered", { accountId: "000000000000" }, "cluster.account-not-registered"],
    ["a Region that is not the account's", { region: "us-east-1" }, "cluster.other-region"],
    ["a name that is registered", {}, "cluster.registered"],
  ])("is refused with %s", async (_, changes, code) => {
    const before = await rowCounts(database.prisma);
    const outcome = await registerCluster(org.deps, org.people.admin, { ...prodEu, ...changes });
    expect(codesIn(outcome)).toEqual([code]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("gives a namespace an owner, another one, and none", async () => {
    const owner = () => database.prisma.namespaceOwner.findFirst({ where: { namespace: "billing" } });
    const set = (group: string | null) =>
      setNamespaceOwner(org.deps, org.people.admin, { cluster: prodEu, namespace: "billing", group });
    mustAccept(await set("billing-team"));
    mustAccept(await set("platform-owners"));
    expect(await owner()).toMatchObject({ groupName: "platform-owners" });
    mustAccept(await set(null));
    expect(await owner()).toBeNull();
  });
});

describe("administration", () => {
  type Mutation = (deps: Deps, actor: Actor, input: unknown) => Promise<Outcome<unknown>>;
  const mutations: [string, Mutation, object][] = [
    ["registering an account", registerAccount, account("555555555555")],
    ["changing an account", updateAccount, (({ partition: _, ...rest }) => rest)(account(platform))],
    ["registering a cluster", registerCluster, { ...prodEu, name: "mine" }],
    ["unregistering a cluster", unregisterCluster, prodEu],
    [
      "giving a namespace away",
      setNamespaceOwner,
      { cluster: prodEu, namespace: "payments", group: "stranger" },
    ],
  ];

  describe.each(mutations)("%s", (_, mutation, input) => {
    it.each(everyRole.filter((role) => role !== "admin"))("is refused to %s", async (role) => {
      const before = await rowCounts(database.prisma);
      const pretender: Actor = { ...org.people[role], roles: ["admin"], groups: ["drawbridge-admins"] };
      expect(codesIn(await mutation(org.deps, pretender, input))).toEqual(["forbidden"]);
      expect(await rowCounts(database.prisma)).toEqual(before);
    });
  });

  it.each([
    ["admin", []],
    ["platformOwner", []],
    ["dataOwner", ["forbidden"]],
    ["auditor", ["forbidden"]],
    ["stranger", ["forbidden"]],
  ] as const)("lets or does not let %s have the platform account read again", async (role, codes) => {
    expect(codesIn(await requestSync(org.deps, org.people[role], { accountId: platform }))).toEqual(codes);
  });
});
