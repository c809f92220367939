import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadActor } from "#lib/db/people.ts";
import { notAsHistoryTells } from "#lib/db/testing-replay.ts";
import { asRoles, type RoleDatabases } from "#lib/db/testing-roles.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { retryRun } from "#lib/usecases/retry-run.ts";
import { reviewRequest } from "#lib/usecases/review-request.ts";
import { reviseRequest } from "#lib/usecases/revise-request.ts";
import { revokeGrant } from "#lib/usecases/revoke-grant.ts";
import { type SubmittedRequest, submitRequest } from "#lib/usecases/submit-request.ts";
import { withdrawRequest } from "#lib/usecases/withdraw-request.ts";
import { realTiming } from "./deps.ts";
import { expireGrants, retryRevocations } from "./expire.ts";
import { createLocks } from "./locks.ts";
import { runPreflight } from "./preflight.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAway,
  createWorld,
  installation,
  newGrantId,
  type World,
  withAgent,
  workload,
  worldSeed,
} from "./testing.ts";

/**
 * Requests, grants and runs by the product's own hands, web and worker, each with the rights of its role in the
 * database: history alone gives their states.
 */

let sandbox: RunningSandbox;
let world: World;
let roles: RoleDatabases;
let dev: Actor;
let owner: Actor;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
  roles = await asRoles(world.db);
  dev = await person("asks", []);
  owner = await person("owns", [...new Set([accountA.ownerGroup, accountB.ownerGroup])]);
});
afterAll(async () => {
  await roles.drop();
  await world.close();
  await sandbox.close();
});

async function person(name: string, groups: string[]): Promise<Actor> {
  const memberships = { create: groups.map((groupName) => ({ groupName })) };
  const { id } = await world.prisma.person.create({
    data: { issuer: "test", subject: name, email: `${name}@example.com`, name, memberships },
  });
  const actor = await loadActor(world.prisma, id);
  if (!actor) throw new Error("no actor");
  return actor;
}

const deps = () => ({
  prisma: roles.web.prisma,
  installation,
  now: () => new Date(),
  ids: { grant: newGrantId, correlation: randomUUID, externalId: randomUUID },
});

/** A worker with the rights that it has in production. */
function worker(options: Parameters<World["worker"]>[1] = {}) {
  const { prisma, pool } = roles.worker;
  return { ...world.worker("w", options), prisma, locks: createLocks(pool) };
}

function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusals));
  return outcome.value;
}

/** So many days from now, at midnight. */
const inDays = (days: number) =>
  `${new Date(Date.now() + days * 24 * 3_600_000).toISOString().slice(0, 10)}T00:00:00Z`;

const form = (serviceAccount: string, changes: object = {}) => ({
  workload: workload(withAgent, serviceAccount),
  grants: [
    {
      ...{ target: bucketAway, level: "read", subResource: null, pattern: "auto" },
      ...{ expiresAt: inDays(30), ...changes },
    },
  ],
  reason: "A test needs it.",
});

async function submit(serviceAccount: string, more: object = {}, changes: object = {}) {
  const input = { ...form(serviceAccount, changes), ...more, idempotencyKey: randomUUID() };
  const request = must(await submitRequest(deps(), dev, input));
  await runPreflight(worker(), request.id, request.version);
  return request;
}

async function decide({ number, version, digest }: Omit<SubmittedRequest, "id">, decision: string) {
  const row = await world.prisma.account.findUniqueOrThrow({ where: { id: accountB.id } });
  const words = { decision, comment: "So it is.", confirmation: row.name };
  return must(await reviewRequest(deps(), owner, { number, version, digest, ...words }));
}

async function asHistoryTells(): Promise<void> {
  expect(await notAsHistoryTells(world.prisma)).toEqual([]);
}

/** A worker with whom every call of one kind fails. */
async function failing(operation: string, runId: string): Promise<void> {
  await world.faults({ errorRate: 1, only: { service: "iam", operation } });
  const timing = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 200 };
  await executeRun(worker({ timing, sessions: { maxAttempts: 1 } }), runId);
  await world.faults({});
  expect(await world.run(runId)).toMatchObject({ state: "failed" });
}

async function queuedRun(requestId: string): Promise<string> {
  const run = await world.prisma.run.findFirstOrThrow({ where: { requestId, state: "queued" } });
  return run.id;
}

async function grantOf(requestId: string) {
  return world.prisma.grant.findFirstOrThrow({ where: { requestId } });
}

async function provided(serviceAccount: string) {
  const request = await submit(serviceAccount);
  await decide(request, "approve");
  await executeRun(worker(), await queuedRun(request.id));
  const grant = await grantOf(request.id);
  expect(grant.state).toBe("active");
  return grant;
}

it("tells of requests that are withdrawn, rejected, sent back, revised and approved", async () => {
  const withdrawn = await submit("withdrawn");
  must(await withdrawRequest(deps(), dev, { number: withdrawn.number }));
  await decide(await submit("rejected"), "reject");
  const request = await submit("revised");
  await decide(request, "request_changes");
  await asHistoryTells();
  const { number, version } = request;
  const revised = must(
    await reviseRequest(deps(), dev, { ...form("revised", { subResource: "in" }), number, version }),
  );
  await asHistoryTells();
  await runPreflight(worker(), request.id, revised.version);
  await decide(revised, "approve");
  await asHistoryTells();
});

it("tells of runs that fail and are tried again, at every point", async () => {
  const request = await submit("retried");
  await decide(request, "approve");
  const runId = await queuedRun(request.id);
  await failing("CreateRole", runId);
  await asHistoryTells();
  must(await retryRun(deps(), dev, { runId }));
  await asHistoryTells();
  await executeRun(worker(), runId);
  expect(await grantOf(request.id)).toMatchObject({ state: "active" });
  await asHistoryTells();

  const grant = await grantOf(request.id);
  const { runId: revocation } = must(
    await revokeGrant(deps(), dev, { grantId: grant.id, reason: "No longer needed." }),
  );
  await asHistoryTells();
  await failing("DeleteRole", revocation);
  await asHistoryTells();
  expect(await retryRevocations(worker(), 0)).toEqual([revocation]);
  await failing("DeleteRole", revocation);
  must(await retryRun(deps(), owner, { runId: revocation }));
  await asHistoryTells();
  await executeRun(worker(), revocation);
  expect(await grantOf(request.id)).toMatchObject({ state: "revoked" });
  await asHistoryTells();
});

it("tells of access that is changed, and of a change that lapses when the access ends", async () => {
  const grant = await provided("changed");
  const { pattern } = grant;
  const wider = await submit("changed", { grantId: grant.id }, { level: "read-write", pattern });
  await decide(wider, "approve");
  await asHistoryTells();
  await executeRun(worker(), await queuedRun(wider.id));
  await submit("changed", { grantId: grant.id }, { level: "read-write", pattern, expiresAt: inDays(60) });
  await world.prisma.grant.update({ where: { id: grant.id }, data: { expiresAt: new Date(0) } });
  expect(await expireGrants(worker())).toEqual([grant.id]);
  await asHistoryTells();
  const run = await world.prisma.run.findFirstOrThrow({ where: { state: "queued", kind: "revoke" } });
  await executeRun(worker(), run.id);
  await asHistoryTells();
  const states = await world.prisma.request.groupBy({ by: ["state"], orderBy: { state: "asc" } });
  expect(states.map(({ state }) => state)).toEqual(["approved", "lapsed", "rejected", "withdrawn"]);
});

it("shows a state that was changed past it", async () => {
  await world.prisma.grant.updateMany({ where: { state: "revoked" }, data: { state: "active" } });
  const found = await notAsHistoryTells(world.prisma);
  expect(found.length).toBeGreaterThan(0);
  for (const one of found) expect(one).toMatch(/^grant \w+ is active, and by history revoked$/);
});
