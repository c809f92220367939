import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadEstate } from "#lib/db/estate.ts";
import { grantView } from "#lib/db/queries/grant.ts";
import { grantList } from "#lib/db/queries/grants.ts";
import { homeView } from "#lib/db/queries/home.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { Prisma } from "#lib/db/types.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { CloudResource, Observed } from "#lib/model/cloud-resource.ts";
import { verdictOf } from "#lib/model/drift.ts";
import { grantSchema } from "#lib/model/grant.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { type Drift, driftFinding, explainDrift, ofFailedChange } from "#lib/plan/drift.ts";
import { makePlan } from "#lib/plan/plan.ts";
import { checkDrift } from "./check-drift.ts";
import { repairGrant } from "./repair-grant.ts";
import { retryRun } from "./retry-run.ts";
import { revokeGrant } from "./revoke-grant.ts";
import {
  activate,
  approved,
  codesIn,
  createOrganisation,
  data,
  everyRole,
  foreignSid,
  grantProposal,
  mustAccept,
  type Organisation,
  prodEu,
  type Role,
  refusalsIn,
  rowCounts,
  startOfTest,
} from "./testing.ts";
import { changeSetup } from "./testing-change.ts";

let database: TestDatabase;
let org: Organisation;

beforeAll(async () => {
  database = await createTestDatabase();
  org = await createOrganisation(database.prisma);
});

afterAll(() => database.drop());

/** A live grant in the namespace of the payments team. */
async function live(proposal: Record<string, unknown> = {}) {
  const serviceAccount = `sa-${randomUUID().slice(0, 8)}`;
  const changes = {
    workload: { cluster: prodEu, namespace: "payments", serviceAccount },
    grants: [grantProposal({ pattern: "resource-policy", ...proposal })],
  };
  const all = await approved(org, changes, "payments");
  await activate(database.prisma, all);
  return all;
}

/** Somebody else's statements, in the policy of a bucket of theirs. */
const foreign = { Sid: foreignSid, Effect: "Allow" as const, Action: "s3:GetObject", Resource: "*" };

/** How our statements are found in the bucket's policy. */
type Ours = Extract<CloudResource, { kind: "resource-policy-statements" }>;

const surrounding: PolicyDocument = { Version: "2012-10-17", Statement: [foreign] };

/** Somebody has opened them to others. */
const opened = ({ body }: Ours): Observed => ({
  state: "present",
  ours: true,
  body: { ...body, statements: body.statements.map((one) => ({ ...one, Principal: { AWS: "*" } })) },
  surrounding,
});

/** Somebody has taken them out. */
const takenOut = (): Observed => ({ state: "absent", surrounding });

/** As the worker stores it: by default our statements are gone from the bucket's policy. */
async function drifted(
  findings: (drift: Drift, grantId: string) => Drift["findings"] = (drift) => drift.findings,
  ours: (one: Ours) => Observed = takenOut,
) {
  const all = await live();
  const grant = grantSchema.parse(all.grant.spec);
  const desired = desiredResources([grant], await loadEstate(database.prisma, org.deps.installation));
  const seen = (one: CloudResource): Observed =>
    one.kind === "resource-policy-statements" ? ours(one) : { state: "present", ours: true, body: one.body };
  const observed = Object.fromEntries(desired.map((one) => [one.key, seen(one)]));
  const plan = makePlan({ before: desired, after: desired, grantIds: [grant.id], observed });
  const steps = plan.steps.filter(({ verb }) => verb !== "keep");
  const drift: Drift = { verdict: "drifted", findings: explainDrift(steps), steps };
  const found = findings(drift, grant.id);
  const stored = { ...drift, findings: found, verdict: verdictOf(found) ?? "unknown" };
  await database.prisma.grant.update({
    where: { id: grant.id },
    data: { driftCheckedAt: startOfTest, drift: JSON.parse(JSON.stringify(stored)) },
  });
  return all;
}

/** What is found lets others in: nobody has taken anything away. */
function widened(findings?: (drift: Drift, grantId: string) => Drift["findings"]) {
  return drifted(findings, opened);
}

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

/** The grant's accounts whose owners' word theirs is. */
const speaking: Partial<Record<Role, string[]>> = {
  platformOwner: [prodEu.accountId],
  platformOwner2: [prodEu.accountId],
  dataOwner: [data],
  dataOwner2: [data],
  bothOwner: [prodEu.accountId, data],
  admin: [prodEu.accountId, data],
};

/** Of what was taken out of the policy of a bucket of the data account. */
const outcomesOfTakenOut: Record<Role, string | null> = {
  ...outcomes,
  payments: "repair.owner",
  platformOwner: "repair.owner",
  platformOwner2: "repair.owner",
};

describe("repairing what somebody took away in an account", () => {
  it.each(everyRole)("by %s is for the account's owners and admins alone, and shown so", async (role) => {
    const { grant } = await drifted();
    const before = await rowCounts(database.prisma);
    const view = await grantView(org.deps, org.people[role], grant.id);
    const outcome = await repairGrant(org.deps, org.people[role], { grantId: grant.id });
    const expected = outcomesOfTakenOut[role];
    expect(codesIn(outcome)).toEqual(expected === null ? [] : [expected]);
    expect(view?.may.repair?.code).toBe(expected === "not-found" ? undefined : (expected ?? undefined));
    if (expected !== null) expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("says where it was taken away, and whom to ask", async () => {
    const { grant } = await drifted();
    const { name, ownerGroup } = await database.prisma.account.findUniqueOrThrow({ where: { id: data } });
    const [refusal] = refusalsIn(await repairGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect(refusal).toMatchObject({
      reason: expect.stringContaining(`taken away in ${name} (${data}), or may have been`),
      nextStep: expect.stringContaining(`Ask ${ownerGroup}, or an admin`),
    });
  });

  it("in both accounts takes the word of both", async () => {
    const { grant } = await drifted(({ findings }, key) => [
      ...findings,
      driftFinding("policy.deleted", { accountId: prodEu.accountId, key }, "the policy x"),
    ]);
    for (const role of ["platformOwner", "dataOwner"] as const)
      expect(refusalsIn(await repairGrant(org.deps, org.people[role], { grantId: grant.id }))).toMatchObject([
        {
          code: "repair.owner",
          reason: expect.stringMatching(/taken away in .* and /),
          nextStep: expect.stringMatching(/^Ask somebody who is in .* and .*, or an admin/),
        },
      ]);
    mustAccept(await repairGrant(org.deps, org.people.bothOwner, { grantId: grant.id }));
  });

  it("is tried again with the word of who tries again, not of who asked at first", async () => {
    const { grant } = await drifted();
    const { runId } = mustAccept(await repairGrant(org.deps, org.people.admin, { grantId: grant.id }));
    const retried = async (role: Role) => {
      await database.prisma.run.update({ where: { id: runId }, data: { state: "failed" } });
      mustAccept(await retryRun(org.deps, org.people[role], { runId }));
      return (await database.prisma.run.findUniqueOrThrow({ where: { id: runId } })).authorisation;
    };
    expect(await retried("platformOwner")).toMatchObject({ speaksFor: [prodEu.accountId] });
    expect(await retried("dataOwner")).toMatchObject({
      basis: "repair",
      personId: org.people.admin.id,
      speaksFor: [data],
    });
    const told = await database.prisma.auditEvent.findMany({
      where: { type: "run.retried", runId },
      orderBy: { id: "asc" },
    });
    expect(told).toMatchObject([
      { data: { speaksFor: [prodEu.accountId] } },
      { data: { speaksFor: [data] }, actorId: org.people.dataOwner.id },
    ]);
  });
});

describe("repairing", () => {
  it.each(everyRole)("by %s is allowed or refused as for revoking, and shown so", async (role) => {
    const { grant, request } = await widened();
    const before = await rowCounts(database.prisma);
    const view = await grantView(org.deps, org.people[role], grant.id);
    const outcome = await repairGrant(org.deps, org.people[role], { grantId: grant.id });
    const expected = outcomes[role];
    if (expected === null) {
      expect(view?.may.repair).toBeNull();
      const { runId } = mustAccept(outcome);
      const run = await database.prisma.run.findUniqueOrThrow({ where: { id: runId } });
      expect(run).toMatchObject({ kind: "repair", state: "queued", grantIds: [grant.id] });
      expect(run.authorisation).toEqual({
        basis: "repair",
        personId: org.people[role].id,
        requestId: request.id,
        version: 1,
        digest: request.digest,
        speaksFor: speaking[role] ?? [],
      });
      expect(await database.prisma.grant.findUnique({ where: { id: grant.id } })).toMatchObject({
        state: "active",
        wanted: true,
      });
      expect(
        await database.prisma.auditEvent.findMany({ where: { type: "run.queued", runId } }),
      ).toMatchObject([{ data: { kind: "repair", speaksFor: speaking[role] ?? [] } }]);
      expect((await grantView(org.deps, org.people[role], grant.id))?.drift?.repairRunId).toBe(runId);
    } else {
      expect(codesIn(outcome)).toEqual([expected]);
      expect(view?.may.repair?.code).toBe(expected === "not-found" ? undefined : expected);
      expect(await rowCounts(database.prisma)).toEqual(before);
    }
  });

  it("by several at once queues one run", async () => {
    const { grant } = await widened();
    const who: Role[] = ["payments", "dataOwner", "platformOwner", "admin"];
    const all = await Promise.all(
      who.map((role) => repairGrant(org.deps, org.people[role], { grantId: grant.id })),
    );
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    expect(all.flatMap(codesIn)).toEqual(["conflict", "conflict", "conflict"]);
    const runs = await database.prisma.run.findMany({ where: { grantIds: { has: grant.id } } });
    expect(runs.filter(({ kind }) => kind === "repair")).toHaveLength(1);
  });

  it("and revoking at the same moment come one after the other", async () => {
    const { grant } = await widened();
    const { payments, dataOwner } = org.people;
    await Promise.all([
      repairGrant(org.deps, payments, { grantId: grant.id }),
      revokeGrant(org.deps, dataOwner, { grantId: grant.id, reason: "Not needed." }),
    ]);
    expect((await database.prisma.grant.findUnique({ where: { id: grant.id } }))?.state).toBe("revoking");
    const again = await repairGrant(org.deps, payments, { grantId: grant.id });
    expect(codesIn(again)).toEqual(["conflict"]);
  });

  it("is refused where nothing was found, or nothing is known", async () => {
    const { grant } = await live();
    const clean = await repairGrant(org.deps, org.people.payments, { grantId: grant.id });
    expect(codesIn(clean)).toEqual(["repair.nothing"]);
    const unknown = await widened((_drift, key) => [
      driftFinding("unreadable", { accountId: data, key }, "the role x"),
    ]);
    const outcome = await repairGrant(org.deps, org.people.payments, { grantId: unknown.grant.id });
    expect(codesIn(outcome)).toEqual(["repair.nothing"]);
  });

  it("is refused with the way out where no repair helps", async () => {
    const { grant } = await widened(({ findings }, key) => [
      ...findings,
      driftFinding("cluster.recreated", { accountId: data, key }, "prod-eu"),
    ]);
    const [refusal] = refusalsIn(await repairGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect(refusal).toMatchObject({
      code: "repair.impossible",
      reason: expect.stringContaining("The cluster prod-eu was made anew"),
      nextStep: expect.stringContaining("ask for it again"),
    });
  });

  it.each<[string, (drift: Drift) => Drift["findings"]]>([
    ["before the change", ({ findings }) => findings],
    ["after it", ({ findings }) => findings.map(ofFailedChange)],
  ])(
    "is refused after a change that failed, with retry and roll back as the way out: of what was found %s",
    async (_when, findings) => {
      const { grant } = await widened(findings);
      const { id: changeRunId } = await database.prisma.run.findFirstOrThrow({
        where: { grantIds: { has: grant.id } },
      });
      const put = (state: string) =>
        database.prisma.run.update({ where: { id: changeRunId }, data: { state } });
      await database.prisma.grant.update({ where: { id: grant.id }, data: { changeRunId } });
      await put("running");
      expect(codesIn(await repairGrant(org.deps, org.people.payments, { grantId: grant.id }))).toEqual([
        "conflict",
      ]);
      await put("failed");
      const [refusal] = refusalsIn(await repairGrant(org.deps, org.people.payments, { grantId: grant.id }));
      expect(refusal).toMatchObject({
        code: "repair.impossible",
        nextStep: expect.stringMatching(/retry the .*change.* or roll it back/i),
      });
      const view = await grantView(org.deps, org.people.payments, grant.id);
      expect(view?.may).toMatchObject({ repair: refusal });
    },
  );

  it("is refused once the end date has come", async () => {
    const { grant } = await widened();
    org.setNow(new Date("2027-03-01T00:00:00Z"));
    const outcome = await repairGrant(org.deps, org.people.payments, { grantId: grant.id });
    org.setNow(startOfTest);
    expect(codesIn(outcome)).toEqual(["expiry.past"]);
  });

  it("is refused with the way out when today's plan has not the digest that was approved", async () => {
    const { grant } = await widened();
    const { boundaryArn } = await database.prisma.account.findUniqueOrThrow({
      where: { id: prodEu.accountId },
    });
    const put = (arn: string) =>
      database.prisma.account.update({ where: { id: prodEu.accountId }, data: { boundaryArn: arn } });
    await put(`${boundaryArn}-wider`);
    const [refusal] = refusalsIn(await repairGrant(org.deps, org.people.payments, { grantId: grant.id }));
    await put(boundaryArn);
    expect(refusal).toMatchObject({
      code: "repair.outdated",
      nextStep: expect.stringContaining("Renew this access"),
    });
  });

  it("is not refused for the deleted bucket of another access of its approval, which is revoked", async () => {
    const { grant, request } = await changeSetup(org).besideGone("role-chaining");
    const finding = driftFinding("role.tags", { accountId: data, key: grant.id }, "the role x");
    const drift: Drift = { verdict: "drifted", findings: [finding], steps: [] };
    await database.prisma.grant.update({
      where: { id: grant.id },
      data: { driftCheckedAt: startOfTest, drift: JSON.parse(JSON.stringify(drift)) },
    });
    const { runId } = mustAccept(await repairGrant(org.deps, org.people.payments, { grantId: grant.id }));
    expect(await database.prisma.run.findUnique({ where: { id: runId } })).toMatchObject({
      authorisation: { requestId: request.id, digest: request.digest },
    });
  });

  it("is refused when the stored access is not the approved one", async () => {
    const { grant } = await widened();
    await database.prisma.$executeRaw`
      UPDATE "Grant" SET "spec" = jsonb_set("spec", '{expiresAt}', 'null') WHERE "id" = ${grant.id}`;
    const outcome = await repairGrant(org.deps, org.people.payments, { grantId: grant.id });
    expect(codesIn(outcome)).toEqual(["repair.outdated"]);
  });

  it("that failed can be tried again, and the access stays active all the while", async () => {
    const { grant } = await widened();
    const { runId } = mustAccept(await repairGrant(org.deps, org.people.payments, { grantId: grant.id }));
    await database.prisma.run.update({ where: { id: runId }, data: { state: "failed" } });
    mustAccept(await retryRun(org.deps, org.people.admin, { runId }));
    expect(await database.prisma.run.findUnique({ where: { id: runId } })).toMatchObject({ state: "queued" });
    expect(await database.prisma.grant.findUnique({ where: { id: grant.id } })).toMatchObject({
      state: "active",
    });
    await database.prisma.run.update({ where: { id: runId }, data: { state: "failed" } });
    mustAccept(
      await revokeGrant(org.deps, org.people.payments, { grantId: grant.id, reason: "Not needed." }),
    );
    expect(codesIn(await retryRun(org.deps, org.people.admin, { runId }))).toEqual(["conflict"]);
  });
});

describe("checking", () => {
  it.each(everyRole)("by %s is allowed to whoever sees the access, also to auditors", async (role) => {
    const { grant } = await live();
    const outcome = await checkDrift(org.deps, org.people[role], { grantId: grant.id });
    const sees = outcomes[role] !== "not-found";
    expect(codesIn(outcome)).toEqual(sees ? [] : ["not-found"]);
    const jobs = await database.prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM graphile_worker.jobs WHERE key = ${`check-drift:${grant.id}`}`;
    expect(jobs).toHaveLength(sees ? 1 : 0);
  });

  it("twice is one job, and there is nothing to compare of what is not active", async () => {
    const { grant } = await live();
    for (let time = 0; time < 3; time += 1)
      mustAccept(await checkDrift(org.deps, org.people.payments, { grantId: grant.id }));
    const jobs = await database.prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM graphile_worker.jobs WHERE key = ${`check-drift:${grant.id}`}`;
    expect(jobs).toHaveLength(1);
    const gone = await live();
    await database.prisma.grant.update({
      where: { id: gone.grant.id },
      data: { state: "revoking", wanted: false },
    });
    const outcome = await checkDrift(org.deps, org.people.payments, { grantId: gone.grant.id });
    expect(codesIn(outcome)).toEqual(["conflict"]);
  });
});

describe("what was found", () => {
  it("is on the access's page with the plan, without what others put into the policy", async () => {
    const { grant } = await drifted();
    const asSeenBy = async (role: Role) => (await grantView(org.deps, org.people[role], grant.id))?.drift;
    const own = await asSeenBy("payments");
    expect(own).toMatchObject({
      verdict: "drifted",
      checkedAt: startOfTest.toISOString(),
      findings: [{ id: "statements.deleted", repairable: true }],
      plan: { changes: 1, accounts: [{ accountId: data, steps: [{ verb: "create" }] }] },
      repairRunId: null,
    });
    expect(JSON.stringify(own)).not.toContain(foreignSid);
    expect(JSON.stringify(await asSeenBy("dataOwner"))).toContain(foreignSid);
    expect(await asSeenBy("stranger")).toBeUndefined();
  });

  it("marks the access in the list and calls for attention at home, for those who see it", async () => {
    // What is graver comes first at home, which shows a few.
    await database.prisma.grant.updateMany({ data: { drift: Prisma.DbNull } });
    const { grant } = await drifted();
    const { items } = await grantList(org.deps, org.people.payments, { text: grant.id });
    expect(items).toMatchObject([{ id: grant.id, drifted: true, trouble: "drifted" }]);
    // Home shows the latest few.
    await database.prisma.grant.update({
      where: { id: grant.id },
      data: { createdAt: new Date("2099-01-01") },
    });
    const home = await homeView(org.deps, org.people.payments);
    expect(home.attention.map(({ id }) => id)).toContain(grant.id);
    expect((await homeView(org.deps, org.people.stranger)).attention).toEqual([]);
    await database.prisma.grant.update({
      where: { id: grant.id },
      data: { drift: { verdict: "unknown", findings: [], steps: [] } },
    });
    const [after] = (await grantList(org.deps, org.people.payments, { text: grant.id })).items;
    expect(after?.drifted).toBe(false);
  });

  it.each([null, "x", 1, [], { evaluated: null }, { evaluated: {}, resources: "x" }, { evaluated: [null] }])(
    "reads a list in which a report is %j",
    async (report) => {
      const { grant } = await drifted();
      await database.prisma.verification.create({
        data: {
          grantId: grant.id,
          source: "documents",
          ok: true,
          report: report ?? Prisma.JsonNull,
          at: org.deps.now(),
        },
      });
      const { items } = await grantList(org.deps, org.people.payments, { text: grant.id });
      expect(items).toMatchObject([{ trouble: "drifted" }]);
    },
  );

  it("says what is gravest, by the drift, by who gets in and by what a pod saw, and at home says that first", async () => {
    const { grant: narrower } = await drifted();
    const { grant: open } = await drifted();
    let seconds = 0;
    const verified = (grantId: string, source: string, ok: boolean, evaluated: object[] = []) => {
      seconds += 1;
      const at = new Date(org.deps.now().getTime() + seconds * 1_000);
      return database.prisma.verification.create({
        data: { grantId, source, ok, report: { evaluated }, at },
      });
    };
    await verified(open.id, "documents", false, [
      { who: "workload", outcome: "refused", ok: false },
      { who: "anonymous", outcome: "allowed", ok: false },
    ]);
    await verified(narrower.id, "documents", false, [
      { who: "anonymous", outcome: "refused", ok: true },
      { who: "workload", outcome: "refused", ok: false },
    ]);
    await verified(narrower.id, "pod", false);
    const troubleAt = async (id: string) =>
      (await grantList(org.deps, org.people.payments, { text: id })).items.map(({ trouble }) => trouble);
    expect(await troubleAt(open.id)).toEqual(["open"]);
    expect(await troubleAt(narrower.id)).toEqual(["drifted"]);
    await database.prisma.grant.update({
      where: { id: narrower.id },
      data: { drift: Prisma.DbNull, createdAt: new Date("2099-01-01") },
    });
    expect(await troubleAt(narrower.id)).toEqual(["refused"]);
    // Of a key that is open to its account nobody has changed anything.
    await verified(narrower.id, "documents", true, [
      { who: "workload-beyond", outcome: "allowed", ok: false, byOthers: true },
    ]);
    expect(await troubleAt(narrower.id)).toEqual(["fails"]);
    const { attention } = await homeView(org.deps, org.people.payments);
    expect(attention[0]).toMatchObject({ trouble: "open" });
  });
});
