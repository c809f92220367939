import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { region } from "#lib/aws/testing/estate.ts";
import { deleteRolePolicy } from "#lib/aws/testing/owner.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import { sync } from "./sync.ts";
import {
  accountB,
  bucketAway,
  createWorld,
  grantFor,
  type World,
  withoutAgent,
  workload,
} from "./testing.ts";
import { approveChange } from "./testing-change.ts";
import { type DriftWorld, driftWorld, tamperedSeed } from "./testing-drift.ts";

/** Accesses of one approval whose digest covers them all, of which one is revoked and its bucket goes its own way. */

const keyArn = (id: string) => `arn:aws:kms:${region}:${accountB.id}:key/${id}`;
const ledger = { arn: "arn:aws:s3:::ledger", accountId: accountB.id };

let sandbox: RunningSandbox;
let world: World;
let drift: DriftWorld;
beforeEach(async () => {
  const { accounts } = tamperedSeed();
  sandbox = await startSandbox({ seed: { accounts: accounts.map(withLedger) } });
  world = await createWorld(sandbox);
  drift = driftWorld(world, sandbox.url);
  await sync(world.worker("w"), accountB.id);
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

function withLedger(account: ReturnType<typeof tamperedSeed>["accounts"][number]) {
  if (account.id !== accountB.id || !("buckets" in account)) return account;
  const encryption = { algorithm: "aws:kms" as const, kmsKeyId: keyArn("k1") };
  return {
    ...account,
    buckets: [...account.buckets, { name: "ledger", region, encryption }],
    keys: [
      { id: "k1", region },
      { id: "k2", region },
    ],
  };
}

/** Of the ledger, and of another bucket. */
async function pair(): Promise<[ofLedger: Grant, other: Grant]> {
  const estate = await world.estate();
  const [one, two] = [ledger, bucketAway].map((target) =>
    grantFor("oidc-federation", estate, { workload: workload(withoutAgent), target }),
  );
  if (!one || !two) throw new Error("no grants");
  const grants: [Grant, Grant] = [one, { ...two, identity: one.identity }];
  await ended(await world.approve(grants));
  return grants;
}

async function ended(runId: string) {
  await executeRun(world.worker("w"), runId);
  return world.run(runId);
}

async function found(grant: Grant): Promise<string[]> {
  await drift.check(grant);
  return drift.kindsOf(grant);
}

/** What of the grant's own is repaired. */
async function losePolicy(grant: Grant): Promise<void> {
  const policy = desiredResources([grant], await world.estate()).find(
    (one) => one.kind === "role-policy" && one.owners.includes(grant.id),
  );
  if (policy?.kind !== "role-policy") throw new Error("no policy");
  await deleteRolePolicy(drift.iam(policy.accountId), policy.body);
}

const rekey = () => {
  const bucket = sandbox.state().buckets.ledger;
  if (bucket) bucket.encryption.kmsKeyId = keyArn("k2");
};
const becomes: { what: string; change: () => void }[] = [
  { what: "is deleted", change: () => void delete sandbox.state().buckets.ledger },
  { what: "gets another key", change: rekey },
];

describe("access beside which another of its approval is revoked", () => {
  it.each(becomes)("is as approved and can be repaired when the other's bucket $what", async ({ change }) => {
    const [ofLedger, other] = await pair();
    await ended(await world.revoke(ofLedger.id));
    change();
    await sync(world.worker("w"), accountB.id);
    expect(await found(other)).toEqual([]);
    await losePolicy(other);
    expect(await found(other)).toEqual(["policy.deleted"]);
    expect(await ended(await drift.queueRepair(other))).toMatchObject({ state: "succeeded", error: null });
    expect(await found(other)).toEqual([]);
  });

  it("is made when the other's bucket is deleted before the run begins", async () => {
    const estate = await world.estate();
    const [one, two] = [ledger, bucketAway].map((target) =>
      grantFor("oidc-federation", estate, { workload: workload(withoutAgent), target }),
    );
    if (!one || !two) throw new Error("no grants");
    const runId = await world.approve([one, { ...two, identity: one.identity }]);
    await ended(await world.revoke(one.id));
    delete sandbox.state().buckets.ledger;
    await sync(world.worker("w"), accountB.id);
    expect(await ended(runId)).toMatchObject({ state: "succeeded", error: null });
    expect((await world.grant(two.id)).state).toBe("active");
  });

  it("is not what was approved when its own bucket gets another key, until it is renewed", async () => {
    const [ofLedger, other] = await pair();
    await ended(await world.revoke(other.id));
    rekey();
    await sync(world.worker("w"), accountB.id);
    expect(await found(ofLedger)).toContain("approval.outdated");
    const wayOut = expect.stringContaining("Renew this access");
    expect((await drift.driftOf(ofLedger))?.findings).toContainEqual(
      expect.objectContaining({ id: "approval.outdated", nextStep: wayOut }),
    );
    expect(await ended(await drift.queueRepair(ofLedger))).toMatchObject({
      state: "failed",
      error: { code: "DigestChanged", nextStep: wayOut },
    });
    const run = await ended(await approveChange(world, ofLedger.id, { expiresAt: "2099-06-01T00:00:00Z" }));
    expect(run).toMatchObject({ state: "succeeded", error: null });
    expect((await world.grant(ofLedger.id)).state).toBe("active");
    expect(await found(ofLedger)).toEqual([]);
  });

  it("is not what was approved when it is of the same bucket, which gets another key", async () => {
    const estate = await world.estate();
    const wanted = { workload: workload(withoutAgent), target: ledger };
    const [one, two] = ["in/", "out/"].map((subResource) =>
      grantFor("oidc-federation", estate, { ...wanted, subResource }),
    );
    if (!one || !two) throw new Error("no grants");
    await ended(await world.approve([one, two]));
    await ended(await world.revoke(one.id));
    expect(await found(two)).toEqual([]);
    rekey();
    await sync(world.worker("w"), accountB.id);
    expect(await found(two)).toContain("approval.outdated");
  });

  it("stays as approved when the other is renewed with its bucket's new key", async () => {
    const [ofLedger, other] = await pair();
    rekey();
    await sync(world.worker("w"), accountB.id);
    expect(await found(other)).toEqual(["approval.outdated"]);
    const run = await ended(await approveChange(world, ofLedger.id, { expiresAt: "2099-06-01T00:00:00Z" }));
    expect(run).toMatchObject({ state: "succeeded", error: null });
    expect(await found(ofLedger)).toEqual([]);
    expect(await found(other)).toEqual([]);
  });
});
