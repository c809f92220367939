import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { asRoles, type RoleDatabases } from "#lib/db/testing-roles.ts";
import type { RunAuthorisation } from "#lib/model/run.ts";
import { reviewRequest } from "./review-request.ts";
import { reviseRequest } from "./revise-request.ts";
import { submitRequest } from "./submit-request.ts";
import {
  approved,
  codesIn,
  createOrganisation,
  data,
  finishPreflight,
  grantProposal,
  mustAccept,
  type Organisation,
  platform,
  prodEu,
  queue,
  refusalsIn,
  review,
  rowCounts,
  sharedBucket,
  startOfTest,
  submission,
  submitted,
} from "./testing.ts";

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

const stateOf = async (id: string) =>
  (await database.prisma.request.findUniqueOrThrow({ where: { id } })).state;

describe("approving", () => {
  it("needs one owner of each account, and then makes grants and queues a run", async () => {
    const request = await submitted(org, { grants: [grantProposal(), grantProposal({ target: queue })] });
    const first = mustAccept(await reviewRequest(org.deps, org.people.platformOwner, review(request)));
    expect(first).toEqual({ state: "in_review", runId: null });
    const second = mustAccept(await reviewRequest(org.deps, org.people.dataOwner, review(request)));
    expect(second.state).toBe("approved");

    const run = await database.prisma.run.findUniqueOrThrow({ where: { id: second.runId ?? "" } });
    expect(run).toMatchObject({ kind: "provision", state: "queued", requestId: request.id });
    expect(run.authorisation).toEqual({
      basis: "approval",
      requestId: request.id,
      version: 1,
      digest: request.digest,
    } satisfies RunAuthorisation);
    const grants = await database.prisma.grant.findMany({ where: { requestId: request.id } });
    expect(grants).toHaveLength(2);
    expect(new Set(grants.map((grant) => grant.id))).toEqual(new Set(run.grantIds));
    for (const grant of grants) expect(grant).toMatchObject({ state: "provisioning", wanted: true });
    const [job] = await database.prisma.$queryRaw<{ found: boolean }[]>`
      SELECT true AS found FROM graphile_worker.jobs WHERE key = ${`run:${run.id}`}`;
    expect(job?.found).toBe(true);
    const events = await database.prisma.auditEvent.findMany({
      where: { requestId: request.id },
      orderBy: { id: "asc" },
    });
    expect(events.map((event) => event.type)).toEqual([
      "request.submitted",
      "request.reviewed",
      "request.reviewed",
      "request.approved",
      "grant.provisioning",
      "grant.provisioning",
      "run.queued",
    ]);
    expect(new Set(events.slice(2).map((event) => event.correlationId)).size).toBe(1);
  });

  it("lets one person speak for both accounts that they own", async () => {
    const request = await submitted(org);
    expect(mustAccept(await reviewRequest(org.deps, org.people.bothOwner, review(request))).state).toBe(
      "approved",
    );
  });

  it("approves once when both owners press the button at the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      const request = await submitted(org);
      const results = await Promise.all([
        reviewRequest(org.deps, org.people.platformOwner, review(request)),
        reviewRequest(org.deps, org.people.dataOwner, review(request)),
      ]);
      expect(results.map((result) => mustAccept(result).state).sort()).toEqual(["approved", "in_review"]);
      expect(await database.prisma.run.count({ where: { requestId: request.id } })).toBe(1);
    }
  });

  it("counts one of two simultaneous approvals by the same person", async () => {
    const request = await submitted(org);
    const results = await Promise.all(
      Array.from({ length: 4 }, () => reviewRequest(org.deps, org.people.platformOwner, review(request))),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await database.prisma.review.count({ where: { requestId: request.id } })).toBe(1);
  });

  it("lets an edit or the approval win, never both", async () => {
    for (let round = 0; round < 5; round += 1) {
      const request = await submitted(org);
      const { idempotencyKey: _, ...form } = submission();
      const [approval, edit] = await Promise.all([
        reviewRequest(org.deps, org.people.bothOwner, review(request)),
        reviseRequest(org.deps, org.people.developer, {
          ...form,
          number: request.number,
          version: request.version,
        }),
      ]);
      expect([approval.ok, edit.ok].filter(Boolean)).toHaveLength(1);
      expect(codesIn(approval).concat(codesIn(edit))).toEqual(["conflict"]);
      const runs = await database.prisma.run.count({ where: { requestId: request.id } });
      expect(runs).toBe(approval.ok ? 1 : 0);
    }
  });

  it("voids approvals of an older version", async () => {
    const request = await submitted(org);
    mustAccept(await reviewRequest(org.deps, org.people.platformOwner, review(request)));
    const { idempotencyKey: _, ...form } = submission();
    const revised = mustAccept(
      await reviseRequest(org.deps, org.people.developer, { ...form, number: request.number, version: 1 }),
    );
    await finishPreflight(database.prisma, { id: request.id, version: 2 });
    const next = { ...request, ...revised };
    const half = mustAccept(await reviewRequest(org.deps, org.people.dataOwner, review(next)));
    expect(half.state).toBe("in_review");
    const whole = mustAccept(await reviewRequest(org.deps, org.people.platformOwner, review(next)));
    expect(whole.state).toBe("approved");
  });

  it("lets an admin decide where the requester is the only owner", async () => {
    const lonely = { target: sharedBucket };
    const request = await submitted(org, { grants: [grantProposal(lonely)] }, "sharedOwner");
    expect(mustAccept(await reviewRequest(org.deps, org.people.platformOwner, review(request))).state).toBe(
      "in_review",
    );
    expect(mustAccept(await reviewRequest(org.deps, org.people.admin, review(request))).state).toBe(
      "approved",
    );
  });

  it("does not count a vote whose voter has left the group", async () => {
    const request = await submitted(org);
    mustAccept(await reviewRequest(org.deps, org.people.platformOwner2, review(request)));
    const membership = { personId: org.people.platformOwner2.id, groupName: "platform-owners" };
    await database.prisma.membership.delete({ where: { personId_groupName: membership } });
    const last = mustAccept(await reviewRequest(org.deps, org.people.dataOwner, review(request)));
    expect(last.state).toBe("in_review");
    await database.prisma.membership.create({ data: membership });
  });

  it("asks the database, not the session, which groups someone is in", async () => {
    const request = await submitted(org);
    const pretender = { ...org.people.stranger, groups: ["platform-owners", "data-owners"], roles: [] };
    expect(codesIn(await reviewRequest(org.deps, pretender, review(request)))).toEqual(["not-found"]);
  });
});

describe("what can't be approved", () => {
  it.each(["developer", "payments", "platformOwner", "bothOwner", "admin"] as const)(
    "the own request of %s, whatever else they are",
    async (role) => {
      const request = await submitted(org, {}, role);
      const before = await rowCounts(database.prisma);
      for (const decision of ["approve", "request_changes", "reject"] as const) {
        const outcome = await reviewRequest(
          org.deps,
          org.people[role],
          review(request, { decision, comment: "mine" }),
        );
        expect(codesIn(outcome)).toEqual(["forbidden"]);
      }
      expect(await rowCounts(database.prisma)).toEqual(before);
    },
  );

  it.each([
    ["payments", "not-found"],
    ["stranger", "not-found"],
    ["sharedOwner", "not-found"],
    ["auditor", "forbidden"],
    ["admin", "forbidden"],
  ] as const)("anything, by %s who decides for none of its groups", async (role, code) => {
    const request = await submitted(org);
    const before = await rowCounts(database.prisma);
    expect(codesIn(await reviewRequest(org.deps, org.people[role], review(request)))).toEqual([code]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it.each([
    ["another digest", { digest: "0".repeat(64) }, "conflict"],
    ["a version that is not current", { version: 2 }, "conflict"],
    ["extra fields", { personId: "someone" }, "input.unrecognized"],
    ["a decision of its own invention", { decision: "force" }, "input.invalid_value"],
    ["a rejection without a reason", { decision: "reject" }, "input.custom"],
    ["a request that does not exist", { number: 99_999 }, "not-found"],
  ] as const)("with %s", async (_, changes, code) => {
    const request = await submitted(org);
    const before = await rowCounts(database.prisma);
    const outcome = await reviewRequest(org.deps, org.people.bothOwner, review(request, changes));
    expect(codesIn(outcome)).toEqual([code]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("before the live check has finished", async () => {
    const request = mustAccept(await submitRequest(org.deps, org.people.developer, submission()));
    const outcome = await reviewRequest(org.deps, org.people.bothOwner, review(request));
    expect(codesIn(outcome)).toEqual(["preflight.unfinished"]);
  });

  it("when the live check found errors, though changes can still be asked for", async () => {
    const request = await submitted(org);
    await finishPreflight(database.prisma, request, [
      {
        id: "role.not-ours",
        severity: "error",
        accountId: platform,
        title: "A role of that name exists",
        detail: "",
        nextStep: "",
      },
    ]);
    const outcome = await reviewRequest(org.deps, org.people.bothOwner, review(request));
    expect(refusalsIn(outcome)[0]).toMatchObject({ code: "preflight.errors" });
    expect(refusalsIn(outcome)[0]?.reason).toContain("A role of that name exists");
    const changes = { decision: "request_changes", comment: "Use another service account." };
    mustAccept(await reviewRequest(org.deps, org.people.bothOwner, review(request, changes)));
    expect(await stateOf(request.id)).toBe("changes_requested");
  });

  it("after its end date has passed", async () => {
    const request = await submitted(org, { grants: [grantProposal({ expiresAt: "2026-11-23T00:00:00Z" })] });
    org.setNow(new Date("2026-11-24T00:00:00Z"));
    const outcome = await reviewRequest(org.deps, org.people.bothOwner, review(request));
    org.setNow(startOfTest);
    expect(codesIn(outcome)).toEqual(["expiry.past"]);
  });

  it("when what it would make is no longer what was reviewed", async () => {
    const request = await submitted(org);
    const { boundaryArn } = await database.prisma.account.update({
      where: { id: platform },
      data: { boundaryArn: `arn:aws:iam::${platform}:policy/a-wider-boundary` },
    });
    expect(boundaryArn).toContain("wider");
    const before = await rowCounts(database.prisma);
    const outcome = await reviewRequest(org.deps, org.people.bothOwner, review(request));
    expect(codesIn(outcome)).toEqual(["conflict"]);
    expect(refusalsIn(outcome)[0]?.reason).toContain("not what was reviewed");
    expect(await rowCounts(database.prisma)).toEqual(before);
    await database.prisma.account.update({
      where: { id: platform },
      data: { boundaryArn: `arn:aws:iam::${platform}:policy/drawbridge-boundary` },
    });
  });

  it("when the account has other owners by now", async () => {
    const request = await submitted(org);
    await database.prisma.account.update({ where: { id: data }, data: { ownerGroup: "shared-owners" } });
    const outcome = await reviewRequest(org.deps, org.people.bothOwner, review(request));
    await database.prisma.account.update({ where: { id: data }, data: { ownerGroup: "data-owners" } });
    expect(refusalsIn(outcome)[0]).toMatchObject({ code: "conflict" });
    expect(refusalsIn(outcome)[0]?.reason).toContain("shared-owners");
  });

  it("twice for the same access of one service account, however simultaneous", async () => {
    const workload = { cluster: prodEu, namespace: "reporting", serviceAccount: "twin" };
    const twins = [await submitted(org, { workload }), await submitted(org, { workload })];
    const results = await Promise.all(
      twins.map((twin) => reviewRequest(org.deps, org.people.bothOwner, review(twin))),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.flatMap(codesIn)).toEqual(["grant.duplicate"]);
  });

  it("two requests that give one service account two identities", async () => {
    const workload = { cluster: prodEu, namespace: "reporting", serviceAccount: "torn" };
    const pods = await submitted(org, { workload, grants: [grantProposal({ pattern: "pod-identity" })] });
    const roles = await submitted(org, {
      workload,
      grants: [grantProposal({ target: queue, pattern: "oidc-federation" })],
    });
    const results = await Promise.all(
      [pods, roles].map((one) => reviewRequest(org.deps, org.people.bothOwner, review(one))),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.flatMap(codesIn)).toEqual(["conflict"]);
  });

  it("what is decided already", async () => {
    const { request } = await approved(org);
    const outcome = await reviewRequest(org.deps, org.people.dataOwner, review(request));
    expect(codesIn(outcome)).toEqual(["conflict"]);
  });
});

describe("rejecting and asking for changes", () => {
  it.each([
    ["reject", "rejected", "request.rejected"],
    ["request_changes", "changes_requested", "request.changes-requested"],
  ] as const)("%s leads to %s and is in history with its reason", async (decision, state, type) => {
    const request = await submitted(org);
    const comment = `<b>no</b> "$(rm -rf /)" {{ x }}`;
    mustAccept(await reviewRequest(org.deps, org.people.dataOwner, review(request, { decision, comment })));
    expect(await stateOf(request.id)).toBe(state);
    const events = await database.prisma.auditEvent.findMany({ where: { requestId: request.id } });
    expect(events.map((event) => event.type)).toContain(type);
    expect(events.find((event) => event.type === "request.reviewed")?.data).toMatchObject({ comment });
    expect(await database.prisma.grant.count({ where: { requestId: request.id } })).toBe(0);
  });
});

describe("the database", () => {
  it.each([
    `UPDATE "Review" SET "decision" = 'approve'`,
    `UPDATE "Review" SET "personId" = gen_random_uuid()`,
    `DELETE FROM "Review"`,
    `TRUNCATE "Review"`,
    `DELETE FROM "RequestVersion"`,
    `TRUNCATE "RequestVersion" CASCADE`,
    `UPDATE "RequestVersion" SET "number" = "number" + 100`,
    `UPDATE "RequestVersion" SET "digest" = repeat('0', 64)`,
    `UPDATE "RequestVersion" SET "approvals" = '[]'`,
    `UPDATE "RequestVersion" SET "targets" = NULL`,
    `UPDATE "ApprovedPicture" SET "steps" = '[]'`,
    `DELETE FROM "ApprovedPicture"`,
    `TRUNCATE "ApprovedPicture"`,
    `UPDATE "AuditEvent" SET "data" = '{}'`,
    `DELETE FROM "AuditEvent"`,
    `TRUNCATE "AuditEvent"`,
  ])("refuses to rewrite what was decided: %s", async (statement) => {
    await approved(org);
    await expect(database.pool.query(statement)).rejects.toMatchObject({ code: "23001" });
  });
});
