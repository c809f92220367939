import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workloadOf } from "#lib/db/estate.ts";
import { grantView } from "#lib/db/queries/grant.ts";
import { runView } from "#lib/db/queries/runs.ts";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing.ts";
import { asRoles, type RoleDatabases } from "#lib/db/testing-roles.ts";
import { giveUpRevocation } from "./give-up-revocation.ts";
import { regionsInUse } from "./regions-in-use.ts";
import { retryRun } from "./retry-run.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { submitRequest } from "./submit-request.ts";
import {
  activate,
  approved,
  bucket,
  codesIn,
  createOrganisation,
  data,
  everyRole,
  grantProposal,
  mustAccept,
  type Organisation,
  platform,
  prodEu,
  queue,
  type Role,
  refusalsIn,
  rowCounts,
  startOfTest,
  submission,
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

const later = () => new Date(startOfTest.getTime() + 60_000);
const why = { reason: "The account was closed.", confirmation: data };
const left = { accountId: data, key: `${bucket.arn}#statements/Drawbridge`, region: "eu-west-1" };

/** As the worker leaves a revocation that has failed so often: one step done, one not. */
async function failedRevocation(failures = 3, changes: Record<string, unknown> = {}) {
  const all = await approved(org, {
    workload: {
      cluster: prodEu,
      namespace: "reporting",
      serviceAccount: `sa-${Math.random().toString(36).slice(2)}`,
    },
    ...changes,
  });
  await activate(database.prisma, all);
  const { grant } = all;
  const { developer } = org.people;
  const { runId } = mustAccept(
    await revokeGrant(org.deps, developer, { grantId: grant.id, reason: "Not needed." }),
  );
  await fails(runId, grant.id, failures);
  const body = { service: "s3", resourceArn: bucket.arn, statements: [] };
  const resource = { ...left, kind: "resource-policy-statements", body, dependsOn: [], owners: [] };
  const step = { ...left, runId, kind: resource.kind, verb: "delete", dependsOn: [] };
  await database.prisma.step.createMany({
    data: [
      { ...step, position: 0, state: "failed", resource },
      { ...step, position: 1, key: "gone", state: "succeeded", resource: { ...resource, key: "gone" } },
    ],
  });
  return { ...all, runId, workload: workloadOf(grant) };
}

async function fails(runId: string, grantId: string, times = 1) {
  const failed = { state: "failed", finishedAt: startOfTest };
  await database.prisma.run.update({ where: { id: runId }, data: failed });
  await database.prisma.grant.update({ where: { id: grantId }, data: { state: "failed" } });
  await database.prisma.auditEvent.createMany({
    data: Array.from({ length: times }, () => ({
      type: "run.failed",
      actorName: "Drawbridge",
      runId,
      accountIds: [data, platform],
      correlationId: runId,
    })),
  });
}

const giveUp = (role: Role, runId: string, changes: object = {}) =>
  giveUpRevocation(org.deps, org.people[role], { runId, ...why, ...changes });

describe("giving a revocation up", () => {
  const outcomes: Record<Role, string | null> = {
    developer: "forbidden",
    payments: "not-found",
    platformOwner: "forbidden",
    platformOwner2: "forbidden",
    dataOwner: "forbidden",
    dataOwner2: "forbidden",
    bothOwner: "forbidden",
    sharedOwner: "not-found",
    admin: null,
    auditor: "forbidden",
    stranger: "not-found",
  };

  it.each(everyRole)("by %s is allowed or refused as the rules say", async (role) => {
    const { runId } = await failedRevocation();
    const before = await rowCounts(database.prisma);
    const outcome = await giveUp(role, runId);
    const expected = outcomes[role];
    expect(codesIn(outcome)).toEqual(expected === null ? [] : [expected]);
    if (expected !== null) expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it("keeps what may be left, why and who, on the access and in history, and is no end of the access", async () => {
    const { runId, grant } = await failedRevocation();
    mustAccept(await giveUp("admin", runId));
    const one = { accountId: data, key: left.key, title: `Statements in the policy of ${bucket.arn}` };
    expect(await database.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({
      state: "given_up",
      wanted: false,
      revokedAt: null,
      givenUpAt: startOfTest,
      giveUpReason: why.reason,
      leftBehind: [one],
    });
    const where = { type: "grant.given-up", grantId: grant.id };
    expect(await database.prisma.auditEvent.findMany({ where })).toMatchObject([
      {
        actorId: org.people.admin.id,
        runId,
        accountIds: [platform, data],
        data: { target: bucket.arn, reason: why.reason, left: [left.key], confirmed: data },
      },
    ]);
    expect(await grantView(org.deps, org.people.developer, grant.id)).toMatchObject({
      state: "given_up",
      givenUp: { reason: why.reason, left: [{ ...one, accountName: "data" }] },
      may: { revoke: null, issueManifest: { code: "grant.not-active" } },
    });
    expect(await runView(org.deps, org.people.admin, runId)).toMatchObject({
      state: "failed",
      giveUp: { done: true, grantIds: [grant.id], refusal: { code: "conflict" } },
      retry: { reason: expect.stringContaining("given up") },
    });
  });

  it("is over for its run once the access is revoked once more: that one's page says who tries it", async () => {
    const { runId, grant } = await failedRevocation();
    const takenOver = async () => (await runView(org.deps, org.people.developer, runId))?.giveUp.takenOver;
    expect(await takenOver()).toBe(false);
    mustAccept(await giveUp("admin", runId));
    expect(await takenOver()).toBe(false);
    const again = { grantId: grant.id, reason: "It is back." };
    const { runId: second } = mustAccept(
      await revokeGrant({ ...org.deps, now: later }, org.people.admin, again),
    );
    expect(await takenOver()).toBe(true);
    await fails(second, grant.id);
    expect(await takenOver()).toBe(true);
    expect(await runView(org.deps, org.people.developer, second)).toMatchObject({
      giveUp: { takenOver: false },
    });
  });

  it("leaves no check in lists that was made while the access was active", async () => {
    const { runId, grant } = await failedRevocation();
    await database.prisma.verification.create({
      data: { grantId: grant.id, source: "documents", ok: true, report: { resources: [], evaluated: [] } },
    });
    expect(await grantView(org.deps, org.people.admin, grant.id)).toMatchObject({
      lastVerified: { ok: true },
    });
    mustAccept(await giveUp("admin", runId));
    expect(await grantView(org.deps, org.people.admin, grant.id)).toMatchObject({ lastVerified: null });
  });

  it.each<[string, object, string]>([
    ["without a reason", { reason: " " }, "input.custom"],
    ["with another account typed", { confirmation: platform }, "confirmation.missing"],
    ["with the account's name typed", { confirmation: "data" }, "confirmation.missing"],
    ["with nothing typed", { confirmation: "" }, "confirmation.missing"],
    ["with extra fields", { state: "revoked" }, "input.unrecognized"],
    ["for no run", { runId: "0199aaaa-0000-7000-8000-000000000000" }, "not-found"],
  ])("is refused %s", async (_, changes, code) => {
    const { runId } = await failedRevocation();
    const before = await rowCounts(database.prisma);
    expect(codesIn(await giveUp("admin", runId, changes))).toEqual([code]);
    expect(await rowCounts(database.prisma)).toEqual(before);
  });

  it.each([1, 2])("is too early after it has failed %s times", async (times) => {
    const { runId } = await failedRevocation(times);
    expect(codesIn(await giveUp("admin", runId))).toEqual(["give-up.too-early"]);
    expect(await runView(org.deps, org.people.admin, runId)).toMatchObject({
      giveUp: { done: false, refusal: { code: "give-up.too-early" }, left: [] },
    });
  });

  it.each(["queued", "running"])("waits for an attempt that is %s", async (state) => {
    const { runId } = await failedRevocation();
    await database.prisma.run.update({ where: { id: runId }, data: { state } });
    expect(codesIn(await giveUp("admin", runId))).toEqual(["conflict"]);
  });

  it("waits for another run of the access", async () => {
    const { runId, grant, request } = await failedRevocation();
    // An earlier one, which has not taken over what this one is about.
    const of = { requestId: request.id, grantIds: [grant.id], createdAt: new Date(0) };
    await database.prisma.run.create({ data: { kind: "revoke", authorisation: { basis: "expiry" }, ...of } });
    expect(refusalsIn(await giveUp("admin", runId))).toMatchObject([
      { code: "conflict", reason: expect.stringContaining("being tried again") },
    ]);
  });

  it("is of revocations only", async () => {
    const { run, grant } = await approved(org);
    await fails(run.id, grant.id, 3);
    expect(codesIn(await giveUp("admin", run.id, { confirmation: `${platform} ${data}` }))).toEqual([
      "conflict",
    ]);
  });

  it("happens once when two admins click at once, and then the run is not retried", async () => {
    const { runId } = await failedRevocation();
    const results = await Promise.all([1, 2, 3].map(() => giveUp("admin", runId)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(new Set(results.flatMap(codesIn))).toEqual(new Set(["conflict"]));
    expect(refusalsIn(await retryRun(org.deps, org.people.admin, { runId }))).toMatchObject([
      { code: "conflict", reason: expect.stringContaining("revoke the access on its page") },
    ]);
  });

  it("loses to a retry or wins over it", async () => {
    const { runId, grant } = await failedRevocation();
    const [given, tried] = await Promise.all([
      giveUp("admin", runId),
      retryRun(org.deps, org.people.admin, { runId }),
    ]);
    expect([given.ok, tried.ok].filter(Boolean)).toHaveLength(1);
    const { state } = await database.prisma.grant.findUniqueOrThrow({ where: { id: grant.id } });
    expect(state).toBe(given.ok ? "given_up" : "revoking");
    const run = await database.prisma.run.findUniqueOrThrow({ where: { id: runId } });
    expect(run.state).toBe(given.ok ? "failed" : "queued");
  });

  it("frees the service account and its place: the same access, or another identity, can be asked for", async () => {
    const { runId, grant, workload } = await failedRevocation(3, {
      grants: [grantProposal({ pattern: "oidc-federation" })],
    });
    const other = { workload, grants: [grantProposal({ target: queue, pattern: "resource-policy" })] };
    const ask = (changes: Record<string, unknown>) =>
      submitRequest(org.deps, org.people.developer, submission(changes));
    expect(codesIn(await ask(other))).not.toEqual([]);
    expect(codesIn(await ask({ workload }))).toEqual(["grant.duplicate"]);
    mustAccept(await giveUp("admin", runId));
    mustAccept(await ask(other));
    const { grant: again } = await approved(org, {
      workload,
      grants: [grantProposal({ pattern: "oidc-federation" })],
    });
    expect(again.id).not.toBe(grant.id);

    // Beside it, what was left is taken up.
    mustAccept(await revokeGrant(org.deps, org.people.admin, { grantId: grant.id, reason: "It is back." }));
    const states = await database.prisma.grant.findMany({ where: { id: { in: [grant.id, again.id] } } });
    expect(new Map(states.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        [grant.id, "revoking"],
        [again.id, "provisioning"],
      ]),
    );
  });

  it("lets go of the Region that the access was in", async () => {
    const held = () =>
      database.prisma
        .$transaction((tx) => regionsInUse(tx, data, ["eu-west-1"]))
        .then((found) => found.map(({ reason }) => reason));
    const before = await held();
    const { runId } = await failedRevocation(3, { grants: [grantProposal({ target: queue })] });
    expect(await held()).not.toEqual(before);
    mustAccept(await giveUp("admin", runId));
    expect(await held()).toEqual(before);
  });
});
