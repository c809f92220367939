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
  codesIn,
  createOrganisation,
  everyRole,
  mustAccept,
  type Organisation,
  platform,
  prodEu,
  rowCounts,
} from "./testing.ts";
import { updateAccount } from "./update-account.ts";

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
