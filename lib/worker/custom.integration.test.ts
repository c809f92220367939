import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import { provenReportSchema } from "#lib/model/proven-access.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { checkDriftOf } from "./drift.ts";
import { executeRun } from "./run.ts";
import {
  bucketAtHome,
  bucketAway,
  createWorld,
  grantFor,
  newGrantId,
  type World,
  withAgent,
  workload,
  worldSeed,
} from "./testing.ts";
import { approveChange } from "./testing-change.ts";
import { patternMaking, played, widestPattern } from "./testing-sample.ts";

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

async function ended(runId: string) {
  await executeRun(world.worker("w1"), runId);
  return world.run(runId);
}

const custom: CustomPermissions = [
  {
    actions: ["s3:ListBucket", "s3:GetObjectVersion"],
    conditions: [{ operator: "IpAddress", key: "aws:SourceIp", values: ["203.0.113.0/24"] }],
  },
  { actions: ["s3:PutObjectTagging"], conditions: [] },
];

/** Every statement in the sandbox that the grant owns. */
function statementsOf(grantId: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  const walk = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    if ("Sid" in value && String(value.Sid).startsWith(`Drawbridge${grantId}`)) found.push({ ...value });
    for (const [key, inner] of Object.entries(value)) if (key !== "previous") walk(inner);
  };
  walk(sandbox.state());
  return found;
}

async function proofOf(grantId: string) {
  const verification = await world.prisma.verification.findFirstOrThrow({
    where: { grantId, source: "documents" },
    orderBy: { at: "desc" },
  });
  expect(verification.ok).toBe(true);
  return provenReportSchema.parse(verification.report).evaluated;
}

describe.each(played(patternMaking("resource-policy-statements"), widestPattern))("%s", (pattern) => {
  it("gives exactly what was listed, is proven, becomes a level and back, and leaves nothing", async () => {
    const estate = await world.estate();
    const before = await world.dump();
    const wanted = {
      workload: workload(withAgent, `custom-${newGrantId()}`),
      level: "custom" as const,
      custom,
      subResource: "in",
    };
    const grant =
      grantFor(pattern, estate, { target: bucketAway, ...wanted }) ??
      grantFor(pattern, estate, { target: bucketAtHome, ...wanted });
    if (!grant) throw new Error("not possible");
    expect(await ended(await world.approve([grant]))).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(grant.id)).toMatchObject({ state: "active", level: "custom" });
    const given = await world.dump();

    const written = statementsOf(grant.id);
    const actions = written.flatMap(({ Action }) => Action as string[]);
    expect([...new Set(actions)].sort()).toEqual([
      "s3:GetObjectVersion",
      "s3:ListBucket",
      "s3:PutObjectTagging",
    ]);
    for (const { Action, Condition } of written) {
      const tagging = (Action as string[]).includes("s3:PutObjectTagging");
      expect("IpAddress" in (Condition as object)).toBe(!tagging);
    }

    const rows = await proofOf(grant.id);
    const allowed = rows.filter(({ who, outcome }) => who.startsWith("workload") && outcome === "allowed");
    expect(allowed.flatMap((row) => row.actions).sort()).toEqual([...new Set(actions)].sort());
    const refused = rows.filter(({ who, outcome }) => who === "workload-beyond" && outcome === "refused");
    expect(refused.flatMap((row) => row.actions)).toEqual(
      expect.arrayContaining(["s3:GetObject", "s3:PutObject", "s3:ListBucket with another aws:SourceIp"]),
    );

    expect(await ended(await approveChange(world, grant.id, { level: "read" }))).toMatchObject({
      state: "succeeded",
    });
    expect(JSON.stringify(statementsOf(grant.id))).not.toMatch(/SourceIp|GetObjectVersion|Tagging/);
    const back = await approveChange(world, grant.id, { level: "custom", custom });
    expect(await ended(back)).toMatchObject({ state: "succeeded" });
    expect(await world.dump()).toEqual(given);

    expect(await ended(await world.revoke(grant.id))).toMatchObject({ state: "succeeded", error: null });
    expect(await world.dump()).toEqual(before);
  });
});

describe.each(played(patternMaking("resource-policy-statements"), widestPattern))("%s, twice", (pattern) => {
  it("gives two lists on one target side by side, each proven and each gone by itself", async () => {
    const estate = await world.estate();
    const before = await world.dump();
    const wanted = { workload: workload(withAgent, `both-${newGrantId()}`), level: "custom" as const };
    const listing = (...actions: string[]) => {
      const listed = { ...wanted, custom: [{ actions, conditions: [] }] };
      const grant =
        grantFor(pattern, estate, { target: bucketAway, ...listed }) ??
        grantFor(pattern, estate, { target: bucketAtHome, ...listed });
      if (!grant) throw new Error("not possible");
      return grant;
    };
    const actionsOf = (grantId: string) => [
      ...new Set(statementsOf(grantId).flatMap(({ Action }) => Action as string[])),
    ];
    const reading = listing("s3:GetObject");
    const writing = listing("s3:PutObject");
    const alone = listing("s3:GetObjectTagging");
    for (const grants of [[reading, writing], [alone]]) {
      const made = await ended(await world.approve(grants));
      expect(made).toMatchObject({ state: "succeeded", error: null });
    }
    for (const { id, custom } of [reading, writing, alone]) {
      expect(actionsOf(id)).toEqual(custom?.flatMap(({ actions }) => actions));
      await proofOf(id);
      await checkDriftOf(world.worker("w1"), id);
      expect(await world.grant(id)).toMatchObject({ state: "active", drift: null });
    }

    expect(await ended(await world.revoke(reading.id))).toMatchObject({ state: "succeeded", error: null });
    expect(statementsOf(reading.id)).toEqual([]);
    expect(actionsOf(writing.id)).toEqual(["s3:PutObject"]);
    const rest = await world.revoke(writing.id, alone.id);
    expect(await ended(rest)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.dump()).toEqual(before);
  });
});
