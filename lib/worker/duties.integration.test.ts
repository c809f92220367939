import { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { region } from "#lib/aws/testing/estate.ts";
import { subscribe } from "#lib/db/notify.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { createAnchors } from "./anchors.ts";
import { expireGrants, retryRevocations } from "./expire.ts";
import { runsToTake } from "./lease.ts";
import { runPreflight } from "./preflight.ts";
import { executeRun } from "./run.ts";
import { accountsToSync, sync } from "./sync.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  mutations,
  newGrantId,
  targets,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";
import { startWorker } from "./worker.ts";

let sandbox: RunningSandbox;
let world: World;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

async function activeGrant(serviceAccount = "loader") {
  const wanted = { workload: workload(withAgent, serviceAccount), target: bucketAtHome };
  const grant = grantWith("role", await world.estate(), wanted);
  await executeRun(world.worker("w"), await world.approve([grant]));
  return grant;
}

describe("expiry", () => {
  it("takes back what is over, once, and nothing else", async () => {
    const before = await world.dump();
    const grant = await activeGrant();
    const deps = world.worker("w");
    expect(await expireGrants(deps)).toEqual([]);
    await world.prisma.grant.update({
      where: { id: grant.id },
      data: { expiresAt: new Date(Date.now() - 1000) },
    });
    const both = await Promise.all([expireGrants(deps), expireGrants(world.worker("w2"))]);
    expect(both.flat()).toEqual([grant.id]);
    const [run] = await world.prisma.run.findMany({ where: { kind: "revoke" } });
    expect(run).toMatchObject({ state: "queued", authorisation: { basis: "expiry" } });
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoking", wanted: false });
    await executeRun(deps, run?.id ?? "");
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(await world.dump()).toEqual(before);
  });

  it("of an access on its way holds up none of the others of its approval", async () => {
    const estate = await world.estate();
    const expiresAt = new Date(Date.now() - 1_000).toISOString().replace(/\.\d+Z$/, "Z");
    const pod = { workload: workload(withAgent) };
    const over = grantWith("role", estate, { ...pod, target: bucketAtHome, expiresAt });
    const other = { ...over, id: newGrantId(), level: "read" as const, expiresAt: null };
    const runId = await world.approve([over, other]);
    await world.prisma.grant.updateMany({ data: { state: "provisioning" } });
    expect(await expireGrants(world.worker("w"))).toEqual([over.id]);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(other.id)).toMatchObject({ state: "active" });
  });

  it("of an access on its way holds up none of the others, also where the run meets it first", async () => {
    const estate = await world.estate();
    const expiresAt = new Date(Date.now() - 1_000).toISOString().replace(/\.\d+Z$/, "Z");
    const pod = { workload: workload(withAgent), target: bucketAtHome };
    const over = grantWith("role", estate, { ...pod, expiresAt });
    const other = { ...over, id: newGrantId(), level: "read" as const, expiresAt: null };
    const runId = await world.approve([over, other]);
    expect(await executeRun(world.worker("w"), runId)).toBe("left");
    await world.abandon(runId);
    expect(await executeRun(world.worker("w"), runId)).toBe("ended");
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(other.id)).toMatchObject({ state: "active" });
    expect(await world.grant(over.id)).toMatchObject({ state: "revoking", wanted: false });
  });

  it("tries a revocation that failed again, for as long as it takes", async () => {
    const grant = await activeGrant();
    const revocation = await world.revoke(grant.id);
    await world.faults({ errorRate: 1, only: { service: "iam", operation: "DeleteRole" } });
    const timing = { sleep: async () => {}, stepDeadlineMs: 0 };
    await executeRun(world.worker("w", { timing, sessions: { maxAttempts: 1 } }), revocation);
    expect(await world.run(revocation)).toMatchObject({ state: "failed" });
    expect(await world.grant(grant.id)).toMatchObject({ state: "failed", wanted: false });
    await world.faults({});
    expect(await retryRevocations(world.worker("w"))).toEqual([]);
    expect(await retryRevocations(world.worker("w"), 0)).toEqual([revocation]);
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
  });

  it.each([
    { failures: 1, afterMinutes: 5 },
    { failures: 3, afterMinutes: 5 },
    { failures: 4, afterMinutes: 10 },
    { failures: 6, afterMinutes: 40 },
    { failures: 7, afterMinutes: 60 },
    { failures: 1100, afterMinutes: 60 },
  ])(
    "tries one that failed $failures times again after $afterMinutes minutes",
    async ({ failures, afterMinutes }) => {
      const grant = await activeGrant();
      const runId = await world.revoke(grant.id);
      await world.prisma.grant.update({ where: { id: grant.id }, data: { state: "failed" } });
      const { requestId } = await world.grant(grant.id);
      for (let time = 0; time < failures; time += 1)
        await world.tell(
          { requestId, runId },
          { type: "run.failed", data: { kind: "revoke", cause: "Closed." } },
        );
      const ended = (minutes: number) => {
        const finishedAt = new Date(Date.now() - minutes * 60_000);
        return world.prisma.run.update({ where: { id: runId }, data: { state: "failed", finishedAt } });
      };
      await ended(afterMinutes - 0.5);
      expect(await retryRevocations(world.worker("w"))).toEqual([]);
      await ended(afterMinutes + 0.5);
      expect(await retryRevocations(world.worker("w"))).toEqual([runId]);
    },
  );

  describe("where revocations fail again and again, as of an account that was closed", () => {
    async function failing(): Promise<Set<string>> {
      const failed: string[] = [];
      for (const serviceAccount of ["one", "two", "three"]) {
        const wanted = { workload: workload(withAgent, serviceAccount), target: bucketAtHome };
        const grant = grantWith("role", await world.estate(), wanted);
        await world.approve([grant]);
        failed.push(await world.revoke(grant.id));
        await world.prisma.grant.update({ where: { id: grant.id }, data: { state: "failed" } });
      }
      await world.prisma.run.deleteMany({ where: { kind: "provision" } });
      const data = { state: "failed", fence: 1, finishedAt: new Date(0) };
      await world.prisma.run.updateMany({ where: { id: { in: failed } }, data });
      return new Set(failed);
    }

    async function approved(): Promise<string> {
      const wanted = { workload: workload(withAgent), target: bucketAtHome };
      return world.approve([grantWith("role", await world.estate(), wanted)]);
    }

    it("new runs come first", async () => {
      const failed = await failing();
      expect(new Set(await retryRevocations(world.worker("w")))).toEqual(failed);
      const fresh = await approved();
      const [first, ...others] = await runsToTake(world, 9);
      expect(first).toEqual({ id: fresh, again: false });
      expect(new Set(others.map(({ id }) => id))).toEqual(failed);
      expect(others.every(({ again }) => again)).toBe(true);
    });

    it("each gets its turn, also where those that were asked for first fail for minutes each time", async () => {
      const failed = [...(await failing())];
      await retryRevocations(world.worker("w"));
      for (const [at, id] of failed.entries())
        await world.prisma.run.update({ where: { id }, data: { finishedAt: new Date(9_000 - at) } });
      const waiting = await runsToTake(world, 9);
      expect(waiting.map(({ id }) => id)).toEqual(failed.toReversed());
    });

    it("there is always a place for a new run, and they go on meanwhile", async () => {
      await failing();
      await world.faults({ latencyMs: 400 });
      const abort = new AbortController();
      const pool = new Pool({ connectionString: world.db.url, max: 5 });
      const deps = { ...world.worker("w"), stopping: abort.signal };
      const anchors = createAnchors({ log: deps.log });
      const options = { concurrency: 2, pool, driftCheckMinutes: 60, anchors, everyMs: { runs: 50 } };
      const running = () =>
        world.prisma.run.findMany({ where: { state: "running" }, select: { id: true, kind: true } });
      const worker = await startWorker(deps, options, abort);
      try {
        await expect.poll(async () => (await running()).length).toBeGreaterThan(0);
        for (let look = 0; look < 10; look += 1) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          expect((await running()).length).toBeLessThan(2);
        }
        const fresh = await approved();
        await expect.poll(running).toContainEqual({ id: fresh, kind: "provision" });
        const ended = () => world.prisma.run.count({ where: { kind: "revoke", state: "succeeded" } });
        await expect.poll(ended, { timeout: 30_000 }).toBe(3);
      } finally {
        await worker.stop(5_000);
        await pool.end();
      }
    });
  });
});

describe("one that can't be moved", () => {
  /** Whatever is written of it fails, as with a row that somebody keeps locked. */
  const stuck = async (table: "Grant" | "Run", id: string) => {
    await world.prisma.$executeRawUnsafe(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'stuck'; END $$`);
    await world.prisma.$executeRawUnsafe(`CREATE TRIGGER stuck BEFORE UPDATE ON "${table}" FOR EACH ROW
      WHEN (OLD."id"::text = '${id}') EXECUTE FUNCTION refuse()`);
  };

  it("keeps no other grant from being taken back at its end", async () => {
    const [first, second] = [await activeGrant(), await activeGrant("other")];
    for (const [{ id }, ago] of [
      [first, 2000],
      [second, 1000],
    ] as const)
      await world.prisma.grant.update({ where: { id }, data: { expiresAt: new Date(Date.now() - ago) } });
    await stuck("Grant", first.id);
    expect(await expireGrants(world.worker("w"))).toEqual([second.id]);
    expect(await world.grant(first.id)).toMatchObject({ state: "active" });
  });

  it("keeps no other revocation from being tried again", async () => {
    const grants = [await activeGrant(), await activeGrant("other")];
    const revocations: string[] = [];
    for (const { id } of grants) revocations.push(await world.revoke(id));
    await world.prisma.grant.updateMany({ data: { state: "failed" } });
    for (const [at, id] of revocations.entries())
      await world.prisma.run.update({ where: { id }, data: { state: "failed", finishedAt: new Date(at) } });
    await stuck("Run", revocations[0] ?? "");
    expect(await retryRevocations(world.worker("w"), 0)).toEqual([revocations[1]]);
  });
});

describe("preflight", () => {
  async function submitted() {
    const wanted = { workload: workload(withoutAgent), target: bucketAway };
    const grant = grantWith("resource-policy-statements", await world.estate(), wanted);
    const { requestId } = await world.run(await world.approve([grant]));
    // Before the approval there is no grant yet.
    await world.prisma.run.deleteMany({});
    await world.prisma.grant.deleteMany({});
    const version = () =>
      world.prisma.requestVersion.findFirstOrThrow({ where: { requestId: requestId ?? "" } });
    return { requestId: requestId ?? "", version };
  }

  it("looks in AWS, writes down what it found, and changes nothing", async () => {
    const { requestId, version } = await submitted();
    const told: string[] = [];
    const end = await new Promise<() => void>((resolve) => {
      const stop = subscribe(world.db.url, {
        onChange: ({ topic, id }) => told.push(`${topic} ${id}`),
        onResync: () => resolve(() => stop()),
      });
    });
    await runPreflight(world.worker("w"), requestId, 1);
    expect(await version()).toMatchObject({ preflightState: "done", preflightFinishedAt: expect.any(Date) });
    // What was there before it says that the risk was never assessed.
    expect(JSON.stringify((await version()).risk)).not.toContain("unassessed");
    const findings = (await version()).preflightFindings as unknown as PreflightFinding[];
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(mutations(await world.calls())).toEqual([]);
    await expect.poll(() => told).toContain(`request ${requestId}`);
    end();
    const events = await world.prisma.auditEvent.findMany({ where: { type: "preflight.finished" } });
    expect(events).toHaveLength(1);
    await runPreflight(world.worker("w"), requestId, 1);
    expect(await world.prisma.auditEvent.count({ where: { type: "preflight.finished" } })).toBe(1);
  });

  it("never lowers the risk that the request had when it was submitted", async () => {
    const { requestId, version } = await submitted();
    const risk = {
      level: "critical",
      reasons: [{ id: "restricted-written", level: "critical", reason: "It changes restricted data." }],
    };
    await world.prisma.requestVersion.updateMany({ where: { requestId }, data: { risk } });
    await runPreflight(world.worker("w"), requestId, 1);
    expect(await version()).toMatchObject({ preflightState: "done", risk });
  });

  it("says which account can't be reached, and why", async () => {
    const { requestId, version } = await submitted();
    await world.prisma.account.update({
      where: { id: accountB.id },
      data: { externalId: "another-external-id" },
    });
    await runPreflight(world.worker("w"), requestId, 1);
    expect(await version()).toMatchObject({ preflightState: "failed" });
    expect((await version()).preflightFindings).toMatchObject([
      { id: "account.unreachable", severity: "error", accountId: accountB.id, nextStep: expect.any(String) },
    ]);
  });
});

describe("inventory", () => {
  it("reads accounts that are due, and replaces what was known of them", async () => {
    const deps = world.worker("w");
    expect((await accountsToSync(deps)).sort()).toEqual([accountA.id, accountB.id].sort());
    await world.prisma.inventoryItem.create({
      data: {
        arn: "arn:aws:s3:::gone",
        accountId: accountA.id,
        service: "s3",
        name: "gone",
        region: "eu-west-1",
      },
    });
    await world.prisma.cluster.updateMany({
      data: { issuer: null, status: "UNKNOWN", podIdentityAgent: false },
    });
    for (const id of [accountA.id, accountB.id]) expect(await sync(deps, id)).toBe("synced");
    expect(await accountsToSync(deps)).toEqual([]);
    const items = await world.prisma.inventoryItem.findMany({ orderBy: { arn: "asc" } });
    expect(items.map(({ arn }) => arn)).toEqual(
      [...Object.values(targets.home), ...Object.values(targets.away)].sort(),
    );
    const clusters = await world.prisma.cluster.findMany({ orderBy: { name: "asc" } });
    expect(clusters).toMatchObject([
      { name: "edge", issuer: withoutAgent.issuer, status: "ACTIVE", podIdentityAgent: false },
      { name: "main", issuer: withAgent.issuer, status: "ACTIVE", podIdentityAgent: true },
    ]);
    const policy = await world.prisma.observedResource.findUnique({
      where: { key: `${targets.away.s3}#policy` },
    });
    expect(policy?.observed).toMatchObject({ surrounding: { Id: "somebody-elses" } });
    await world.prisma.account.update({ where: { id: accountA.id }, data: { syncRequestedAt: new Date() } });
    expect(await accountsToSync(deps)).toEqual([accountA.id]);
    await sync(deps, accountA.id);
    expect(await accountsToSync(deps)).toEqual([]);
  });

  it("sees what runs made, and leaves rows that a run wrote while it was reading", async () => {
    const deps = world.worker("w");
    const grant = await activeGrant();
    await sync(deps, accountA.id);
    const role = await world.prisma.observedResource.findFirstOrThrow({
      where: { key: { contains: ":role/" } },
    });
    expect(role.observed).toMatchObject({ state: "present", ours: true });
    const since = await world.lastCall();
    await world.faults({ latencyMs: 100 });
    const reading = sync(deps, accountA.id);
    await expect.poll(async () => (await world.calls(since)).length, { interval: 10 }).toBeGreaterThan(0);
    await world.prisma.observedResource.update({
      where: { key: role.key },
      data: { observed: { state: "absent" }, seenAt: new Date() },
    });
    await reading;
    await world.faults({});
    expect(await world.prisma.observedResource.findUnique({ where: { key: role.key } })).toMatchObject({
      observed: { state: "absent" },
    });
    await executeRun(deps, await world.revoke(grant.id));
    await sync(deps, accountA.id);
    expect(await world.prisma.observedResource.count({ where: { key: { contains: ":role/" } } })).toBe(0);
  });

  it("keeps what it knew when the account can't be read, and says so", async () => {
    const deps = world.worker("w");
    await sync(deps, accountB.id);
    await world.prisma.account.update({
      where: { id: accountB.id },
      data: { externalId: "another-external-id" },
    });
    await sync(deps, accountB.id);
    expect(await world.prisma.inventoryItem.count({ where: { accountId: accountB.id } })).toBe(2);
    const account = await world.prisma.account.findUniqueOrThrow({ where: { id: accountB.id } });
    expect(account.syncErrors).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: "access-denied" })]),
    );
  });

  it("keeps what a target's tags said while they can't be read, and forgets targets that are gone all the same", async () => {
    const { buckets, accounts } = sandbox.state();
    const provisioner = accounts[accountB.id]?.roles["drawbridge-provisioner"];
    if (!buckets.reports || !provisioner) throw new Error("nothing there");
    buckets.reports.tags = { "data-classification": "restricted" };
    buckets.gone = { ...buckets.reports, name: "gone" };
    const said = async () => {
      const where = { accountId: accountB.id, service: "s3" };
      const rows = await world.prisma.inventoryItem.findMany({ where, orderBy: { name: "asc" } });
      return rows.map(({ name, classification }) => [name, classification]);
    };
    await sync(world.worker("w"), accountB.id);
    expect(await said()).toEqual([
      ["gone", "restricted"],
      ["reports", "restricted"],
    ]);
    delete buckets.gone;
    const value = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Deny" as const, Action: "s3:GetBucketTagging", Resource: "*" }],
    };
    provisioner.inline.deny = { value, visibleAt: 0, previous: null };
    await sync(world.worker("w"), accountB.id);
    expect(await said()).toEqual([["reports", "restricted"]]);
    const { syncErrors } = await world.prisma.account.findUniqueOrThrow({ where: { id: accountB.id } });
    expect(syncErrors).toMatchObject([{ section: "tags", kind: "access-denied" }]);
    delete provisioner.inline.deny;
    delete buckets.reports.tags;
    await sync(world.worker("w"), accountB.id);
    expect(await said()).toEqual([["reports", null]]);
  });

  it("keeps the key behind a bucket and a cluster's agent while they can't be read", async () => {
    const bucket = sandbox.state().buckets.reports;
    if (!bucket) throw new Error("no bucket");
    const sse = bucket.encryption;
    bucket.encryption = {
      ...sse,
      algorithm: "aws:kms",
      kmsKeyId: `arn:aws:kms:${region}:${accountB.id}:key/k1`,
    };
    const known = async () => {
      const { inventory, clusters } = await world.estate();
      return {
        key: inventory.find(({ arn }) => arn === targets.away.s3)?.encryption,
        agent: clusters.find(({ name }) => name === withAgent.name)?.podIdentityAgent,
      };
    };
    const read = async () => {
      for (const { id } of [accountA, accountB])
        await sync(world.worker("w", { sessions: { maxAttempts: 1 } }), id);
    };
    await read();
    const before = await known();
    expect(before).toEqual({ key: bucket.encryption.kmsKeyId, agent: true });
    for (const only of [
      { service: "s3", operation: "GetBucketEncryption" },
      { service: "eks", operation: "ListAddons" },
      { service: "eks", operation: "DescribeAddon" },
    ]) {
      await world.faults({ errorRate: 1, only });
      await read();
      expect(await known()).toEqual(before);
    }
    await world.faults({});
    bucket.encryption = sse;
    await read();
    expect(await known()).toEqual({ key: null, agent: true });
  });

  it("takes no issuer of a form that it does not know, which would stop every reader of the estate", async () => {
    const cluster = Object.values(sandbox.state().accounts[accountA.id]?.clusters ?? {}).find(
      ({ name }) => name === withAgent.name,
    );
    if (!cluster) throw new Error("no cluster");
    const known = cluster.issuer;
    cluster.issuer = "oidc-eks.eu-west-1.api.aws/id/0123456789ABCDEF";
    await sync(world.worker("w"), accountA.id);
    const { clusters } = await world.estate();
    expect(clusters.find(({ name }) => name === withAgent.name)?.issuer).toBe(withAgent.issuer);
    cluster.issuer = known;
  });

  it("is read by one worker at a time", async () => {
    await world.faults({ latencyMs: 50 });
    const ends = await Promise.all([
      sync(world.worker("a"), accountA.id),
      sync(world.worker("b"), accountA.id),
    ]);
    expect(ends.sort()).toEqual(["elsewhere", "synced"]);
  });
});
