import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grantView } from "#lib/db/queries/grant.ts";
import { homeView } from "#lib/db/queries/home.ts";
import { requestView } from "#lib/db/queries/request.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { grantSchema } from "#lib/model/grant.ts";
import { retryRun } from "./retry-run.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { rollBackGrant } from "./roll-back-grant.ts";
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
  type Role,
  rowCounts,
  startOfTest,
} from "./testing.ts";
import { type ChangeSetup, changeSetup } from "./testing-change.ts";

let database: TestDatabase;
let org: Organisation;
let setup: ChangeSetup;

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
  setup = changeSetup(org);
});

afterAll(() => database.drop());

describe("a change that failed", () => {
  const may: Record<Role, string | null> = {
    developer: "not-found",
    payments: null,
    platformOwner: null,
    platformOwner2: null,
    dataOwner: null,
    dataOwner2: null,
    bothOwner: null,
    sharedOwner: "not-found",
    admin: null,
    auditor: "forbidden",
    stranger: "not-found",
  };

  it.each(everyRole)("is rolled back by %s as the rules say", async (role) => {
    const { grant, request: base, change, runId } = await setup.failedChange({ level: "read-write" });
    const before = await rowCounts(database.prisma);
    const outcome = await rollBackGrant(org.deps, org.people[role], { grantId: grant.id });
    const expected = may[role];
    if (expected !== null) {
      expect(codesIn(outcome)).toEqual([expected]);
      expect(await rowCounts(database.prisma)).toEqual(before);
      expect((await setup.rowOf(grant.id)).changeRunId).toBe(runId);
      return;
    }
    const run = await setup.runOf(mustAccept(outcome).runId);
    expect(run).toMatchObject({ kind: "provision", state: "queued", requestId: base.id });
    expect(run.authorisation).toEqual({
      basis: "approval",
      requestId: base.id,
      version: 1,
      digest: base.digest,
      from: [change.id],
    });
    expect(await setup.rowOf(grant.id)).toMatchObject({
      state: "active",
      requestId: base.id,
      changeRunId: run.id,
      spec: grant,
      level: "read",
    });
  });

  it("is retried by its own run, which is no longer possible once it is rolled back", async () => {
    const { grant, runId } = await setup.failedChange();
    mustAccept(await retryRun(org.deps, org.people.payments, { runId }));
    expect(codesIn(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }))).toEqual([
      "conflict",
    ]);
    await database.prisma.run.update({ where: { id: runId }, data: { state: "failed" } });
    mustAccept(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect(codesIn(await retryRun(org.deps, org.people.payments, { runId }))).toEqual(["conflict"]);
  });

  it("is rolled back once, however often it is asked for", async () => {
    const { grant } = await setup.failedChange();
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => rollBackGrant(org.deps, org.people.payments, { grantId: grant.id })),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(new Set(outcomes.flatMap(codesIn))).toEqual(new Set(["conflict"]));
  });

  it("is rolled back past a change that failed before it, to what AWS had whole", async () => {
    const { grant, request: base, change } = await setup.failedChange({ level: "read-write" });
    const next = await setup.asked({ ...grant, level: "read-write" }, { level: "write" });
    const { runId } = mustAccept(await setup.approve(next));
    await database.prisma.run.update({ where: { id: runId ?? "" }, data: { state: "failed" } });
    const undo = mustAccept(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect((await setup.runOf(undo.runId)).authorisation).toMatchObject({
      requestId: base.id,
      from: [next.id, change.id],
    });
    expect(await setup.rowOf(grant.id)).toMatchObject({ requestId: base.id, spec: grant });
  });

  it("is rolled back for one grant of several that were approved together", async () => {
    const both = await approved(org, {
      grants: [grantProposal({ subResource: "a" }), grantProposal({ subResource: "b" })],
    });
    await activate(database.prisma, both);
    const [one, two] = both.grants.map(({ spec }) => grantSchema.parse(spec));
    if (!one || !two) throw new Error("no grants");
    const request = await setup.asked(one, { level: "read-write" }, "developer");
    const { runId } = mustAccept(await setup.approve(request));
    await database.prisma.run.update({ where: { id: runId ?? "" }, data: { state: "failed" } });
    mustAccept(await revokeGrant(org.deps, org.people.developer, { grantId: two.id, reason: "Gone." }));
    mustAccept(await rollBackGrant(org.deps, org.people.developer, { grantId: one.id }));
    expect((await setup.rowOf(one.id)).requestId).toBe(both.request.id);
  });

  it("is rolled back whatever became of the bucket of another access of that approval, which is revoked", async () => {
    const { grant, request: base } = await setup.besideGone("role-chaining");
    const { runId } = mustAccept(await setup.approve(await setup.asked(grant)));
    await database.prisma.run.update({ where: { id: runId ?? "" }, data: { state: "failed" } });
    mustAccept(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect((await setup.rowOf(grant.id)).requestId).toBe(base.id);
  });

  it("is not rolled back with another key of its bucket than was approved", async () => {
    const { grant } = await setup.failedChange({ level: "read-write" });
    const item = { where: { arn: grant.target.arn } };
    const encryption = `arn:aws:kms:eu-west-1:${data}:key/k2`;
    await database.prisma.inventoryItem.update({ ...item, data: { encryption } });
    const outcome = await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id });
    await database.prisma.inventoryItem.update({ ...item, data: { encryption: null } });
    expect(codesIn(outcome)).toEqual(["roll-back.changed"]);
  });

  it("is not rolled back to an end date that has passed, and the refusal says what else to do", async () => {
    const { grant } = await setup.failedChange({ expiresAt: "2027-09-01T00:00:00Z" });
    org.setNow(new Date("2027-03-02T00:00:00Z"));
    const outcome = await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id });
    org.setNow(startOfTest);
    expect(outcome.ok ? [] : outcome.refusals).toMatchObject([
      { code: "roll-back.ended", nextStep: expect.stringContaining("Retry") },
    ]);
  });

  it("is not rolled back to what would be another plan today", async () => {
    const { grant } = await setup.failedChange();
    const boundary = `arn:aws:iam::${platform}:policy/drawbridge-boundary`;
    const account = { where: { id: platform } };
    await database.prisma.account.update({ ...account, data: { boundaryArn: `${boundary}-2` } });
    const outcome = await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id });
    await database.prisma.account.update({ ...account, data: { boundaryArn: boundary } });
    expect(codesIn(outcome)).toEqual(["roll-back.changed"]);
  });

  it("is not rolled back when the access of before is another grant's by now", async () => {
    const { grant } = await setup.failedChange({ level: "read-write" });
    const twin = await approved(
      org,
      { workload: grant.workload, grants: [grantProposal({ subResource: "in" })] },
      "payments",
    );
    await activate(database.prisma, twin);
    expect(codesIn(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }))).toEqual([
      "grant.duplicate",
    ]);
  });

  it("is no reason not to revoke", async () => {
    const { grant } = await setup.failedChange();
    mustAccept(await revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Enough." }));
    expect(await setup.rowOf(grant.id)).toMatchObject({ state: "revoking", wanted: false });
    expect(codesIn(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }))).toEqual([
      "conflict",
    ]);
  });

  it("stands on the pages: what differs, how far it is, and what one may do", async () => {
    const { grant, change, request: base, runId } = await setup.failedChange({ level: "read-write" });
    const { deps, people } = org;
    const asked = await requestView(deps, people.dataOwner, change.number);
    expect(asked?.change).toMatchObject({
      grantId: grant.id,
      kind: "change",
      before: { level: "read", subResource: "in" },
      after: { level: "read-write", subResource: "in" },
    });
    expect(asked?.granted.map(({ id }) => id)).toEqual([grant.id]);
    expect((await requestView(deps, people.dataOwner, base.number))?.change).toBeNull();

    const shown = await grantView(deps, people.payments, grant.id);
    expect(shown).toMatchObject({
      state: "active",
      requestNumber: change.number,
      change: { runId, state: "failed", change: "change", error: { cause: "c" } },
      openChange: null,
      may: { change: null, rollBack: null },
    });
    expect(shown?.runs.map((run) => run.change)).toEqual(["change", null]);
    // Home shows the newest.
    const newest = new Date(startOfTest.getTime() + 60_000);
    await database.prisma.grant.update({ where: { id: grant.id }, data: { createdAt: newest } });
    const { attention } = await homeView(deps, people.payments);
    expect(attention.find(({ id }) => id === grant.id)).toMatchObject({ changeState: "failed" });
    const auditor = await grantView(deps, people.auditor, grant.id);
    expect(auditor?.may).toMatchObject({ change: null, rollBack: { code: "forbidden" } });

    const open = await setup.asked({ ...grant, level: "read-write" });
    expect(await grantView(deps, people.payments, grant.id)).toMatchObject({
      openChange: { number: open.number, kind: "renew" },
      may: { change: { code: "change.open" } },
    });
  });
});
