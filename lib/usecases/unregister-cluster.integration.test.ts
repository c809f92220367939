import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grantView } from "#lib/db/queries/grant.ts";
import { requestView } from "#lib/db/queries/request.ts";
import { runView } from "#lib/db/queries/runs.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { asRoles, type RoleDatabases } from "#lib/db/testing-roles.ts";
import { registerCluster } from "./register-cluster.ts";
import {
  activate,
  approved,
  codesIn,
  createOrganisation,
  legacyEu,
  mustAccept,
  type Organisation,
  platform,
  prodEu,
  refusalsIn,
  startOfTest,
  submitted,
} from "./testing.ts";
import { unregisterCluster } from "./unregister-cluster.ts";
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

const on = (cluster: typeof prodEu, serviceAccount: string) => ({
  workload: { cluster, namespace: "reporting", serviceAccount },
});
const unregister = (cluster: typeof prodEu) => unregisterCluster(org.deps, org.people.admin, cluster);
const left = {
  givenUpAt: startOfTest,
  giveUpReason: "The account was closed.",
  leftBehind: [],
};

describe("a cluster is unregistered", () => {
  it("not while something of its access is not over, or asked for", async () => {
    const granted = await approved(org, on(prodEu, "a"));
    await activate(database.prisma, granted);
    const { number } = await submitted(org, on(prodEu, "b"));
    const inUse = (reason: string) => [expect.objectContaining({ code: "cluster.in-use", reason })];
    expect(refusalsIn(await unregister(prodEu))).toEqual(inUse("prod-eu has 1 access and 1 open request."));
    mustAccept(await withdrawRequest(org.deps, org.people.developer, { number }));
    for (const state of ["active", "revoking", "failed"]) {
      const data = { state, wanted: false };
      await database.prisma.grant.update({ where: { id: granted.grant.id }, data });
      expect(refusalsIn(await unregister(prodEu))).toEqual(inUse("prod-eu has 1 access."));
    }
    await database.prisma.grant.update({ where: { id: granted.grant.id }, data: { state: "revoked" } });
    mustAccept(await unregister(prodEu));
    mustAccept(await registerCluster(org.deps, org.people.admin, prodEu));
  });

  it("with the owners of its namespaces, on record, and what was on it can still be read", async () => {
    const [revoked, givenUp] = [
      await approved(org, on(legacyEu, "revoked")),
      await approved(org, on(legacyEu, "given-up")),
    ];
    const withdrawn = await submitted(org, on(legacyEu, "withdrawn"));
    mustAccept(await withdrawRequest(org.deps, org.people.developer, { number: withdrawn.number }));
    const { prisma } = database;
    const over = { wanted: false };
    await prisma.grant.update({ where: { id: revoked.grant.id }, data: { ...over, state: "revoked" } });
    await prisma.grant.update({
      where: { id: givenUp.grant.id },
      data: { ...over, ...left, state: "given_up" },
    });
    const { accountId, region, name: clusterName } = legacyEu;
    const at = { accountId, region, clusterName };
    await prisma.namespaceOwner.create({ data: { ...at, namespace: "old", groupName: "another-team" } });
    mustAccept(await unregister(legacyEu));
    expect(await prisma.namespaceOwner.count({ where: at })).toBe(0);
    expect(await prisma.auditEvent.findMany({ where: { type: "cluster.unregistered" } })).toContainEqual(
      expect.objectContaining({
        actorId: org.people.admin.id,
        accountIds: [platform],
        data: { cluster: `${accountId}/${region}/${clusterName}` },
      }),
    );
    for (const role of ["developer", "admin", "platformOwner"] as const) {
      const actor = org.people[role];
      for (const { grant, run, request } of [revoked, givenUp]) {
        expect(await grantView(org.deps, actor, grant.id)).toMatchObject({ id: grant.id });
        expect(await runView(org.deps, actor, run.id)).toMatchObject({ id: run.id });
        expect(await requestView(org.deps, actor, request.number)).toMatchObject({ state: "approved" });
      }
      expect(await requestView(org.deps, actor, withdrawn.number)).toMatchObject({ state: "withdrawn" });
    }
    expect(codesIn(await unregister(legacyEu))).toEqual(["not-found"]);
  });
});
