import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cluster } from "#lib/model/cluster.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import { sync } from "./sync.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  createWorld,
  grantWith,
  type World,
  withAgent,
  withoutAgent,
  workload,
} from "./testing.ts";
import { tamperedSeed } from "./testing-drift.ts";

/** A cluster that was registered, and is not there in AWS any more. */

let sandbox: RunningSandbox;
let world: World;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: tamperedSeed() });
  world = await createWorld(sandbox);
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

/** @returns what makes it again, as it was */
function remove({ accountId, region, name }: Cluster): () => void {
  const clusters = sandbox.state().accounts[accountId]?.clusters ?? {};
  const at = `${region}/${name}`;
  const { [at]: cluster } = clusters;
  if (!cluster) throw new Error("no cluster");
  delete clusters[at];
  return () => {
    clusters[at] = cluster;
  };
}

const statusOf = async ({ accountId, region, name }: Cluster) =>
  (
    await world.prisma.cluster.findUniqueOrThrow({
      where: { accountId_region_name: { accountId, region, name } },
    })
  ).status;

const read = (accountId: string) => sync(world.worker("w", { sessions: { maxAttempts: 1 } }), accountId);

describe("a cluster that was deleted in AWS", () => {
  it.each([
    ["pod-identity-association", withAgent],
    ["oidc-provider", withoutAgent],
  ] as const)("keeps none of its access: %s", async (kind, cluster) => {
    const grant = grantWith(kind, await world.estate(), {
      workload: workload(cluster),
      target: bucketAtHome,
    });
    const again = remove(cluster);
    const before = await world.dump();
    again();
    await executeRun(world.worker("w"), await world.approve([grant]));
    remove(cluster);
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w"), revocation);
    expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(await world.dump()).toEqual(before);
  });

  it("is shown as such, and as it is again once it was made again", async () => {
    await read(accountA.id);
    expect(await statusOf(withAgent)).toBe("ACTIVE");
    const again = remove(withAgent);
    await read(accountA.id);
    await read(accountB.id);
    expect([await statusOf(withAgent), await statusOf(withoutAgent)]).toEqual(["DELETED", "ACTIVE"]);
    again();
    await read(accountA.id);
    expect(await statusOf(withAgent)).toBe("ACTIVE");
  });

  it("is told from one that could not be listed", async () => {
    await read(accountA.id);
    remove(withAgent);
    await world.faults({ errorRate: 1, only: { service: "eks", operation: "ListClusters" } });
    await read(accountA.id);
    expect([await statusOf(withAgent), await statusOf(withoutAgent)]).toEqual(["ACTIVE", "ACTIVE"]);
  });
});
