import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { clusterEstate } from "#lib/db/estate.ts";
import { json } from "#lib/db/json.ts";
import { grantView } from "#lib/db/queries/grant.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { grantSchema } from "#lib/model/grant.ts";
import { previewRequest } from "./preview-request.ts";
import { reviseRequest } from "./revise-request.ts";
import { submitRequest } from "./submit-request.ts";
import {
  activate,
  approved,
  codesIn,
  createOrganisation,
  data,
  everyRole,
  grantProposal,
  legacyEu,
  mustAccept,
  type Organisation,
  queue,
  type Role,
  rowCounts,
} from "./testing.ts";
import { type ChangeSetup, changeSetup, formOf, later } from "./testing-change.ts";
import { withdrawRequest } from "./withdraw-request.ts";

let database: TestDatabase;
let org: Organisation;
let setup: ChangeSetup;

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
  setup = changeSetup(org);
});

afterAll(() => database.drop());

describe("asking for another form of an access", () => {
  const seen: Record<Role, string | null> = {
    developer: "not-found",
    payments: null,
    platformOwner: null,
    platformOwner2: null,
    dataOwner: null,
    dataOwner2: null,
    bothOwner: null,
    sharedOwner: "not-found",
    admin: null,
    auditor: null,
    stranger: "not-found",
  };

  it.each(everyRole)("is open to %s if they see it", async (role) => {
    const { grant, request } = await setup.live();
    const before = await rowCounts(database.prisma);
    const outcome = await submitRequest(org.deps, org.people[role], formOf(grant));
    const expected = seen[role];
    if (expected !== null) {
      expect(codesIn(outcome)).toEqual([expected]);
      expect(await rowCounts(database.prisma)).toEqual(before);
      return;
    }
    const { id } = mustAccept(outcome);
    const row = await database.prisma.request.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      kind: "renew",
      grantId: grant.id,
      baseRequestId: request.id,
      requesterId: org.people[role].id,
    });
    // Nothing of the grant changes before the approval.
    expect(await setup.rowOf(grant.id)).toMatchObject({
      requestId: request.id,
      changeRunId: null,
      spec: grant,
    });
  });

  it.each([
    ["a later end date", { expiresAt: later }, "renew"],
    ["an earlier end date", { expiresAt: "2027-01-01T00:00:00Z" }, "change"],
    ["no end date", { expiresAt: null }, "renew"],
    ["another level", { level: "read-write" }, "change"],
    ["another prefix and a later end date", { subResource: "out", expiresAt: later }, "change"],
    ["no prefix", { subResource: null }, "change"],
  ])("with %s keeps the grant's id and identity", async (_, changes, kind) => {
    const { grant } = await setup.live();
    const { id, digest } = await setup.asked(grant, changes);
    const row = await database.prisma.request.findUniqueOrThrow({
      where: { id },
      include: { versions: true },
    });
    expect(row.kind).toBe(kind);
    expect(row.versions[0]?.grants).toEqual([{ ...grant, ...changes }]);
    expect(digest).not.toBe((await database.prisma.requestVersion.findFirstOrThrow()).digest);
  });

  it.each([
    ["another target", { target: queue, subResource: null }, "change.other-target"],
    ["another pattern", { pattern: "auto" }, "change.other-pattern"],
    ["nothing different", {}, "change.nothing"],
    ["an end date in the past", { expiresAt: "2026-01-01T00:00:00Z" }, "expiry.past"],
    ["an end date beyond the longest", { expiresAt: "2029-01-01T00:00:00Z" }, "expiry.too-far"],
  ])("with %s is refused and writes nothing", async (_, changes, code) => {
    const { grant } = await setup.live();
    const before = await rowCounts(database.prisma);
    expect(codesIn(await submitRequest(org.deps, org.people.payments, formOf(grant, changes)))).toEqual([
      code,
    ]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("for another service account, or for several targets, is refused", async () => {
    const { grant } = await setup.live();
    const form = formOf(grant);
    const other = { ...form, workload: { ...form.workload, serviceAccount: "somebody-else" } };
    expect(codesIn(await submitRequest(org.deps, org.people.payments, other))).toEqual([
      "change.other-workload",
    ]);
    const two = { ...form, grants: [...form.grants, ...form.grants] };
    expect(codesIn(await submitRequest(org.deps, org.people.payments, two))).toEqual(["change.several"]);
  });

  it("is refused when another grant of the service account already is that access", async () => {
    const { grant } = await setup.live();
    const second = await approved(
      org,
      { workload: grant.workload, grants: [grantProposal({ subResource: "in", level: "write" })] },
      "payments",
    );
    await activate(database.prisma, second);
    const outcome = await submitRequest(org.deps, org.people.payments, formOf(grant, { level: "write" }));
    expect(codesIn(outcome)).toEqual(["grant.duplicate"]);
  });

  it("is possible once at a time, however many ask at the same moment", async () => {
    const { grant } = await setup.live();
    const people: Role[] = ["payments", "platformOwner", "dataOwner", "admin"];
    const outcomes = await Promise.all(
      people.map((role) => submitRequest(org.deps, org.people[role], formOf(grant))),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(new Set(outcomes.flatMap(codesIn))).toEqual(new Set(["change.open"]));
    expect(await database.prisma.request.count({ where: { grantId: grant.id } })).toBe(1);
  });

  it("sent ten times with one key makes one request", async () => {
    const { grant } = await setup.live();
    const form = formOf(grant);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => submitRequest(org.deps, org.people.payments, form)),
    );
    expect(new Set(outcomes.map((outcome) => mustAccept(outcome).id)).size).toBe(1);
  });

  it("is possible again after the first was withdrawn", async () => {
    const { grant } = await setup.live();
    const { number } = await setup.asked(grant);
    mustAccept(await withdrawRequest(org.deps, org.people.payments, { number }));
    await setup.asked(grant);
  });

  it.each(["pending", "provisioning", "revoking", "revoked", "failed"])(
    "is refused while the access is %s",
    async (state) => {
      const { grant } = await setup.live();
      await database.prisma.grant.update({ where: { id: grant.id }, data: { state } });
      expect(codesIn(await submitRequest(org.deps, org.people.payments, formOf(grant)))).toEqual([
        "change.not-active",
      ]);
    },
  );

  it("may be revised into another kind of change, from the form that the access has then", async () => {
    const { grant, request: base } = await setup.live();
    const { id, number } = await setup.asked(grant);
    const { idempotencyKey: _, grantId: __, ...form } = formOf(grant, { level: "read-write" });
    mustAccept(await reviseRequest(org.deps, org.people.payments, { ...form, number, version: 1 }));
    const row = await database.prisma.request.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      kind: "change",
      grantId: grant.id,
      baseRequestId: base.id,
      currentVersion: 2,
    });
    const other = { ...form, number, version: 2, grants: [grantProposal({ target: queue })] };
    expect(codesIn(await reviseRequest(org.deps, org.people.payments, other))).toContain(
      "change.other-target",
    );
  });

  it("is offered where the same access is asked for twice", async () => {
    const { grant } = await setup.live();
    const { grantId: _, ...form } = formOf(grant, {});
    const outcome = await submitRequest(org.deps, org.people.payments, form);
    expect(outcome.ok ? [] : outcome.refusals).toMatchObject([
      { code: "grant.duplicate", link: { href: `/requests/new?change=${grant.id}` } },
    ]);
  });
});

describe("the preview of another form", () => {
  it("has the approvals, the plan from the form that is there, and no refusal", async () => {
    const { grant } = await setup.live();
    const preview = mustAccept(
      await previewRequest(org.deps, org.people.payments, formOf(grant, { level: "read-write" })),
    );
    expect(preview.refusals).toEqual([]);
    expect(preview.targets[0]?.grant).toEqual({ ...grant, level: "read-write" });
    expect(preview.approvals.map(({ group }) => group).sort()).toEqual(["data-owners", "platform-owners"]);
    expect(preview.plan?.accounts.map(({ accountId }) => accountId)).toContain(data);
  });

  it("says nothing of an access that one may not see, and why one can't be changed", async () => {
    const { grant } = await setup.live();
    expect(codesIn(await previewRequest(org.deps, org.people.stranger, formOf(grant)))).toEqual([
      "not-found",
    ]);
    await setup.asked(grant);
    const preview = mustAccept(await previewRequest(org.deps, org.people.dataOwner, formOf(grant)));
    expect(preview.refusals.map(({ code }) => code)).toEqual(["change.open"]);
  });
});

describe("an access from a cluster that was made anew", () => {
  const { cluster, fresh } = {
    cluster: legacyEu,
    fresh: "oidc.eks.eu-west-1.amazonaws.com/id/0000000000000001",
  };
  const where = { accountId: cluster.accountId, region: cluster.region, name: cluster.name };
  let earlier: string;

  beforeAll(async () => {
    earlier = (await database.prisma.cluster.findFirstOrThrow({ where })).issuer ?? "";
  });

  afterEach(() => database.prisma.cluster.updateMany({ where, data: { issuer: earlier } }));

  /** With the provider of its issuer in the target's account, as the inventory has seen it. */
  async function live(serviceAccount: string) {
    const all = await approved(
      org,
      {
        workload: { cluster, namespace: "reports", serviceAccount },
        grants: [grantProposal({ pattern: "oidc-federation" })],
      },
      "platformOwner",
    );
    await activate(database.prisma, all);
    const grant = grantSchema.parse(all.grant.spec);
    const estate = await clusterEstate(database.prisma, org.deps.installation, cluster);
    for (const { key, kind, accountId, body } of desiredResources([grant], estate))
      if (kind === "oidc-provider")
        await database.prisma.observedResource.upsert({
          where: { key },
          create: { key, accountId, observed: json({ state: "present", ours: true, body }) },
          update: {},
        });
    return grant;
  }

  const recreate = () => database.prisma.cluster.updateMany({ where, data: { issuer: fresh } });

  it("takes the earlier cluster's provider with it, as preview and revocation say, once nobody needs it", async () => {
    const [grant, other] = [await live("one"), await live("two")];
    await recreate();
    const removed = async () => {
      const form = formOf(grant, { level: "read-write" });
      const { plan, refusals } = mustAccept(await previewRequest(org.deps, org.people.platformOwner, form));
      expect(refusals).toEqual([]);
      const view = await grantView(org.deps, org.people.platformOwner, grant.id);
      return {
        preview: plan?.accounts.flatMap(({ steps }) =>
          steps.flatMap(({ verb, title }) => (verb === "delete" ? [title] : [])),
        ),
        revoked: view?.ifRevoked?.goes.flatMap(({ what }) => what).filter((what) => /provider/.test(what)),
      };
    };
    expect(await removed()).toEqual({ preview: [], revoked: [] });
    await database.prisma.grant.update({
      where: { id: other.id },
      data: { wanted: false, state: "revoking" },
    });
    expect(await removed()).toEqual({
      preview: [expect.stringContaining(earlier)],
      revoked: ["the OIDC provider of the cluster as it was before it was made anew"],
    });
  });
});
