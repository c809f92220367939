import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AwsCall } from "#lib/aws/sessions.ts";
import type { Tx } from "#lib/db/types.ts";
import { inlinePolicy } from "#lib/desired/context.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { patterns } from "#lib/desired/patterns/catalogue.ts";
import type { AccessPattern } from "#lib/desired/patterns/pattern.ts";
import type { Grant } from "#lib/model/grant.ts";
import { sidPrefix } from "#lib/model/resource-key.ts";
import { rolePath } from "#lib/model/tags.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { onCall } from "./clients.ts";
import { realTiming } from "./deps.ts";
import { checkDrift } from "./drift.ts";
import { expireGrants } from "./expire.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantFor,
  installation,
  mutations,
  newGrantId,
  type World,
  withAgent,
  workload,
  worldSeed,
} from "./testing.ts";
import { approveChange, rollBack } from "./testing-change.ts";
import { queueRepair } from "./testing-drift.ts";
import { everyPattern, patternMaking, played, widestPattern } from "./testing-sample.ts";

let sandbox: RunningSandbox;
let world: World;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
});
afterAll(async () => {
  await world.close();
  await sandbox.close();
});

const ends = "2098-01-01T00:00:00Z";
const later = "2099-06-01T00:00:00Z";

async function ended(runId: string) {
  await executeRun(world.worker("w1"), runId);
  return world.run(runId);
}

/** A live grant of a service account of its own. */
async function live(pattern: string, form: Partial<Grant> = {}): Promise<Grant> {
  const on = workload(withAgent, `changes-${newGrantId()}`);
  const wanted = { workload: on, level: "read" as const, subResource: "in", expiresAt: ends, ...form };
  const estate = await world.estate();
  const grant =
    grantFor(pattern, estate, { target: bucketAway, ...wanted }) ??
    grantFor(pattern, estate, { target: bucketAtHome, ...wanted });
  if (!grant) throw new Error("not possible");
  expect(await ended(await world.approve([grant]))).toMatchObject({ state: "succeeded" });
  return grant;
}

/** The present documents in the sandbox that have statements of the grant, as text of these statements. */
function ownDocuments(grant: Grant): string[] {
  const found: string[] = [];
  const walk = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    if ("Statement" in value && Array.isArray(value.Statement)) {
      const own = value.Statement.filter(({ Sid }: { Sid?: string }) => Sid?.startsWith(sidPrefix(grant.id)));
      if (own.length > 0) found.push(JSON.stringify(own));
    }
    for (const [key, inner] of Object.entries(value)) if (key !== "previous") walk(inner);
  };
  walk(sandbox.state());
  return found;
}

/** How many of this database's sessions wait for a lock. */
async function waiting(db: Tx): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}

const stopped = { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 300 };

/** A change whose last write AWS refuses for ever. */
async function failing(grant: Grant, form: Parameters<typeof approveChange>[2], operation: string) {
  const runId = await approveChange(world, grant.id, form);
  await world.faults({
    errorRate: 1,
    only: { service: operation.includes("Bucket") ? "s3" : "iam", operation },
  });
  await executeRun(world.worker("w", { timing: stopped, sessions: { maxAttempts: 1 } }), runId);
  await world.faults({});
  expect(await world.run(runId)).toMatchObject({ state: "failed" });
  return runId;
}

const withStatements = patternMaking("resource-policy-statements");

describe("a change of a live grant", () => {
  it.each(everyPattern)(
    "%s: renewing moves the end date in every document and changes nothing else",
    async (pattern) => {
      const grant = await live(pattern);
      const before = JSON.stringify(await world.dump());
      const since = await world.lastCall();
      const run = await ended(await approveChange(world, grant.id, { expiresAt: later }));
      expect(run).toMatchObject({ state: "succeeded", error: null });
      const changed = mutations(await world.calls(since));
      expect(new Set(changed.map((name) => /^Put(Role|Bucket)Policy$/.test(name)))).toEqual(new Set([true]));
      expect(before).toContain(ends);
      expect(await world.dump()).toEqual(JSON.parse(before.replaceAll(ends, later)));
      expect(await world.grant(grant.id)).toMatchObject({ state: "active", changeRunId: null });
      const events = await world.prisma.auditEvent.findMany({
        where: { runId: run.id, grantId: grant.id },
        orderBy: { id: "asc" },
      });
      expect(events.map(({ type }) => type)).toEqual(["grant.verified", "grant.changed"]);
      await ended(await world.revoke(grant.id));
    },
  );

  it.each(played(widestPattern, withStatements))(
    "%s: read → read-write → read, with another prefix on the way, never interrupts what both allow",
    async (pattern) => {
      const empty = await world.dump();
      const grant = await live(pattern);
      const before = await world.dump();
      const documents = ownDocuments(grant).length;
      expect(documents).toBeGreaterThan(0);
      const lost: string[] = [];
      const watching = world.worker("w1", {
        sessions: {
          onCall: (call: AwsCall) => {
            onCall(call);
            const now = ownDocuments(grant);
            if (now.length < documents || now.some((text) => !text.includes("s3:GetObject")))
              lost.push(call.operation);
          },
        },
      });
      await executeRun(watching, await approveChange(world, grant.id, { level: "read-write" }));
      for (const text of ownDocuments(grant)) expect(text).toContain("s3:PutObject");
      await executeRun(watching, await approveChange(world, grant.id, { subResource: "out" }));
      for (const text of ownDocuments(grant)) {
        expect(text).toContain("/out/*");
        expect(text).not.toContain("/in/*");
      }
      const back = await approveChange(world, grant.id, { level: "read", subResource: "in" });
      await executeRun(watching, back);
      expect(lost).toEqual([]);
      expect(await world.run(back)).toMatchObject({ state: "succeeded" });
      for (const text of ownDocuments(grant)) expect(text).not.toContain("s3:PutObject");
      expect(await world.dump()).toEqual(before);
      expect(await ended(await world.revoke(grant.id))).toMatchObject({ state: "succeeded" });
      expect(await world.dump()).toEqual(empty);
    },
  );

  it.each(played(withStatements))(
    "%s: a change that failed leaves the access active, is rolled back to what was before, and can be asked again",
    async (pattern) => {
      const grant = await live(pattern);
      const before = await world.dump();
      const runId = await failing(grant, { level: "read-write", expiresAt: later }, "PutRolePolicy");
      expect(await world.grant(grant.id)).toMatchObject({ state: "active", changeRunId: runId });
      const undo = await rollBack(world, grant.id);
      expect(await ended(undo)).toMatchObject({ state: "succeeded", error: null });
      expect(await world.dump()).toEqual(before);
      expect(await world.grant(grant.id)).toMatchObject({
        state: "active",
        changeRunId: null,
        level: "read",
      });
      const event = await world.prisma.auditEvent.findFirst({
        where: { runId: undo, type: "grant.changed" },
      });
      expect(event?.data).toMatchObject({ change: "roll-back" });
      // The run of the change that was undone has no say any more.
      await world.prisma.run.update({ where: { id: runId }, data: { state: "queued" } });
      const since = await world.lastCall();
      expect(await ended(runId)).toMatchObject({ state: "failed", error: { code: "Superseded" } });
      expect(mutations(await world.calls(since))).toEqual([]);
      expect((await world.grant(grant.id)).state).toBe("active");
      const again = await approveChange(world, grant.id, { level: "read-write", expiresAt: later });
      expect(await ended(again)).toMatchObject({ state: "succeeded" });
      await ended(await world.revoke(grant.id));
    },
  );

  it.each(played(widestPattern))(
    "%s: a worker that is killed after every change is replaced by one that converges",
    async (pattern) => {
      const grant = await live(pattern);
      const before = JSON.stringify(await world.dump());
      const runId = await approveChange(world, grant.id, { expiresAt: later });
      for (let deaths = 0; deaths < 10; deaths += 1) {
        let gone = false;
        const dying = world.worker(`w${deaths}`, {
          timing: { now: () => (gone ? Number.POSITIVE_INFINITY : realTiming.now()) },
          sessions: {
            onCall: (call: AwsCall) => {
              onCall(call);
              if (!/^(Get|List|Describe|Head|Assume)/.test(call.operation)) gone = true;
            },
          },
        });
        if ((await executeRun(dying, runId)) === "ended") break;
        expect((await world.grant(grant.id)).state).toBe("active");
        await world.abandon(runId);
      }
      expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
      expect(await world.dump()).toEqual(JSON.parse(before.replaceAll(ends, later)));
      await ended(await world.revoke(grant.id));
    },
  );
});

const [anyPattern = ""] = everyPattern;

/** Of all roles of this installation, by somebody else. */
function takeOffBoundaries() {
  for (const account of Object.values(sandbox.state().accounts))
    for (const role of Object.values(account.roles))
      if (role.path === rolePath(installation)) role.boundaryArn = null;
}

describe("what comes in between", () => {
  it.each(played(widestPattern))(
    "%s: boundaries that somebody took off keep neither a change nor a revocation from its end",
    async (pattern) => {
      const empty = await world.dump();
      const grant = await live(pattern);
      takeOffBoundaries();
      const change = await ended(await approveChange(world, grant.id, { level: "read-write" }));
      expect(change).toMatchObject({ state: "succeeded", error: null });
      takeOffBoundaries();
      const revocation = await ended(await world.revoke(grant.id));
      expect(revocation).toMatchObject({ state: "succeeded", error: null });
      expect(await world.dump()).toEqual(empty);
    },
  );

  it("a revocation before the change began: the run changes nothing, and nothing is left", async () => {
    const empty = await world.dump();
    const grant = await live(anyPattern);
    const runId = await approveChange(world, grant.id, { level: "read-write" });
    const revocation = await world.revoke(grant.id);
    const since = await world.lastCall();
    expect(await ended(runId)).toMatchObject({ state: "failed", error: { code: "NotWanted" } });
    expect(mutations(await world.calls(since))).toEqual([]);
    expect(await ended(revocation)).toMatchObject({ state: "succeeded" });
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked", changeRunId: null });
    expect(await world.dump()).toEqual(empty);
  });

  it("a revocation of what a change left halfway takes both forms away", async () => {
    const empty = await world.dump();
    const grant = await live(anyPattern);
    await failing(grant, { level: "read-write", subResource: "out" }, "PutRolePolicy");
    expect(await ended(await world.revoke(grant.id))).toMatchObject({ state: "succeeded" });
    expect(await world.dump()).toEqual(empty);
  });

  it("a renewal that is approved while somebody expires the access wins, and its own end date ends it", async () => {
    const grant = await live(anyPattern);
    const { prisma } = world;
    const past = new Date(Date.now() - 60_000);
    await prisma.grant.update({ where: { id: grant.id }, data: { expiresAt: past } });
    let expiring: Promise<string[]> | undefined;
    await prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "Grant" WHERE "id" = ${grant.id} FOR UPDATE`;
      expiring = expireGrants(world.worker("w"));
      // It has found the grant due and waits for the row that the approval holds.
      await expect.poll(() => waiting(tx), { timeout: 4_000 }).toBe(1);
      await tx.grant.update({ where: { id: grant.id }, data: { expiresAt: new Date(later) } });
    });
    expect(await expiring).toEqual([]);
    expect(await world.grant(grant.id)).toMatchObject({ state: "active", wanted: true });

    const runId = await approveChange(world, grant.id, { expiresAt: later });
    await prisma.grant.update({ where: { id: grant.id }, data: { expiresAt: past } });
    expect(await expireGrants(world.worker("w"))).toEqual([grant.id]);
    expect(await ended(runId)).toMatchObject({ state: "failed", error: { code: "NotWanted" } });
    const expiry = await prisma.run.findFirstOrThrow({
      where: { grantIds: { has: grant.id }, kind: "revoke" },
    });
    expect(await ended(expiry.id)).toMatchObject({ state: "succeeded" });
    expect((await world.grant(grant.id)).state).toBe("revoked");
  });

  it("an open request for a change lapses when the end date comes", async () => {
    const grant = await live(anyPattern);
    const { requestId, ownerId } = await world.grant(grant.id);
    const { id } = await world.prisma.request.create({
      data: {
        kind: "renew",
        grantId: grant.id,
        baseRequestId: requestId,
        requesterId: ownerId,
        title: "test",
        clusterAccountId: accountA.id,
        clusterRegion: "eu-west-1",
        clusterName: "main",
        namespace: "pay",
        serviceAccount: "api",
        idempotencyKey: grant.id,
      },
    });
    const past = new Date(Date.now() - 60_000);
    await world.prisma.grant.update({ where: { id: grant.id }, data: { expiresAt: past } });
    await expireGrants(world.worker("w"));
    expect(await world.prisma.request.findUniqueOrThrow({ where: { id } })).toMatchObject({
      state: "lapsed",
    });
    expect(await world.prisma.auditEvent.count({ where: { requestId: id, type: "request.lapsed" } })).toBe(1);
    const expiry = await world.prisma.run.findFirstOrThrow({
      where: { grantIds: { has: grant.id }, kind: "revoke" },
    });
    await ended(expiry.id);
  });

  it.each([
    { what: "whose run is not the one of its change", change: { changeRunId: null }, code: "NotWanted" },
    { what: "with another form than was approved", change: { spec: {} }, code: "DigestChanged" },
  ])("a live grant $what is not touched", async ({ change, code }) => {
    const grant = await live(anyPattern);
    const runId = await approveChange(world, grant.id, { level: "read-write" });
    const { spec } = await world.grant(grant.id);
    const forged = "spec" in change ? { spec: { ...(spec as object), level: "write" } } : change;
    await world.prisma.grant.update({ where: { id: grant.id }, data: forged });
    const since = await world.lastCall();
    expect(await ended(runId)).toMatchObject({ state: "failed", error: { code } });
    expect(mutations(await world.calls(since))).toEqual([]);
    expect((await world.grant(grant.id)).state).toBe("active");
    await ended(await world.revoke(grant.id));
  });
});

describe("a pattern whose forms have different resources", () => {
  /** Writing has a policy of its own; nothing in lib/worker was written for it. */
  const split: AccessPattern = {
    id: "split",
    title: "Split",
    summary: "For this test",
    identities: () => [{ kind: "home-role", accountId: null }],
    objections: () => [],
    facts: () => [],
    attach(grant, context) {
      const policy = (name: string, Action: string) =>
        inlinePolicy(
          context,
          { accountId: context.home.id, purpose: "home" },
          {
            name: `${name}-${grant.id}`,
            statements: [{ Sid: name, Effect: "Allow", Action, Resource: `${grant.target.arn}/*` }],
            owners: [grant.id],
          },
        );
      const reads = grant.level === "write" ? [] : [policy("reads", "s3:GetObject")];
      return grant.level === "read" ? reads : [...reads, policy("writes", "s3:PutObject")];
    },
    profile: () => null,
  };
  const table = { ...patterns, [split.id]: split };
  const compile = (...[grants, estate]: Parameters<typeof desiredResources>) =>
    desiredResources(grants, estate, table);

  async function liveSplit() {
    const wanted = { workload: workload(withAgent, `split-${newGrantId()}`), target: bucketAtHome };
    const grant = grantFor(split.id, await world.estate(), { ...wanted, level: "read" }, table);
    if (!grant) throw new Error("no grant");
    const deps = world.worker("w", { compile });
    await executeRun(deps, await world.approve([grant], compile));
    return { grant, deps };
  }

  it("gets what the new form has before it loses what only the old one had", async () => {
    const { grant, deps } = await liveSplit();
    const before = await world.dump();
    const since = await world.lastCall();
    const runId = await approveChange(world, grant.id, { level: "write" }, compile);
    await executeRun(deps, runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    expect(mutations(await world.calls(since))).toEqual(["PutRolePolicy", "DeleteRolePolicy"]);
    expect(JSON.stringify(await world.dump())).not.toContain(`reads-${grant.id}`);
    await executeRun(deps, await approveChange(world, grant.id, { level: "read" }, compile));
    expect(await world.dump()).toEqual(before);
    await executeRun(deps, await world.revoke(grant.id));
  });

  it("is taken back whole when a change of it stopped halfway", async () => {
    const empty = await world.dump();
    const { grant, deps } = await liveSplit();
    const runId = await approveChange(world, grant.id, { level: "write" }, compile);
    await world.faults({ errorRate: 1, only: { service: "iam", operation: "DeleteRolePolicy" } });
    await executeRun(world.worker("w", { compile, timing: stopped, sessions: { maxAttempts: 1 } }), runId);
    await world.faults({});
    expect(await world.run(runId)).toMatchObject({ state: "failed" });
    const halfway = JSON.stringify(await world.dump());
    expect(halfway).toContain(`reads-${grant.id}`);
    expect(halfway).toContain(`writes-${grant.id}`);
    const revocation = await world.revoke(grant.id);
    await executeRun(deps, revocation);
    expect(await world.run(revocation)).toMatchObject({ state: "succeeded" });
    expect(await world.dump()).toEqual(empty);
  });

  it("has nothing of somebody else on its role while a change of it is halfway, for the role's other grants either", async () => {
    const { grant, deps } = await liveSplit();
    const other = { ...grant, id: newGrantId(), subResource: "other" };
    await executeRun(deps, await world.approve([other], compile));
    const runId = await approveChange(world, grant.id, { level: "write" }, compile);
    await world.faults({ errorRate: 1, only: { service: "iam", operation: "DeleteRolePolicy" } });
    await executeRun(world.worker("w", { compile, timing: stopped, sessions: { maxAttempts: 1 } }), runId);
    await world.faults({});
    await checkDrift(deps, grant.workload);
    for (const { id } of [grant, other])
      expect(await world.grant(id)).toMatchObject({ state: "active", drift: null });
    const since = await world.lastCall();
    const repair = await queueRepair(world, other.id);
    await executeRun(deps, repair);
    expect(mutations(await world.calls(since))).toEqual([]);
    for (const { id } of [grant, other]) await executeRun(deps, await world.revoke(id));
  });
});
