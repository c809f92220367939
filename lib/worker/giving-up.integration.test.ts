import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadActor } from "#lib/db/people.ts";
import type { Account } from "#lib/model/account.ts";
import { leftBehindSchema } from "#lib/model/giving-up.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { giveUpRevocation } from "#lib/usecases/give-up-revocation.ts";
import { randomIds } from "#lib/usecases/web-deps.ts";
import { realTiming } from "./deps.ts";
import { retryRevocations } from "./expire.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantFor,
  installation,
  newGrantId,
  type World,
  withoutAgent,
  workload,
} from "./testing.ts";
import { approveChange } from "./testing-change.ts";
import { type DriftWorld, driftWorld, tamperedSeed } from "./testing-drift.ts";

/** An account that can't be entered any more, and access of which something is there. */

let sandbox: RunningSandbox;
let world: World;
let drift: DriftWorld;
let admin: Actor;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: tamperedSeed() });
  world = await createWorld(sandbox);
  drift = driftWorld(world, sandbox.url);
  const data = { issuer: "test", subject: "admin", email: "admin@example.com", name: "Admin" };
  const { id } = await world.prisma.person.create({ data: { ...data, roles: ["admin"] } });
  const actor = await loadActor(world.prisma, id);
  if (!actor) throw new Error("no admin");
  admin = actor;
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

/** A denial that may pass by itself is waited for half a minute otherwise. */
const hurried = {
  timing: { random: () => 0, sleep: () => realTiming.sleep(1), stepDeadlineMs: 300 },
  sessions: { maxAttempts: 1 },
};

/** @returns what opens it again */
function close({ id, provisionerRoleArn }: Account): () => void {
  const roles = sandbox.state().accounts[id]?.roles ?? {};
  const name = provisionerRoleArn.split("/").at(-1) ?? "";
  const { [name]: role } = roles;
  if (!role) throw new Error("no provisioner");
  delete roles[name];
  return () => {
    roles[name] = role;
  };
}

async function wanted(pattern: string, target: Grant["target"], more: Partial<Grant> = {}): Promise<Grant> {
  const about = { workload: workload(withoutAgent), target, ...more };
  const grant = grantFor(pattern, await world.estate(), about);
  if (!grant) throw new Error("no grant");
  return grant;
}

async function ended(runId: string) {
  await executeRun(world.worker("w", hurried), runId);
  return world.run(runId);
}

const provided = async (grant: Grant) => ended(await world.approve([grant]));

/** Tried as often as it takes until it may be given up. @returns the run */
async function failedRevocation(grant: Grant, beside: string[] = []): Promise<string> {
  const runId = await world.revoke(grant.id);
  expect(await ended(runId)).toMatchObject({ state: "failed" });
  for (const _ of ["second", "third"]) {
    expect(await retryRevocations(world.worker("w"), 0)).toEqual([...beside, runId]);
    for (const id of [...beside, runId]) expect(await ended(id)).toMatchObject({ state: "failed" });
  }
  return runId;
}

function giveUp(runId: string, confirmation: string) {
  const deps = { prisma: world.prisma, now: () => new Date(), installation, ids: randomIds };
  return giveUpRevocation(deps, admin, { runId, reason: "The account was closed.", confirmation });
}

const leftOf = async ({ id }: Grant) =>
  leftBehindSchema.parse((await world.grant(id)).leftBehind).map(({ accountId, key }) => [accountId, key]);

/** The keys of what is ours in AWS. */
async function ours(): Promise<string[]> {
  const accounts = (await world.dump()) as Record<string, { roles: object }>;
  return Object.values(accounts).flatMap(({ roles }) =>
    Object.keys(roles).filter((arn) => arn.includes(":role/drawbridge/")),
  );
}

describe("a revocation that is given up", () => {
  it("names all that is left, ended what could be, and is not tried again until the access is revoked once more", async () => {
    const before = await world.dump();
    const grant = await wanted("resource-policy", bucketAway);
    await provided(grant);
    const [role = ""] = await ours();
    const open = close(accountB);
    const runId = await failedRevocation(grant);
    expect(await giveUp(runId, `${accountA.id} ${accountB.id}`)).toMatchObject({ ok: true });

    const provider = `arn:aws:iam::${accountA.id}:oidc-provider/${withoutAgent.issuer}`;
    expect(await leftOf(grant)).toEqual([
      [accountA.id, provider],
      // Empty by now; the policy in the account that can't be entered still names it.
      [accountA.id, role],
      [accountB.id, `${bucketAway.arn}#statements/Drawbridge${grant.id}`],
    ]);
    const { inline } = Object.values(sandbox.state().accounts[accountA.id]?.roles ?? {}).find(({ path }) =>
      path.startsWith("/drawbridge/"),
    ) ?? { inline: null };
    expect(inline).toEqual({});
    expect(await world.grant(grant.id)).toMatchObject({ state: "given_up", wanted: false, revokedAt: null });
    expect(await world.run(runId)).toMatchObject({ state: "failed" });
    expect(await retryRevocations(world.worker("w"), 0)).toEqual([]);

    open();
    expect(await ended(await world.revoke(grant.id))).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(await world.dump()).toEqual(before);
  });

  it("leaves the service account free for another identity, beside which it can be revoked once more", async () => {
    const before = await world.dump();
    const away = await wanted("oidc-federation", bucketAway);
    await provided(away);
    const open = close(accountB);
    expect(await giveUp(await failedRevocation(away), accountB.id)).toMatchObject({ ok: true });
    const home = await wanted("irsa", bucketAtHome);
    expect(home.identity).not.toEqual(away.identity);
    expect(await provided(home)).toMatchObject({ state: "succeeded", error: null });

    open();
    expect(await ended(await world.revoke(away.id))).toMatchObject({ state: "succeeded", error: null });
    await drift.check(home);
    expect(await drift.kindsOf(home)).toEqual([]);
    expect(await ended(await world.revoke(home.id))).toMatchObject({ state: "succeeded", error: null });
    expect(await world.dump()).toEqual(before);
  });

  it("leaves what is nobody's: the drift of what shares its role, which a repair mends", async () => {
    const grant = await wanted("irsa", bucketAtHome);
    const other = { ...grant, id: newGrantId(), subResource: "exports" };
    for (const one of [grant, other]) await provided(one);
    const open = close(accountA);
    expect(await giveUp(await failedRevocation(grant), accountA.id)).toMatchObject({ ok: true });
    open();
    await drift.check(other);
    expect(await drift.kindsOf(other)).toEqual(["policy.foreign"]);
    expect(await ended(await drift.queueRepair(other))).toMatchObject({ state: "succeeded", error: null });
    await drift.check(other);
    expect(await drift.kindsOf(other)).toEqual([]);
  });

  it("keeps others from what it left on their role until that is gone", async () => {
    const grant = await wanted("irsa", bucketAtHome);
    await provided(grant);
    const open = close(accountA);
    expect(await giveUp(await failedRevocation(grant), accountA.id)).toMatchObject({ ok: true });
    open();
    const next = { ...grant, id: newGrantId(), subResource: "exports" };
    const runId = await world.approve([next]);
    expect(await ended(runId)).toMatchObject({ state: "failed", error: { code: "role.foreign-policies" } });
    expect(await ended(await world.revoke(grant.id))).toMatchObject({ state: "succeeded", error: null });
    await world.prisma.run.update({ where: { id: runId }, data: { state: "queued" } });
    expect(await ended(runId)).toMatchObject({ state: "succeeded", error: null });
  });

  it("is taken up by the run of its second revocation alone, and only what that one is about", async () => {
    const grant = await wanted("irsa", bucketAtHome);
    const other = { ...grant, id: newGrantId(), subResource: "exports" };
    await ended(await world.approve([grant, other]));
    close(accountA);
    const grantIds = [grant.id, other.id];
    const first = await world.revoke(...grantIds);
    await ended(first);
    for (const _ of ["second", "third"]) {
      await retryRevocations(world.worker("w"), 0);
      await ended(first);
    }
    expect(await giveUp(first, accountA.id)).toMatchObject({ ok: true, value: { grantIds } });
    const second = await world.revoke(grant.id);
    expect(await ended(second)).toMatchObject({ state: "failed" });
    expect(await world.grant(grant.id)).toMatchObject({ state: "failed" });
    // Its own has failed once.
    expect(await giveUp(first, accountA.id)).toMatchObject({ ok: false, refusals: [{ code: "conflict" }] });
    expect(await retryRevocations(world.worker("w"), 0)).toEqual([second]);
    expect(await world.run(first)).toMatchObject({ state: "failed" });
  });

  it("can be revoked once more beside another identity, also where a change of it had failed", async () => {
    const before = await world.dump();
    const away = await wanted("oidc-federation", bucketAway);
    await provided(away);
    const open = close(accountB);
    expect(await ended(await approveChange(world, away.id, { level: "read" }))).toMatchObject({
      state: "failed",
    });
    expect(await giveUp(await failedRevocation(away), accountB.id)).toMatchObject({ ok: true });
    const home = await wanted("irsa", bucketAtHome);
    expect(await provided(home)).toMatchObject({ state: "succeeded", error: null });
    open();
    expect(await ended(await world.revoke(away.id))).toMatchObject({ state: "succeeded", error: null });
    expect(await ended(await world.revoke(home.id))).toMatchObject({ state: "succeeded", error: null });
    expect(await world.dump()).toEqual(before);
  });

  it("keeps no other access, of which the same run is about, from being shown as revoked", async () => {
    const home = await wanted("irsa", bucketAtHome, { workload: workload(withoutAgent, "other") });
    const away = await wanted("oidc-federation", bucketAway);
    for (const one of [home, away]) await provided(one);
    close(accountB);
    const both = await world.revoke(home.id, away.id);
    expect(await ended(both)).toMatchObject({ state: "failed" });
    const own = await failedRevocation(away, [both]);
    expect(await giveUp(own, accountB.id)).toMatchObject({ ok: true });
    expect(await retryRevocations(world.worker("w"), 0)).toEqual([both]);
    expect(await ended(both)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(home.id)).toMatchObject({ state: "revoked" });
    expect(await world.grant(away.id)).toMatchObject({ state: "given_up" });
  });

  it("can be revoked once more after its cluster was unregistered and made anew", async () => {
    const before = await world.dump();
    const grant = await wanted("irsa", bucketAtHome);
    await provided(grant);
    const open = close(accountA);
    expect(await giveUp(await failedRevocation(grant), accountA.id)).toMatchObject({ ok: true });
    const { accountId, region, name } = withoutAgent;
    const at = { accountId, region, name };
    await world.prisma.cluster.delete({ where: { accountId_region_name: at } });
    open();
    const revocation = await world.revoke(grant.id);
    expect(await ended(revocation)).toMatchObject({ state: "failed", error: { code: "DesiredState" } });
    const issuer = withoutAgent.issuer?.replace(/.$/, (last) => (last === "A" ? "B" : "A")) ?? null;
    await world.prisma.cluster.create({ data: { ...withoutAgent, issuer, status: "ACTIVE" } });
    expect(await retryRevocations(world.worker("w"), 0)).toEqual([revocation]);
    expect(await ended(revocation)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.dump()).toEqual(before);
  });

  it("leaves no role behind when the last access beside it is revoked", async () => {
    const grant = await wanted("irsa", bucketAtHome);
    const other = { ...grant, id: newGrantId(), subResource: "exports" };
    for (const one of [grant, other]) await provided(one);
    const open = close(accountA);
    expect(await giveUp(await failedRevocation(grant), accountA.id)).toMatchObject({ ok: true });
    open();
    expect(await ended(await world.revoke(other.id))).toMatchObject({ state: "succeeded", error: null });
    expect(await ours()).toEqual([]);
    expect(await ended(await world.revoke(grant.id))).toMatchObject({ state: "succeeded", error: null });
  });

  it("is not given up while it is tried, nor tried when it was given up a moment before", async () => {
    const grant = await wanted("irsa", bucketAtHome);
    await provided(grant);
    close(accountA);
    const runId = await failedRevocation(grant);
    await retryRevocations(world.worker("w"), 0);
    expect(await giveUp(runId, accountA.id)).toMatchObject({ ok: false, refusals: [{ code: "conflict" }] });
    await ended(runId);
    const waiting = async () => {
      const [row] = await world.prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      return row?.count;
    };
    // Both are begun before either can write: who gives up comes first.
    const [given, tried] = await world.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "Run" WHERE "id" = ${runId}::uuid FOR UPDATE`;
      const giving = giveUp(runId, accountA.id);
      await expect.poll(waiting).toBe(1);
      const trying = retryRevocations(world.worker("w"), 0);
      await expect.poll(waiting).toBe(2);
      return [giving, trying] as const;
    });
    expect([await given, await tried]).toMatchObject([{ ok: true }, []]);
    expect(await world.run(runId)).toMatchObject({ state: "failed" });
    expect(await world.grant(grant.id)).toMatchObject({ state: "given_up" });
  });
});
