import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { type Grant, grantSchema } from "#lib/model/grant.ts";
import { runAuthorisationSchema } from "#lib/model/run.ts";
import { previewRequest } from "./preview-request.ts";
import { retryRun } from "./retry-run.ts";
import { reviewRequest } from "./review-request.ts";
import { reviseRequest } from "./revise-request.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { rollBackGrant } from "./roll-back-grant.ts";
import { submitRequest } from "./submit-request.ts";
import {
  activate,
  approved,
  codesIn,
  createOrganisation,
  data,
  everyRole,
  finishPreflight,
  grantProposal,
  mustAccept,
  type Organisation,
  platform,
  prodEu,
  queue,
  type Role,
  review,
  rowCounts,
  startOfTest,
} from "./testing.ts";
import { withdrawRequest } from "./withdraw-request.ts";

let database: TestDatabase;
let org: Organisation;

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
});

afterAll(() => database.drop());

/** A live grant of a developer in a namespace that has owners. */
async function live(proposal: Record<string, unknown> = {}) {
  const serviceAccount = `sa-${randomUUID().slice(0, 8)}`;
  const all = await approved(
    org,
    {
      workload: { cluster: prodEu, namespace: "payments", serviceAccount },
      grants: [grantProposal({ subResource: "in", ...proposal })],
    },
    "payments",
  );
  await activate(database.prisma, all);
  const grant = grantSchema.parse(all.grant.spec);
  return { ...all, grant };
}

const later = "2027-06-01T00:00:00Z";

/** The form for another form of a grant. */
function formOf(grant: Grant, changes: Record<string, unknown> = { expiresAt: later }) {
  const { target, level, subResource, pattern, expiresAt } = grant;
  return {
    workload: grant.workload,
    grants: [{ target, level, subResource, pattern, expiresAt, ...changes }],
    reason: "The report goes on for another quarter.",
    grantId: grant.id,
    idempotencyKey: randomUUID(),
  };
}

async function asked(grant: Grant, changes?: Record<string, unknown>, by: Role = "payments") {
  const request = mustAccept(await submitRequest(org.deps, org.people[by], formOf(grant, changes)));
  await finishPreflight(database.prisma, request);
  return request;
}

function approve(request: Parameters<typeof review>[0], by: Role = "bothOwner") {
  return reviewRequest(org.deps, org.people[by], review(request));
}

const rowOf = (id: string) => database.prisma.grant.findUniqueOrThrow({ where: { id } });
const runOf = (id: string) => database.prisma.run.findUniqueOrThrow({ where: { id } });

/** A change whose run has failed, as the worker leaves it. */
async function failedChange(changes?: Record<string, unknown>) {
  const before = await live();
  const request = await asked(before.grant, changes);
  const { runId } = mustAccept(await approve(request));
  if (!runId) throw new Error("not approved");
  await database.prisma.run.update({
    where: { id: runId },
    data: { state: "failed", finishedAt: startOfTest, error: { cause: "c", nextStep: "n" } },
  });
  return { ...before, change: request, runId };
}

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
    const { grant, request } = await live();
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
    expect(await rowOf(grant.id)).toMatchObject({ requestId: request.id, changeRunId: null, spec: grant });
  });

  it.each([
    ["a later end date", { expiresAt: later }, "renew"],
    ["an earlier end date", { expiresAt: "2027-01-01T00:00:00Z" }, "change"],
    ["no end date", { expiresAt: null }, "renew"],
    ["another level", { level: "read-write" }, "change"],
    ["another prefix and a later end date", { subResource: "out", expiresAt: later }, "change"],
    ["no prefix", { subResource: null }, "change"],
  ])("with %s keeps the grant's id and identity", async (_, changes, kind) => {
    const { grant } = await live();
    const { id, digest } = await asked(grant, changes);
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
    const { grant } = await live();
    const before = await rowCounts(database.prisma);
    expect(codesIn(await submitRequest(org.deps, org.people.payments, formOf(grant, changes)))).toEqual([
      code,
    ]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("for another service account, or for several targets, is refused", async () => {
    const { grant } = await live();
    const form = formOf(grant);
    const other = { ...form, workload: { ...form.workload, serviceAccount: "somebody-else" } };
    expect(codesIn(await submitRequest(org.deps, org.people.payments, other))).toEqual([
      "change.other-workload",
    ]);
    const two = { ...form, grants: [...form.grants, ...form.grants] };
    expect(codesIn(await submitRequest(org.deps, org.people.payments, two))).toEqual(["change.several"]);
  });

  it("is refused when another grant of the service account already is that access", async () => {
    const { grant } = await live();
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
    const { grant } = await live();
    const people: Role[] = ["payments", "platformOwner", "dataOwner", "admin"];
    const outcomes = await Promise.all(
      people.map((role) => submitRequest(org.deps, org.people[role], formOf(grant))),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(new Set(outcomes.flatMap(codesIn))).toEqual(new Set(["change.open"]));
    expect(await database.prisma.request.count({ where: { grantId: grant.id } })).toBe(1);
  });

  it("sent ten times with one key makes one request", async () => {
    const { grant } = await live();
    const form = formOf(grant);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => submitRequest(org.deps, org.people.payments, form)),
    );
    expect(new Set(outcomes.map((outcome) => mustAccept(outcome).id)).size).toBe(1);
  });

  it("is possible again after the first was withdrawn", async () => {
    const { grant } = await live();
    const { number } = await asked(grant);
    mustAccept(await withdrawRequest(org.deps, org.people.payments, { number }));
    await asked(grant);
  });

  it.each(["pending", "provisioning", "revoking", "revoked", "failed"])(
    "is refused while the access is %s",
    async (state) => {
      const { grant } = await live();
      await database.prisma.grant.update({ where: { id: grant.id }, data: { state } });
      expect(codesIn(await submitRequest(org.deps, org.people.payments, formOf(grant)))).toEqual([
        "change.not-active",
      ]);
    },
  );

  it("may be revised into another kind of change, from the form that the access has then", async () => {
    const { grant, request: base } = await live();
    const { id, number } = await asked(grant);
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
    const { grant } = await live();
    const { grantId: _, ...form } = formOf(grant, {});
    const outcome = await submitRequest(org.deps, org.people.payments, form);
    expect(outcome.ok ? [] : outcome.refusals).toMatchObject([
      { code: "grant.duplicate", link: { href: `/requests/new?change=${grant.id}` } },
    ]);
  });
});

describe("the preview of another form", () => {
  it("has the approvals, the plan from the form that is there, and no refusal", async () => {
    const { grant } = await live();
    const preview = mustAccept(
      await previewRequest(org.deps, org.people.payments, formOf(grant, { level: "read-write" })),
    );
    expect(preview.refusals).toEqual([]);
    expect(preview.targets[0]?.grant).toEqual({ ...grant, level: "read-write" });
    expect(preview.approvals.map(({ group }) => group).sort()).toEqual(["data-owners", "platform-owners"]);
    expect(preview.plan?.accounts.map(({ accountId }) => accountId)).toContain(data);
  });

  it("says nothing of an access that one may not see, and why one can't be changed", async () => {
    const { grant } = await live();
    expect(codesIn(await previewRequest(org.deps, org.people.stranger, formOf(grant)))).toEqual([
      "not-found",
    ]);
    await asked(grant);
    const preview = mustAccept(await previewRequest(org.deps, org.people.dataOwner, formOf(grant)));
    expect(preview.refusals.map(({ code }) => code)).toEqual(["change.open"]);
  });
});

describe("approving another form", () => {
  it("puts it in force on paper and queues the run that leads there; the access stays active", async () => {
    const { grant, request: base } = await live();
    const request = await asked(grant, { level: "read-write", expiresAt: later });
    const { runId } = mustAccept(await approve(request));
    const run = await runOf(runId ?? "");
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
    expect(await rowOf(grant.id)).toMatchObject({
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
    const { grant, request: base } = await live();
    const request = await asked(grant);
    expect(mustAccept(await approve(request, "platformOwner"))).toEqual({ state: "in_review", runId: null });
    expect((await rowOf(grant.id)).requestId).toBe(base.id);
    expect(mustAccept(await approve(request, "dataOwner")).state).toBe("approved");
    expect((await rowOf(grant.id)).requestId).toBe(request.id);
  });

  it("also needs the namespace's owners when somebody else asks", async () => {
    const { grant } = await live();
    const request = await asked(grant, { expiresAt: later }, "admin");
    expect(mustAccept(await approve(request)).state).toBe("in_review");
    expect(mustAccept(await approve(request, "payments")).state).toBe("approved");
  });

  it.each(everyRole)("is refused to %s when they asked for it", async (role) => {
    const { grant } = await live();
    const outcome = await submitRequest(org.deps, org.people[role], formOf(grant));
    if (!outcome.ok) return expect(codesIn(outcome)).toEqual(["not-found"]);
    await finishPreflight(database.prisma, outcome.value);
    expect(codesIn(await approve(outcome.value, role))).toEqual(["forbidden"]);
    expect((await rowOf(grant.id)).changeRunId).toBeNull();
  });

  it("is of no use after the access was revoked: the request has lapsed", async () => {
    const { grant } = await live();
    const request = await asked(grant);
    mustAccept(
      await revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Not needed." }),
    );
    const row = await database.prisma.request.findUniqueOrThrow({ where: { id: request.id } });
    expect(row.state).toBe("lapsed");
    expect(codesIn(await approve(request))).toEqual(["conflict"]);
    const event = await database.prisma.auditEvent.findFirst({
      where: { requestId: request.id, type: "request.lapsed" },
    });
    expect(event?.data).toEqual({ number: request.number });
  });

  it("is refused when the end date came while it was reviewed, though nothing has been taken back yet", async () => {
    const { grant } = await live({ expiresAt: "2026-12-01T00:00:00Z" });
    const request = await asked(grant);
    org.setNow(new Date("2026-12-01T00:00:01Z"));
    try {
      expect(codesIn(await approve(request))).toEqual(["change.not-active"]);
    } finally {
      org.setNow(startOfTest);
    }
    expect(await rowOf(grant.id)).toMatchObject({ state: "active", changeRunId: null });
  });

  it("and revoking at the same moment end in a revoked access or in a revoked change, never in a live one", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { grant } = await live();
      const request = await asked(grant);
      const [approval, revocation] = await Promise.all([
        approve(request),
        revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Now." }),
      ]);
      // Whichever came first: the revocation takes back what is there, or is asked for again.
      if (!revocation.ok) {
        expect(codesIn(revocation)).toEqual(["conflict"]);
        mustAccept(await revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Again." }));
      }
      expect(await rowOf(grant.id)).toMatchObject({ state: "revoking", wanted: false });
      const { state } = await database.prisma.request.findUniqueOrThrow({ where: { id: request.id } });
      expect(state).toBe(approval.ok ? "approved" : "lapsed");
    }
  });

  it("by several at once makes one run", async () => {
    const { grant } = await live();
    const request = await asked(grant);
    await Promise.all([
      approve(request, "platformOwner"),
      approve(request, "platformOwner2"),
      approve(request, "dataOwner"),
      approve(request, "dataOwner2"),
    ]);
    const runs = await database.prisma.run.findMany({ where: { requestId: request.id } });
    expect(runs.map(({ id }) => id)).toEqual([(await rowOf(grant.id)).changeRunId]);
  });

  it("is refused while another change is being carried out, and when the access has another form by now", async () => {
    const { grant, runId, change } = await failedChange({ level: "read-write" });
    const form = formOf({ ...grant, level: "read-write" });
    const second = mustAccept(await submitRequest(org.deps, org.people.payments, form));
    await finishPreflight(database.prisma, second);
    await database.prisma.run.update({ where: { id: runId }, data: { state: "running" } });
    expect(codesIn(await approve(second))).toEqual(["conflict"]);
    await database.prisma.run.update({ where: { id: runId }, data: { state: "failed" } });
    mustAccept(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect(codesIn(await approve(second))).toEqual(["conflict"]);
    expect((await rowOf(grant.id)).requestId).not.toBe(change.id);
  });

  it("of another change than the one that failed leads away from both forms", async () => {
    const { grant, request: base, change } = await failedChange({ level: "read-write" });
    const next = await asked({ ...grant, level: "read-write" }, { level: "write", expiresAt: later });
    const { runId } = mustAccept(await approve(next));
    const run = runAuthorisationSchema.parse((await runOf(runId ?? "")).authorisation);
    expect(run).toMatchObject({ from: [change.id, base.id] });
    expect(await rowOf(grant.id)).toMatchObject({ changeRunId: runId, level: "write", state: "active" });
  });
});

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
    const { grant, request: base, change, runId } = await failedChange({ level: "read-write" });
    const before = await rowCounts(database.prisma);
    const outcome = await rollBackGrant(org.deps, org.people[role], { grantId: grant.id });
    const expected = may[role];
    if (expected !== null) {
      expect(codesIn(outcome)).toEqual([expected]);
      expect(await rowCounts(database.prisma)).toEqual(before);
      expect((await rowOf(grant.id)).changeRunId).toBe(runId);
      return;
    }
    const run = await runOf(mustAccept(outcome).runId);
    expect(run).toMatchObject({ kind: "provision", state: "queued", requestId: base.id });
    expect(run.authorisation).toEqual({
      basis: "approval",
      requestId: base.id,
      version: 1,
      digest: base.digest,
      from: [change.id],
    });
    expect(await rowOf(grant.id)).toMatchObject({
      state: "active",
      requestId: base.id,
      changeRunId: run.id,
      spec: grant,
      level: "read",
    });
  });

  it("is retried by its own run, which is no longer possible once it is rolled back", async () => {
    const { grant, runId } = await failedChange();
    mustAccept(await retryRun(org.deps, org.people.payments, { runId }));
    expect(codesIn(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }))).toEqual([
      "conflict",
    ]);
    await database.prisma.run.update({ where: { id: runId }, data: { state: "failed" } });
    mustAccept(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect(codesIn(await retryRun(org.deps, org.people.payments, { runId }))).toEqual(["conflict"]);
  });

  it("is rolled back once, however often it is asked for", async () => {
    const { grant } = await failedChange();
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => rollBackGrant(org.deps, org.people.payments, { grantId: grant.id })),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(new Set(outcomes.flatMap(codesIn))).toEqual(new Set(["conflict"]));
  });

  it("is rolled back for one grant of several that were approved together", async () => {
    const both = await approved(org, {
      grants: [grantProposal({ subResource: "a" }), grantProposal({ subResource: "b" })],
    });
    await activate(database.prisma, both);
    const [one, two] = both.grants.map(({ spec }) => grantSchema.parse(spec));
    if (!one || !two) throw new Error("no grants");
    const request = await asked(one, { level: "read-write" }, "developer");
    const { runId } = mustAccept(await approve(request));
    await database.prisma.run.update({ where: { id: runId ?? "" }, data: { state: "failed" } });
    mustAccept(await revokeGrant(org.deps, org.people.developer, { grantId: two.id, reason: "Gone." }));
    mustAccept(await rollBackGrant(org.deps, org.people.developer, { grantId: one.id }));
    expect((await rowOf(one.id)).requestId).toBe(both.request.id);
  });

  it("is not rolled back to an end date that has passed, and the refusal says what else to do", async () => {
    const { grant } = await failedChange({ expiresAt: "2027-09-01T00:00:00Z" });
    org.setNow(new Date("2027-03-02T00:00:00Z"));
    const outcome = await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id });
    org.setNow(startOfTest);
    expect(outcome.ok ? [] : outcome.refusals).toMatchObject([
      { code: "roll-back.ended", nextStep: expect.stringContaining("Retry") },
    ]);
  });

  it("is not rolled back to what would be another plan today", async () => {
    const { grant } = await failedChange();
    const boundary = `arn:aws:iam::${platform}:policy/drawbridge-boundary`;
    const account = { where: { id: platform } };
    await database.prisma.account.update({ ...account, data: { boundaryArn: `${boundary}-2` } });
    const outcome = await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id });
    await database.prisma.account.update({ ...account, data: { boundaryArn: boundary } });
    expect(codesIn(outcome)).toEqual(["roll-back.changed"]);
  });

  it("is not rolled back when the access of before is another grant's by now", async () => {
    const { grant } = await failedChange({ level: "read-write" });
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
    const { grant } = await failedChange();
    mustAccept(await revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Enough." }));
    expect(await rowOf(grant.id)).toMatchObject({ state: "revoking", wanted: false });
    expect(codesIn(await rollBackGrant(org.deps, org.people.payments, { grantId: grant.id }))).toEqual([
      "conflict",
    ]);
  });
});
