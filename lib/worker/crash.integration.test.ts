import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwsCall } from "#lib/aws/sessions.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { onCall } from "./clients.ts";
import { realTiming } from "./deps.ts";
import { LostLease, takeLease, workersWithRuns } from "./lease.ts";
import { executeRun } from "./run.ts";
import {
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";

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

const changes = ({ operation }: AwsCall) => !/^(Get|List|Describe|Head|Assume)/.test(operation);

/** A worker that is gone right after its nth change in AWS, before it could write down that it was made. */
function dying(name: string, afterChanges: number) {
  let made = 0;
  let gone = false;
  const deps = world.worker(name, {
    timing: { now: () => (gone ? Number.POSITIVE_INFINITY : realTiming.now()) },
    sessions: {
      onCall: (call) => {
        onCall(call);
        if (changes(call)) made += 1;
        if (made >= afterChanges) gone = true;
      },
    },
  });
  return { deps, died: () => gone };
}

/** Dies after each change in turn, until a worker gets through; returns how often one died. */
async function throughCrashes(runId: string): Promise<number> {
  for (let deaths = 0; ; deaths += 1) {
    const { deps, died } = dying(`w${deaths}`, 1);
    const end = await executeRun(deps, runId);
    if (end === "ended") return deaths;
    expect(died()).toBe(true);
    expect((await world.run(runId)).state).toBe("running");
    await world.abandon(runId);
  }
}

describe("a worker that is killed", () => {
  const kinds = ["oidc-provider", "resource-policy-statements", "pod-identity-association"] as const;

  it.each(kinds)("after every change is replaced by one that converges: %s", async (kind) => {
    const target = kind === "oidc-provider" ? bucketAtHome : bucketAway;
    const cluster = kind === "oidc-provider" ? withoutAgent : withAgent;
    const grant = grantWith(kind, await world.estate(), { workload: workload(cluster), target });
    const before = await world.dump();
    // What a run without crashes makes.
    await executeRun(world.worker("w"), await world.approve([grant]));
    const after = await world.dump();
    await executeRun(world.worker("w"), await world.revoke(grant.id));
    expect(await world.dump()).toEqual(before);
    await world.prisma.$executeRaw`UPDATE "Grant" SET "state" = 'revoked' WHERE "id" = ${grant.id}`;

    const again: Grant = { ...grant, id: "crashcrashed" };
    const runId = await world.approve([again]);
    expect(await throughCrashes(runId)).toBeGreaterThanOrEqual(3);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
    expect(await world.grant(again.id)).toMatchObject({ state: "active" });
    const renamed = JSON.stringify(after).replaceAll(grant.id, again.id);
    expect(await world.dump()).toEqual(JSON.parse(renamed));

    const revocation = await world.revoke(again.id);
    expect(await throughCrashes(revocation)).toBeGreaterThanOrEqual(2);
    expect(await world.grant(again.id)).toMatchObject({ state: "revoked" });
    expect(await world.dump()).toEqual(before);
    const taken = await world.prisma.auditEvent.count({ where: { type: "run.taken-over" } });
    expect(taken).toBeGreaterThanOrEqual(5);
  });

  it("is replaced when its lease runs out, and not before", async () => {
    const grant = grantWith("role", await world.estate(), {
      workload: workload(withAgent),
      target: bucketAtHome,
    });
    const runId = await world.approve([grant]);
    const first = world.worker("first", { leaseSeconds: 2 });
    const lease = await takeLease(first, runId);
    lease?.stop();
    const second = world.worker("second");
    expect(await executeRun(second, runId)).toBe("elsewhere");
    await expect.poll(() => executeRun(second, runId), { interval: 200 }).toBe("ended");
    // The first wakes up: it may neither call nor write.
    expect(() => lease?.check()).toThrow(LostLease);
    await expect(lease?.fenced(async () => {})).rejects.toThrow(LostLease);
  });
});

describe("a lease", () => {
  it("counts its worker among those that share an account's limits, until it is over", async () => {
    const before = await workersWithRuns(world.worker("one"));
    const held = [];
    for (const [name, sa] of [
      ["one", "a"],
      ["two", "b"],
      ["two", "c"],
    ] as const) {
      const on = workload(withAgent, `counted-${sa}`);
      const grant = grantWith("role", await world.estate(), { workload: on, target: bucketAtHome });
      held.push(await takeLease(world.worker(name), await world.approve([grant])));
    }
    expect(await workersWithRuns(world.worker("one"))).toBe(before + 1);
    for (const lease of held) {
      lease?.stop();
      await world.abandon(lease?.run.id ?? "");
    }
    expect(await workersWithRuns(world.worker("one"))).toBe(before);
  });

  it("is refused at the commit when another has taken the run over", async () => {
    const grant = grantWith("role", await world.estate(), {
      workload: workload(withAgent),
      target: bucketAtHome,
    });
    const runId = await world.approve([grant]);
    const old = await takeLease(world.worker("old"), runId);
    await world.abandon(runId);
    const next = await takeLease(world.worker("next"), runId);
    expect(next?.run).toMatchObject({ fence: 2, takenOverFrom: "old" });
    await expect(old?.fenced(async () => {})).rejects.toThrow(LostLease);
    expect(old?.signal.aborted).toBe(true);
    await next?.fenced(async () => {});
    await next?.release();
    expect(await takeLease(world.worker("third"), runId)).toBeDefined();
    old?.stop();
  });

  it("is renewed while the run goes on", async () => {
    const grant = grantWith("role", await world.estate(), {
      workload: workload(withAgent),
      target: bucketAtHome,
    });
    const runId = await world.approve([grant]);
    const lease = await takeLease(world.worker("w", { leaseSeconds: 2 }), runId);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    lease?.check();
    expect(await takeLease(world.worker("other"), runId)).toBeUndefined();
    lease?.stop();
  });

  it("is not given for a run that shares a grant with one that is running", async () => {
    const grant = grantWith("role", await world.estate(), {
      workload: workload(withAgent),
      target: bucketAtHome,
    });
    const runId = await world.approve([grant]);
    const lease = await takeLease(world.worker("w"), runId);
    const revocation = await world.revoke(grant.id);
    expect(await takeLease(world.worker("w"), revocation)).toBeUndefined();
    await lease?.release();
    await executeRun(world.worker("w"), runId);
    // Taken back before it was made: the run stops by itself, and the revocation finds nothing to do.
    expect(await world.run(runId)).toMatchObject({ state: "failed", error: { code: "NotWanted" } });
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
  });
});

describe("a worker that is asked to stop", () => {
  it("finishes the step, gives the run back and begins no other", async () => {
    const grant = grantWith("oidc-provider", await world.estate(), {
      workload: workload(withoutAgent),
      target: bucketAtHome,
    });
    const runId = await world.approve([grant]);
    let stop = () => {};
    const deps = world.worker("w1", {
      sessions: {
        onCall: (call) => {
          onCall(call);
          if (changes(call)) stop();
        },
      },
    });
    stop = deps.stop;
    expect(await executeRun(deps, runId)).toBe("left");
    const run = await world.run(runId);
    expect(run).toMatchObject({ state: "running", leaseOwner: null });
    expect(run.steps.filter(({ state }) => state === "succeeded")).toHaveLength(1);
    expect(run.steps.some(({ state }) => state === "running")).toBe(false);
    expect(await executeRun(world.worker("w2"), runId)).toBe("ended");
    expect(await world.run(runId)).toMatchObject({ state: "succeeded" });
  });
});
