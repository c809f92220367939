import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueToken, readToken } from "#lib/auth/signed-url.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { asRoles, type RoleDatabases } from "#lib/db/testing-roles.ts";
import { commentRequest } from "./comment-request.ts";
import { issueManifestUrl } from "./issue-manifest-url.ts";
import { readManifest, showManifest } from "./read-manifest.ts";
import { recordVerification } from "./record-verification.ts";
import { retryRun } from "./retry-run.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { rollBackRun } from "./roll-back-run.ts";
import {
  activate,
  approved,
  codesIn,
  createOrganisation,
  everyRole,
  mustAccept,
  type Organisation,
  prodEu,
  type Role,
  rowCounts,
  startOfTest,
  submitted,
} from "./testing.ts";
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

const payments = () => ({
  workload: {
    cluster: prodEu,
    namespace: "payments",
    serviceAccount: `sa-${Math.random().toString(36).slice(2)}`,
  },
});

/** A grant in the namespace of the payments team. */
async function paymentsGrant() {
  const all = await approved(org, payments(), "payments");
  await activate(database.prisma, all);
  return all;
}

describe("revoking", () => {
  const outcomes: Record<Role, string | null> = {
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

  it.each(everyRole)("by %s is allowed or refused as the rules say", async (role) => {
    const { grant } = await paymentsGrant();
    const before = await rowCounts(database.prisma);
    const outcome = await revokeGrant(org.deps, org.people[role], {
      grantId: grant.id,
      reason: "Not needed.",
    });
    const expected = outcomes[role];
    if (expected === null) {
      const { runId } = mustAccept(outcome);
      const run = await database.prisma.run.findUniqueOrThrow({ where: { id: runId } });
      expect(run).toMatchObject({ kind: "revoke", state: "queued", grantIds: [grant.id] });
      expect(run.authorisation).toEqual({
        basis: "revocation",
        personId: org.people[role].id,
        reason: "Not needed.",
      });
      const stored = await database.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } });
      expect(stored).toMatchObject({ state: "revoking", wanted: false, revokeReason: "Not needed." });
      return;
    }
    expect(codesIn(outcome)).toEqual([expected]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("makes one run of simultaneous revocations", async () => {
    const { grant } = await paymentsGrant();
    const results = await Promise.all(
      Array.from({ length: 5 }, () =>
        revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Once." }),
      ),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(new Set(results.flatMap(codesIn))).toEqual(new Set(["conflict"]));
    const runs = await database.prisma.run.count({ where: { grantIds: { has: grant.id }, kind: "revoke" } });
    expect(runs).toBe(1);
  });

  it("also stops what is still being provisioned", async () => {
    const { grant } = await approved(org);
    mustAccept(
      await revokeGrant(org.deps, org.people.developer, { grantId: grant.id, reason: "Too early." }),
    );
    const stored = await database.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } });
    expect(stored).toMatchObject({ state: "revoking", wanted: false });
  });

  it.each([
    ["no reason", { reason: "" }, "input.custom"],
    ["an id of another form", { grantId: "../../etc" }, "input.invalid_format"],
    ["extra fields", { state: "revoked" }, "input.unrecognized"],
    ["an unknown id", { grantId: "zzzzzzzzzzzz" }, "not-found"],
  ])("refuses %s", async (_, changes, code) => {
    const { grant } = await approved(org);
    const before = await rowCounts(database.prisma);
    const input = { grantId: grant.id, reason: "Because.", ...changes };
    expect(codesIn(await revokeGrant(org.deps, org.people.developer, input))).toEqual([code]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });
});

async function failedRun() {
  const all = await approved(org);
  const { run, grant } = all;
  await database.prisma.run.update({
    where: { id: run.id },
    data: { state: "failed", error: { cause: "Throttled", nextStep: "Retry" }, finishedAt: startOfTest },
  });
  await database.prisma.grant.update({ where: { id: grant.id }, data: { state: "failed" } });
  return all;
}

describe("rolling a failed run back", () => {
  const why = { reason: "Another account after all." };

  it.each([
    ["developer", null],
    ["dataOwner", null],
    ["platformOwner", null],
    ["admin", null],
    ["auditor", "forbidden"],
    ["stranger", "not-found"],
    ["sharedOwner", "not-found"],
  ] as const)("by %s is allowed or refused as the rules of revoking say", async (role, code) => {
    const { run, grant } = await failedRun();
    const before = await rowCounts(database.prisma);
    const outcome = await rollBackRun(org.deps, org.people[role], { runId: run.id, ...why });
    if (code !== null) {
      expect(codesIn(outcome)).toEqual([code]);
      expect(await rowCounts(database.prisma)).toEqual(before);
      return;
    }
    const { runId } = mustAccept(outcome);
    const revocation = await database.prisma.run.findUniqueOrThrow({ where: { id: runId } });
    expect(revocation).toMatchObject({ kind: "revoke", state: "queued", grantIds: [grant.id] });
    const stored = await database.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } });
    expect(stored).toMatchObject({ state: "revoking", wanted: false, revokeReason: why.reason });
  });

  it("is refused without a reason, for a run that has not failed, and a second time", async () => {
    const { run } = await failedRun();
    const { developer } = org.people;
    expect(codesIn(await rollBackRun(org.deps, developer, { runId: run.id, reason: "" }))).toEqual([
      "input.custom",
    ]);
    mustAccept(await rollBackRun(org.deps, developer, { runId: run.id, ...why }));
    expect(codesIn(await rollBackRun(org.deps, developer, { runId: run.id, ...why }))).toEqual(["conflict"]);
    const under = await approved(org);
    expect(codesIn(await rollBackRun(org.deps, developer, { runId: under.run.id, ...why }))).toEqual([
      "conflict",
    ]);
  });

  it("happens once when two people click at once", async () => {
    const { run } = await failedRun();
    const outcomes = await Promise.all(
      [org.people.developer, org.people.dataOwner, org.people.admin].map((person) =>
        rollBackRun(org.deps, person, { runId: run.id, ...why }),
      ),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(new Set(outcomes.flatMap(codesIn))).toEqual(new Set(["conflict"]));
  });
});

describe("retrying a run", () => {
  it("queues it again and puts its grants back", async () => {
    const { run, grant } = await failedRun();
    mustAccept(await retryRun(org.deps, org.people.developer, { runId: run.id }));
    const stored = await database.prisma.run.findUniqueOrThrow({ where: { id: run.id } });
    expect(stored).toMatchObject({ state: "queued", error: null, finishedAt: null });
    const after = await database.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } });
    expect(after.state).toBe("provisioning");
  });

  it.each([
    ["dataOwner", null],
    ["platformOwner", null],
    ["admin", null],
    ["auditor", "forbidden"],
    ["stranger", "not-found"],
    ["sharedOwner", "not-found"],
  ] as const)("by %s is allowed or refused as the rules say", async (role, code) => {
    const { run } = await failedRun();
    const outcome = await retryRun(org.deps, org.people[role], { runId: run.id });
    expect(codesIn(outcome)).toEqual(code === null ? [] : [code]);
  });

  it("refuses a run that has not failed", async () => {
    const { run } = await approved(org);
    expect(codesIn(await retryRun(org.deps, org.people.developer, { runId: run.id }))).toEqual(["conflict"]);
  });

  it("refuses to provision again what is being revoked", async () => {
    const { run, grant } = await failedRun();
    mustAccept(await revokeGrant(org.deps, org.people.developer, { grantId: grant.id, reason: "Enough." }));
    expect(codesIn(await retryRun(org.deps, org.people.developer, { runId: run.id }))).toEqual(["conflict"]);
  });
});

describe("the manifest", () => {
  it("is read with a token that its address carries, for minutes", async () => {
    const all = await paymentsGrant();
    const { token, expiresAt } = mustAccept(
      await issueManifestUrl(org.deps, org.people.payments, { grantId: all.grant.id, minutes: 5 }),
    );
    expect(expiresAt).toBe("2026-11-22T10:05:00.000Z");
    const manifest = mustAccept(await readManifest(org.deps, token));
    expect(manifest.grant.id).toBe(all.grant.id);
    expect(manifest.access.grants).toHaveLength(1);
    org.setNow(new Date("2026-11-22T10:05:00.000Z"));
    expect(codesIn(await readManifest(org.deps, token))).toEqual(["token.expired"]);
    org.setNow(startOfTest);
  });

  it("is not handed out for longer than an hour, nor before the access is active", async () => {
    const { grant } = await approved(org);
    const issue = (input: object) =>
      issueManifestUrl(org.deps, org.people.developer, { grantId: grant.id, ...input });
    expect(codesIn(await issue({ minutes: 61 }))).toEqual(["input.too_big"]);
    expect(codesIn(await issue({}))).toEqual(["grant.not-active"]);
  });

  it.each([
    ["auditor", "forbidden"],
    ["stranger", "not-found"],
    ["sharedOwner", "not-found"],
  ] as const)("is not handed out by %s", async (role, code) => {
    const { grant } = await paymentsGrant();
    const outcome = await issueManifestUrl(org.deps, org.people[role], { grantId: grant.id });
    expect(codesIn(outcome)).toEqual([code]);
  });

  it("is shown to auditors without the token that would let them report", async () => {
    const { grant } = await paymentsGrant();
    const seen = mustAccept(await showManifest(org.deps, org.people.auditor, grant.id));
    expect(seen.reportToken).toBeNull();
    const own = mustAccept(await showManifest(org.deps, org.people.payments, grant.id));
    expect(own.reportToken).not.toBeNull();
    expect(codesIn(await showManifest(org.deps, org.people.stranger, grant.id))).toEqual(["not-found"]);
  });
});

describe("a pod's report", () => {
  async function reporting() {
    const all = await paymentsGrant();
    const manifest = mustAccept(await showManifest(org.deps, org.people.payments, all.grant.id));
    const [access] = manifest.access.grants;
    const roleName = manifest.access.roleArn.split("/").at(-1);
    const account = manifest.access.roleArn.split(":")[4];
    const report = {
      source: "cluster-job",
      identity: `arn:aws:sts::${account}:assumed-role/${roleName}/session`,
      checks: (access?.checks ?? []).map((check) => ({ ...check, outcome: "allowed", detail: "" })),
    };
    return { ...all, token: manifest.reportToken ?? "", report };
  }

  it("is recorded as good when every check passed under the workload's own role", async () => {
    const { grant, token, report } = await reporting();
    expect(mustAccept(await recordVerification(org.deps, token, report)).ok).toBe(true);
    const [row] = await database.prisma.verification.findMany({ where: { grantId: grant.id } });
    expect(row).toMatchObject({ source: "pod", ok: true });
  });

  it("is recorded as bad when a check is missing, denied, or made by someone else", async () => {
    const { token, report } = await reporting();
    const bad = [
      {
        ...report,
        checks: [{ operation: "s3:ListAllMyBuckets", resource: "*", outcome: "allowed", detail: "" }],
      },
      { ...report, checks: report.checks.map((check) => ({ ...check, outcome: "denied" })) },
      { ...report, identity: "arn:aws:sts::111122223333:assumed-role/node-role/i-0123" },
      { ...report, identity: "arn:aws:iam::111122223333:user/admin" },
      { ...report, impostors: [{ who: "other-namespace", outcome: "allowed", detail: "" }] },
    ];
    for (const one of bad) expect(mustAccept(await recordVerification(org.deps, token, one)).ok).toBe(false);
  });

  it("is refused with a token for something else, of someone else, or after revocation", async () => {
    const { grant, token, report } = await reporting();
    const manifest = issueToken(org.deps.signingKey, {
      purpose: "manifest",
      grantId: grant.id,
      expiresAt: new Date("2027-01-01"),
    });
    const before = await rowCounts(database.prisma);
    expect(codesIn(await recordVerification(org.deps, manifest, report))).toEqual(["token.invalid"]);
    const foreign = issueToken("another-key-of-at-least-32-characters!!", {
      purpose: "report",
      grantId: grant.id,
      expiresAt: new Date("2027-01-01"),
    });
    expect(codesIn(await recordVerification(org.deps, foreign, report))).toEqual(["token.invalid"]);
    expect(codesIn(await recordVerification(org.deps, token, { ...report, ok: true }))).toEqual([
      "input.unrecognized",
    ]);
    expect(await rowCounts(database.prisma)).toEqual(before);
    expect(readToken(org.deps.signingKey, token, "report", startOfTest).ok).toBe(true);
    mustAccept(await revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Over." }));
    expect(codesIn(await recordVerification(org.deps, token, report))).toEqual(["grant.not-active"]);
  });
});

describe("commenting and withdrawing", () => {
  it("keeps a comment as it was written, whatever is in it", async () => {
    const request = await submitted(org);
    const body = `<img src=x onerror=alert(1)>\n- &anchor *alias\n[section]\n=cmd|'/c calc'!A1`;
    const { id } = mustAccept(
      await commentRequest(org.deps, org.people.dataOwner, { number: request.number, body }),
    );
    expect(await database.prisma.comment.findUniqueOrThrow({ where: { id } })).toMatchObject({ body });
  });

  it.each([
    ["auditor", "forbidden"],
    ["stranger", "not-found"],
  ] as const)("takes no comment of %s", async (role, code) => {
    const request = await submitted(org);
    const input = { number: request.number, body: "Hello" };
    expect(codesIn(await commentRequest(org.deps, org.people[role], input))).toEqual([code]);
  });

  it("lets the requester withdraw, once, and nobody else", async () => {
    const { number, id } = await submitted(org);
    expect(codesIn(await withdrawRequest(org.deps, org.people.admin, { number }))).toEqual(["forbidden"]);
    expect(codesIn(await withdrawRequest(org.deps, org.people.stranger, { number }))).toEqual(["not-found"]);
    mustAccept(await withdrawRequest(org.deps, org.people.developer, { number }));
    expect(codesIn(await withdrawRequest(org.deps, org.people.developer, { number }))).toEqual(["conflict"]);
    const stored = await database.prisma.request.findUniqueOrThrow({ where: { id } });
    expect(stored).toMatchObject({ state: "withdrawn", decidedAt: startOfTest });
  });
});
