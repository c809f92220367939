import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { approvalRequirementSchema } from "#lib/model/approvals.ts";
import { grantSchema } from "#lib/model/grant.ts";
import { reviseRequest } from "./revise-request.ts";
import { submitRequest } from "./submit-request.ts";
import {
  approved,
  bucket,
  codesIn,
  createOrganisation,
  data,
  grantProposal,
  legacyEu,
  mustAccept,
  type Organisation,
  platform,
  prodEu,
  queue,
  refusalsIn,
  rowCounts,
  shared,
  sharedBucket,
  startOfTest,
  submission,
  submitted,
} from "./testing.ts";

let database: TestDatabase;
let org: Organisation;

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
});

afterAll(() => database.drop());

describe("submitting a request", () => {
  it("stores the request, its version, an event and a preflight job, all or none", async () => {
    const before = await rowCounts(database.prisma);
    const result = mustAccept(await submitRequest(org.deps, org.people.developer, submission()));
    const after = await rowCounts(database.prisma);
    expect(after).toEqual({
      ...before,
      requests: before.requests + 1,
      versions: before.versions + 1,
      events: before.events + 1,
      jobs: before.jobs + 1,
    });
    const stored = await database.prisma.request.findUniqueOrThrow({
      where: { number: result.number },
      include: { versions: true },
    });
    expect(stored).toMatchObject({ state: "in_review", accountIds: [platform, data], currentVersion: 1 });
    expect(stored.versions[0]).toMatchObject({ digest: result.digest, preflightState: "queued" });
    expect(stored.versions[0]?.approvals).toMatchObject([
      { id: `account:${platform}`, group: "platform-owners" },
      { id: `account:${data}`, group: "data-owners" },
    ]);
    const [event] = await database.prisma.auditEvent.findMany({ where: { requestId: result.id } });
    expect(event).toMatchObject({ type: "request.submitted", actorId: org.people.developer.id });
  });

  it("gives each grant an id of 12 letters and digits", async () => {
    const grants = [grantProposal(), grantProposal({ target: queue })];
    const { id } = mustAccept(await submitRequest(org.deps, org.people.developer, submission({ grants })));
    const [version] = await database.prisma.requestVersion.findMany({ where: { requestId: id } });
    const ids = z
      .array(grantSchema)
      .parse(version?.grants)
      .map((grant) => grant.id);
    expect(ids).toHaveLength(2);
    for (const one of ids) expect(one).toMatch(/^[0-9a-z]{12}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it("asks the namespace's owners when the requester is not one of them, and only then", async () => {
    const workload = { cluster: prodEu, namespace: "payments", serviceAccount: "ledger" };
    const asked = async (role: "developer" | "payments") => {
      const { id } = mustAccept(await submitRequest(org.deps, org.people[role], submission({ workload })));
      const [version] = await database.prisma.requestVersion.findMany({ where: { requestId: id } });
      return z
        .array(approvalRequirementSchema)
        .parse(version?.approvals)
        .map((one) => one.group);
    };
    expect(await asked("developer")).toContain("payments-team");
    expect(await asked("payments")).not.toContain("payments-team");
  });

  it("takes a pattern that holds all targets when the first one's best does not", async () => {
    const grants = [grantProposal(), grantProposal({ target: sharedBucket })];
    const { id } = mustAccept(await submitRequest(org.deps, org.people.developer, submission({ grants })));
    const stored = await database.prisma.request.findUniqueOrThrow({ where: { id } });
    expect(stored.accountIds).toEqual([platform, data, shared]);
  });

  it("makes one request of ten simultaneous sendings of the same form", async () => {
    const before = await rowCounts(database.prisma);
    const form = submission();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => submitRequest(org.deps, org.people.developer, form)),
    );
    expect(new Set(results.map((result) => mustAccept(result).number)).size).toBe(1);
    const after = await rowCounts(database.prisma);
    expect(after).toMatchObject({
      requests: before.requests + 1,
      events: before.events + 1,
      jobs: before.jobs + 1,
    });
  });

  it("does not hand out another person's request for a guessed key", async () => {
    const form = submission();
    const mine = mustAccept(await submitRequest(org.deps, org.people.developer, form));
    const theirs = mustAccept(await submitRequest(org.deps, org.people.stranger, form));
    expect(theirs.number).not.toBe(mine.number);
  });

  const day = 86_400_000;
  const workload = { cluster: prodEu, namespace: "reporting", serviceAccount: "app" };
  const refusedForms: [string, Record<string, unknown>, string, string][] = [
    ["extra fields", { state: "approved" }, "input.unrecognized", "state"],
    ["a requester of its own choice", { requesterId: randomUUID() }, "input.unrecognized", "requesterId"],
    [
      "an id for a grant",
      { grants: [grantProposal({ id: "aaaaaaaaaaaa" })] },
      "input.unrecognized",
      "grants.0.id",
    ],
    [
      "an identity for a grant",
      { grants: [grantProposal({ identity: { kind: "home-role" } })] },
      "input.unrecognized",
      "grants.0.identity",
    ],
    ["no targets", { grants: [] }, "input.too_small", "grants"],
    ["no reason", { reason: "" }, "input.custom", "reason"],
    [
      "control characters in the reason",
      { reason: "fine\u0000 but not really" },
      "input.invalid_format",
      "reason",
    ],
    [
      "text that runs backwards",
      { reason: "looks fine \u202e but is not" },
      "input.invalid_format",
      "reason",
    ],
    ["a key that is no key", { idempotencyKey: "1" }, "input.invalid_format", "idempotencyKey"],
    [
      "a namespace with YAML in it",
      { workload: { ...workload, namespace: "a: {b: c}" } },
      "input.invalid_format",
      "workload.namespace",
    ],
    [
      "a service account with HTML in it",
      { workload: { ...workload, serviceAccount: "<script>alert(1)</script>" } },
      "input.invalid_format",
      "workload.serviceAccount",
    ],
    [
      "a cluster with INI in it",
      { workload: { ...workload, cluster: { ...prodEu, name: "x]\n[default" } } },
      "input.invalid_format",
      "workload.cluster.name",
    ],
    [
      "a prefix with a policy variable",
      { grants: [grantProposal({ subResource: `$` + `{aws:username}` })] },
      "sub-resource.malformed",
      "grants.0.subResource",
    ],
    [
      "a wildcard for a bucket",
      { grants: [grantProposal({ target: { ...bucket, arn: "arn:aws:s3:::*" } })] },
      "target.malformed",
      "grants.0.target",
    ],
    [
      "a cluster that is not registered",
      { workload: { ...workload, cluster: { ...prodEu, name: "elsewhere" } } },
      "cluster.not-registered",
      "workload.cluster",
    ],
    [
      "a target in an account that is not registered",
      { grants: [grantProposal({ target: { ...queue, accountId: "999999999999" } })] },
      "target.account-not-registered",
      "grants.0.target",
    ],
    [
      "a bucket of another account than it says",
      { grants: [grantProposal({ target: { ...bucket, accountId: shared } })] },
      "target.other-owner",
      "grants.0.target",
    ],
    [
      "an end date in the past",
      { grants: [grantProposal({ expiresAt: "2020-01-01T00:00:00Z" })] },
      "expiry.past",
      "grants.0.expiresAt",
    ],
    [
      "an end date too far ahead",
      {
        grants: [
          grantProposal({
            expiresAt: new Date(startOfTest.getTime() + 400 * day).toISOString().replace(".000", ""),
          }),
        ],
      },
      "expiry.too-far",
      "grants.0.expiresAt",
    ],
    [
      "a pattern that does not exist",
      { grants: [grantProposal({ pattern: "superuser" })] },
      "pattern.unknown",
      "grants.0.pattern",
    ],
    [
      "a pattern that the cluster can't serve",
      {
        workload: { ...workload, cluster: legacyEu },
        grants: [grantProposal({ pattern: "pod-identity" })],
      },
      "pattern.no-pod-identity-agent",
      "grants.0.pattern",
    ],
    [
      "the same access twice",
      { grants: [grantProposal(), grantProposal()] },
      "grant.repeated",
      "grants.1.target",
    ],
  ];

  it.each(refusedForms)("refuses %s and stores nothing", async (_, changes, code, field) => {
    const before = await rowCounts(database.prisma);
    const outcome = await submitRequest(org.deps, org.people.developer, submission(changes));
    const found = refusalsIn(outcome).map((one) => ({ code: one.code, field: one.field }));
    expect(found).toContainEqual({ code, field });
    for (const one of refusalsIn(outcome)) {
      expect(one.reason).not.toBe("");
      expect(one.nextStep).not.toBe("");
    }
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it.each([null, undefined, 42, "text", [], { __proto__: null }])("refuses %s as a form", async (form) => {
    expect((await submitRequest(org.deps, org.people.developer, form)).ok).toBe(false);
  });

  it("refuses what the service account has already, and names it", async () => {
    const { grant } = await approved(org);
    const { workload: same } = grant.spec as { workload: object };
    const outcome = await submitRequest(org.deps, org.people.developer, submission({ workload: same }));
    expect(refusalsIn(outcome)).toMatchObject([{ code: "grant.duplicate" }]);
    expect(refusalsIn(outcome)[0]?.reason).toContain(grant.id);
  });

  it("refuses a person who has been removed", async () => {
    const ghost = { ...org.people.developer, id: randomUUID() };
    expect(codesIn(await submitRequest(org.deps, ghost, submission()))).toEqual(["forbidden"]);
  });
});

describe("revising a request", () => {
  const revision = (request: { number: number; version: number }, changes: Record<string, unknown> = {}) => {
    const { idempotencyKey: _, ...form } = submission(changes);
    return { ...form, number: request.number, version: request.version };
  };

  it("makes a new version with a new digest and a new preflight", async () => {
    const request = await submitted(org);
    const result = mustAccept(await reviseRequest(org.deps, org.people.developer, revision(request)));
    expect(result).toMatchObject({ number: request.number, version: 2 });
    expect(result.digest).not.toBe(request.digest);
    const versions = await database.prisma.requestVersion.findMany({ where: { requestId: request.id } });
    expect(versions).toHaveLength(2);
    expect(versions.find((one) => one.number === 2)).toMatchObject({ preflightState: "queued" });
  });

  it("takes a request back from changes requested into review", async () => {
    const request = await submitted(org);
    await database.prisma.request.update({ where: { id: request.id }, data: { state: "changes_requested" } });
    mustAccept(await reviseRequest(org.deps, org.people.developer, revision(request)));
    const stored = await database.prisma.request.findUniqueOrThrow({ where: { id: request.id } });
    expect(stored).toMatchObject({ state: "in_review", currentVersion: 2 });
  });

  it("keeps with each version what the inventory knows of its targets", async () => {
    const request = await submitted(org);
    const grants = [grantProposal({ target: sharedBucket })];
    mustAccept(await reviseRequest(org.deps, org.people.developer, revision(request, { grants })));
    const versions = await database.prisma.requestVersion.findMany({
      where: { requestId: request.id },
      orderBy: { number: "asc" },
    });
    const known = { service: "s3", region: "eu-west-1", encryption: null };
    expect(versions.map(({ targets }) => targets)).toEqual([
      [{ ...bucket, ...known, name: "reports-archive" }],
      [{ ...sharedBucket, ...known, name: "shared-assets" }],
    ]);
  });

  it("moves the accounts that it concerns", async () => {
    const request = await submitted(org);
    const grants = [grantProposal({ target: sharedBucket })];
    mustAccept(await reviseRequest(org.deps, org.people.developer, revision(request, { grants })));
    const stored = await database.prisma.request.findUniqueOrThrow({ where: { id: request.id } });
    expect(stored.accountIds).toEqual([platform, shared]);
  });

  it("lets one of two simultaneous revisions win", async () => {
    const request = await submitted(org);
    const results = await Promise.all([
      reviseRequest(org.deps, org.people.developer, revision(request)),
      reviseRequest(org.deps, org.people.developer, revision(request)),
    ]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.flatMap(codesIn)).toEqual(["conflict"]);
  });

  it.each([
    ["anyone but the requester", "bothOwner", {}, "forbidden"],
    ["an admin", "admin", {}, "forbidden"],
    ["whoever may not see it", "stranger", {}, "not-found"],
    ["an edit of an older version", "developer", { version: 7 }, "conflict"],
    ["extra fields", "developer", { state: "approved" }, "input.unrecognized"],
  ] as const)("refuses %s and stores nothing", async (_, role, changes, code) => {
    const request = await submitted(org);
    const before = await rowCounts(database.prisma);
    const form = { ...revision(request), ...changes };
    expect(codesIn(await reviseRequest(org.deps, org.people[role], form))).toEqual([code]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it.each(["approved", "rejected", "withdrawn", "lapsed"])("refuses a request that is %s", async (state) => {
    const request = await submitted(org);
    await database.prisma.request.update({ where: { id: request.id }, data: { state } });
    expect(codesIn(await reviseRequest(org.deps, org.people.developer, revision(request)))).toEqual([
      "conflict",
    ]);
  });
});
