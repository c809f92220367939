import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { runAuthorisationSchema } from "#lib/model/run.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { rollBackGrant } from "./roll-back-grant.ts";
import { submitRequest } from "./submit-request.ts";
import {
  codesIn,
  createOrganisation,
  everyRole,
  finishPreflight,
  mustAccept,
  type Organisation,
  startOfTest,
} from "./testing.ts";
import { type ChangeSetup, changeSetup, formOf, later } from "./testing-change.ts";

let database: TestDatabase;
let org: Organisation;
let setup: ChangeSetup;

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
  setup = changeSetup(org);
});

afterAll(() => database.drop());

describe("approving another form", () => {
  it("puts it in force on paper and queues the run that leads there; the access stays active", async () => {
    const { grant, request: base } = await setup.live();
    const request = await setup.asked(grant, { level: "read-write", expiresAt: later });
    const { runId } = mustAccept(await setup.approve(request));
    const run = await setup.runOf(runId ?? "");
    expect(run).toMatchObject({
      kind: "provision",
      state: "queued",
      requestId: request.id,
      grantIds: [grant.id],
    });
    expect(run.authorisation).toEqual({
      basis: "approval",
      requestId: request.id,
      version: 1,
      digest: request.digest,
      from: [base.id],
    });
    expect(await setup.rowOf(grant.id)).toMatchObject({
      state: "active",
      wanted: true,
      requestId: request.id,
      changeRunId: runId,
      level: "read-write",
      expiresAt: new Date(later),
      spec: { ...grant, level: "read-write", expiresAt: later },
    });
    const event = await database.prisma.auditEvent.findFirst({ where: { runId, type: "grant.changing" } });
    expect(event).toMatchObject({ grantId: grant.id, data: { change: "change" } });
  });

  it("needs the owners of both accounts, as the first approval did", async () => {
    const { grant, request: base } = await setup.live();
    const request = await setup.asked(grant);
    expect(mustAccept(await setup.approve(request, "platformOwner"))).toEqual({
      state: "in_review",
      runId: null,
    });
    expect((await setup.rowOf(grant.id)).requestId).toBe(base.id);
    expect(mustAccept(await setup.approve(request, "dataOwner")).state).toBe("approved");
    expect((await setup.rowOf(grant.id)).requestId).toBe(request.id);
  });

  it("also needs the namespace's owners when somebody else asks", async () => {
    const { grant } = await setup.live();
    const request = await setup.asked(grant, { expiresAt: later }, "admin");
    expect(mustAccept(await setup.approve(request)).state).toBe("in_review");
    expect(mustAccept(await setup.approve(request, "payments")).state).toBe("approved");
  });

  it.each(everyRole)("is refused to %s when they asked for it", async (role) => {
    const { grant } = await setup.live();
    const outcome = await submitRequest(org.deps, org.people[role], formOf(grant));
    if (!outcome.ok) return expect(codesIn(outcome)).toEqual(["not-found"]);
    await finishPreflight(database.prisma, outcome.value);
    expect(codesIn(await setup.approve(outcome.value, role))).toEqual(["forbidden"]);
    expect((await setup.rowOf(grant.id)).changeRunId).toBeNull();
  });

  it("is of no use after the access was revoked: the request has lapsed", async () => {
    const { grant } = await setup.live();
    const request = await setup.asked(grant);
    mustAccept(
      await revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Not needed." }),
    );
    const row = await database.prisma.request.findUniqueOrThrow({ where: { id: request.id } });
    expect(row.state).toBe("lapsed");
    expect(codesIn(await setup.approve(request))).toEqual(["conflict"]);
    const event = await database.prisma.auditEvent.findFirst({
      where: { requestId: request.id, type: "request.lapsed" },
    });
    expect(event?.data).toEqual({ number: request.number });
  });

  it("is refused when the end date came while it was reviewed, though nothing has been taken back yet", async () => {
    const { grant } = await setup.live({ expiresAt: "2026-12-01T00:00:00Z" });
    const request = await setup.asked(grant);
    org.setNow(new Date("2026-12-01T00:00:01Z"));
    try {
      expect(codesIn(await setup.approve(request))).toEqual(["change.not-active"]);
    } finally {
      org.setNow(startOfTest);
    }
    expect(await setup.rowOf(grant.id)).toMatchObject({ state: "active", changeRunId: null });
  });

  it("and revoking at the same moment end in a revoked access or in a revoked change, never in a live one", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { grant } = await setup.live();
      const request = await setup.asked(grant);
      const [approval, revocation] = await Promise.all([
        setup.approve(request),
        revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Now." }),
      ]);
      // Whichever came first: the revocation takes back what is there, or is asked for again.
      if (!revocation.ok) {
        expect(codesIn(revocation)).toEqual(["conflict"]);
        mustAccept(await revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Again." }));
      }
      expect(await setup.rowOf(grant.id)).toMatchObject({ state: "revoking", wanted: false });
      const { state } = await database.prisma.request.findUniqueOrThrow({ where: { id: request.id } });
      expect(state).toBe(approval.ok ? "approved" : "lapsed");
    }
  });

  it("by several at once makes one run", async () => {
    const { grant } = await setup.live();
    const request = await setup.asked(grant);
    await Promise.all([
      setup.approve(request, "platformOwner"),
      setup.approve(request, "platformOwner2"),
      setup.approve(request, "dataOwner"),
      setup.approve(request, "dataOwner2"),
    ]);
    const runs = await database.prisma.run.findMany({ where: { requestId: request.id } });
    expect(runs.map(({ id }) => id)).toEqual([(await setup.rowOf(grant.id)).changeRunId]);
  });

  it("is refused while another change is being carried out, and when the access has another form by now", async () => {
    const { grant, runId, change } = await setup.failedChange({ level: "read-write" });
    const form = formOf({ ...grant, level: "read-write" });
    const second = mustAccept(await submitRequest(org.deps, org.people.payments, form));
    await finishPreflight(database.prisma, second);
    await database.prisma.run.update({ where: { id: runId }, data: { state: "running" } });
    expect(codesIn(await setup.approve(second))).toEqual(["conflict"]);
    await database.prisma.run.update({ where: { id: runId }, data: { state: "failed" } });
    mustAccept(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect(codesIn(await setup.approve(second))).toEqual(["conflict"]);
    expect((await setup.rowOf(grant.id)).requestId).not.toBe(change.id);
  });

  it("of another change than the one that failed leads away from both forms", async () => {
    const { grant, request: base, change } = await setup.failedChange({ level: "read-write" });
    const next = await setup.asked({ ...grant, level: "read-write" }, { level: "write", expiresAt: later });
    const { runId } = mustAccept(await setup.approve(next));
    const run = runAuthorisationSchema.parse((await setup.runOf(runId ?? "")).authorisation);
    expect(run).toMatchObject({ from: [change.id, base.id] });
    expect(await setup.rowOf(grant.id)).toMatchObject({
      changeRunId: runId,
      level: "write",
      state: "active",
    });
  });
});
