import { DeleteRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Grant } from "#lib/model/grant.ts";
import { provenReportSchema } from "#lib/model/proven-access.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { realTiming } from "./deps.ts";
import { checkDrift } from "./drift.ts";
import {
  accountA,
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  type World,
  withoutAgent,
  workload,
} from "./testing.ts";
import { type DriftWorld, driftWorld, everything, tamperedSeed } from "./testing-drift.ts";

let sandbox: RunningSandbox;
let world: World;
let drift: DriftWorld;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: tamperedSeed() });
  world = await createWorld(sandbox);
  drift = driftWorld(world, sandbox.url);
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

/** The grant's verifications by documents, the oldest first, with who gets in. */
async function proofs({ id: grantId }: Grant) {
  const rows = await world.prisma.verification.findMany({
    where: { grantId, source: "documents" },
    orderBy: { at: "asc" },
  });
  return rows.map(({ ok, at, report }) => {
    const { evaluated } = provenReportSchema.parse(report);
    return {
      ok,
      at: at.getTime(),
      evaluated,
      wrong: evaluated.filter((row) => !row.ok).map(({ who }) => who),
    };
  });
}

const open = {
  Sid: "Open",
  Effect: "Allow",
  Principal: "*",
  Action: "s3:GetObject",
  Resource: `${bucketAtHome.arn}/*`,
};

const anybody = (statements: object[]) =>
  world.control("mutate", {
    accountId: accountA.id,
    kind: "bucket-policy",
    name: "home-reports",
    document: { Version: "2012-10-17", Statement: statements },
  });

/** S3 does not answer; the look gives up soon, by its own clock. */
async function checkBlindly(grant: Grant): Promise<void> {
  await world.faults({ errorRate: 1, only: { service: "s3" } });
  const sleep = () => realTiming.sleep(1);
  let now = 0;
  const timing = { random: () => 0, sleep, now: () => (now += 5_000) };
  await checkDrift(world.worker("w", { timing, sessions: { maxAttempts: 1 } }), grant.workload);
}

it("a look that finds all as approved makes the proof as of now", async () => {
  const { grant } = await drift.liveWith("oidc-provider");
  const [made] = await proofs(grant);
  await drift.check(grant);
  const [checked, ...more] = await proofs(grant);
  expect(more).toEqual([]);
  expect(checked).toMatchObject({ ok: true, wrong: [] });
  expect(checked?.evaluated).toEqual(made?.evaluated);
  expect(checked?.at).toBeGreaterThan(made?.at ?? Number.POSITIVE_INFINITY);
});

it("says who gets in by what others changed around the grant, which is no drift of it, until that ends", async () => {
  const { grant } = await drift.liveWith("oidc-provider");
  await anybody([open]);
  await drift.check(grant);
  await drift.check(grant);
  expect(await drift.driftOf(grant)).toBeNull();
  const found = await proofs(grant);
  expect(found.map(({ ok }) => ok)).toEqual([true, false]);
  expect(found[1]?.wrong).toContain("anonymous");

  await anybody([
    { Sid: "Shut", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: `${bucketAtHome.arn}/*` },
  ]);
  await drift.check(grant);
  expect((await proofs(grant)).at(-1)).toMatchObject({
    ok: false,
    wrong: expect.arrayContaining(["workload"]),
  });
});

it.each([
  [
    "with all of the cluster's account, which is theirs to do",
    { ok: true, wrong: [] },
    "admin-of-cluster",
    {},
  ],
  [
    "with whoever is in its own account, which is told",
    { ok: false, wrong: ["person-of-target"] },
    "person-of-target",
    { Principal: "*", Condition: { StringEquals: { "aws:PrincipalAccount": bucketAway.accountId } } },
  ],
])("no run fails where others share the target %s", async (_, expected, who, more) => {
  const [, name = ""] = bucketAway.arn.split(":::");
  const shared = { ...open, Principal: { AWS: `arn:aws:iam::${accountA.id}:root` }, ...more };
  await world.control("mutate", {
    accountId: bucketAway.accountId,
    kind: "bucket-policy",
    name,
    document: {
      Version: "2012-10-17",
      Statement: [{ ...shared, Resource: `${bucketAway.arn}/*` }],
    },
  });
  const { grant } = await drift.liveWith("pod-identity-association");
  const [made] = await proofs(grant);
  expect(made).toMatchObject(expected);
  const inside = made?.evaluated.filter(({ outcome, byOthers }) => outcome === "allowed" && byOthers) ?? [];
  expect(inside.map(({ who }) => who)).toEqual([who]);
});

it("counts a policy that somebody put on the role, beside the finding", async () => {
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome, level: "read" as const };
  const { grant, of } = await drift.live(grantWith("oidc-provider", await world.estate(), wanted));
  const backdoor = { RoleName: of("role").body.name, PolicyName: "backdoor" };
  await drift.iam().send(new PutRolePolicyCommand({ ...backdoor, PolicyDocument: everything }));
  await drift.check(grant);
  expect((await proofs(grant)).at(-1)).toMatchObject({
    ok: false,
    wrong: expect.arrayContaining(["workload-beyond"]),
  });
  await drift.iam().send(new DeleteRolePolicyCommand(backdoor));
  await drift.check(grant);
  expect((await proofs(grant)).at(-1)).toMatchObject({ ok: true, wrong: [] });
});

it("proves nothing by a drift that has ended, while the target's policy can't be read", async () => {
  const wanted = { workload: workload(withoutAgent), target: bucketAtHome, level: "read" as const };
  const { grant, of } = await drift.live(grantWith("oidc-provider", await world.estate(), wanted));
  const backdoor = { RoleName: of("role").body.name, PolicyName: "backdoor" };
  await drift.iam().send(new PutRolePolicyCommand({ ...backdoor, PolicyDocument: everything }));
  await drift.check(grant);
  const drifted = await proofs(grant);
  expect(drifted.at(-1)).toMatchObject({ ok: false });

  await drift.iam().send(new DeleteRolePolicyCommand(backdoor));
  await checkBlindly(grant);
  expect(await drift.driftOf(grant)).toBeNull();
  expect(await proofs(grant)).toEqual(drifted);
});

it("leaves the last proof as it was when the target's policy can't be read", async () => {
  const { grant } = await drift.liveWith("oidc-provider");
  const before = await proofs(grant);
  await checkBlindly(grant);
  expect(await proofs(grant)).toEqual(before);
});
