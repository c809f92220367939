import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proofOf } from "#lib/db/queries/proof-view.ts";
import { compile, loadWorkloadFacts } from "#lib/db/queries/proposal.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type ProvenRow, provenReportSchema } from "#lib/model/proven-access.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { checkDrift } from "./drift.ts";
import { runPreflight } from "./preflight.ts";
import { executeRun } from "./run.ts";
import { sync } from "./sync.ts";
import {
  accountB,
  bucketAway,
  createWorld,
  grantFor,
  installation,
  mutations,
  type World,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";
import { everyPattern } from "./testing-sample.ts";

/**
 * A bucket that is encrypted with a key of its account's, from the live check before approval to the pod's own read:
 * what is said of the key before is what happens after.
 */

const region = "eu-west-1";
const keyArn = `arn:aws:kms:${region}:${accountB.id}:key/k1`;

let sandbox: RunningSandbox;
let world: World;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: worldSeed() });
  world = await createWorld(sandbox);
  const { reports } = sandbox.state().buckets;
  if (!reports) throw new Error("no bucket");
  reports.encryption = { algorithm: "aws:kms", kmsKeyId: keyArn, bucketKey: true };
  await sync(world.worker("w"), accountB.id);
});
afterEach(async () => {
  await world.close();
  await sandbox.close();
});

function key() {
  const found = sandbox.state().accounts[accountB.id]?.keys?.[keyArn];
  if (!found) throw new Error("no key");
  return found;
}

const keyPolicy = (...statements: object[]) =>
  world.control("mutate", {
    accountId: accountB.id,
    kind: "key-policy",
    name: "k1",
    document: {
      Version: "2012-10-17",
      Statement: statements.map((one) => ({ Effect: "Allow", Action: "kms:*", Resource: "*", ...one })),
    },
  });
const root = { Principal: { AWS: `arn:aws:iam::${accountB.id}:root` } };
const onlyOthers = { Principal: { AWS: `arn:aws:iam::${accountB.id}:role/team-role` } };
const mayLook = {
  Principal: { AWS: accountB.provisionerRoleArn },
  Action: ["kms:DescribeKey", "kms:GetKeyPolicy"],
};
const denied = { Sid: "Sealed", Effect: "Deny", Principal: "*", Action: "kms:Decrypt" };

/** One for each way to an encrypted bucket of another account: all lead to a role there. */
async function grantsOf(): Promise<Grant[]> {
  const estate = await world.estate();
  return everyPattern.flatMap((pattern, index) => {
    const wanted = { workload: workload(withoutAgent, `api-${index}`), target: bucketAway };
    return grantFor(pattern, estate, wanted) ?? [];
  });
}

/** The one whose role there trusts the pods' tokens itself. */
async function grantOf(): Promise<Grant> {
  const estate = await world.estate();
  const rolesOf = (grant: Grant) => desiredResources([grant], estate).filter(({ kind }) => kind === "role");
  const grant = (await grantsOf()).find((one) => rolesOf(one).length === 1);
  if (!grant) throw new Error("No pattern makes one role");
  return grant;
}

const workloads = (rows: readonly ProvenRow[]) => rows.filter(({ who }) => who === "workload");

/** What the live check finds of the key, and what the request's page says, before anybody approves. */
async function beforehand(grant: Grant) {
  const runId = await world.approve([grant]);
  const { requestId } = await world.run(runId);
  await world.prisma.run.deleteMany({});
  await world.prisma.grant.deleteMany({});
  await runPreflight(world.worker("w"), requestId ?? "", 1);
  const version = await world.prisma.requestVersion.findFirstOrThrow({
    where: { requestId: requestId ?? "" },
  });
  const findings = version.preflightFindings as unknown as PreflightFinding[];
  await sync(world.worker("w"), accountB.id);
  const facts = await loadWorkloadFacts(world.prisma, installation, grant.workload, [grant.target.arn]);
  const compiled = compile(facts, "create", [grant]);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled));
  const [proof] = await proofOf(world.prisma, compiled.value, facts.estate, new Date(), () => true);
  return {
    ids: findings.filter(({ id }) => id.startsWith("key.")).map(({ id, severity }) => `${severity} ${id}`),
    rows: proof?.rows ?? [],
  };
}

async function carriedOut(grant: Grant) {
  const since = await world.lastCall();
  const runId = await world.approve([grant]);
  await executeRun(world.worker("w"), runId);
  const run = await world.run(runId);
  const proven = await world.prisma.verification.findFirst({
    where: { grantId: grant.id },
    orderBy: { at: "desc" },
  });
  return {
    run,
    made: mutations(await world.calls(since)),
    ok: proven?.ok,
    rows: proven ? provenReportSchema.parse(proven.report).evaluated : [],
  };
}

/** Whether a pod of the workload writes and reads an object with the role in the bucket's account. */
async function podMay(grant: Grant): Promise<boolean> {
  const roles = desiredResources([grant], await world.estate()).filter(({ kind }) => kind === "role");
  const roleArn = roles.find(({ accountId }) => accountId === accountB.id)?.key;
  const path = `clusters/${withoutAgent.accountId}/${region}/${withoutAgent.name}/tokens`;
  const { token } = await world.control(path, {
    namespace: "pay",
    serviceAccount: grant.workload.serviceAccount,
  });
  const common = { endpoint: sandbox.url, region, maxAttempts: 1 };
  const anybody = { accessKeyId: "unused", secretAccessKey: "unused" };
  const { Credentials: issued } = await new STSClient({ ...common, credentials: anybody }).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: "pod",
      WebIdentityToken: token,
    }),
  );
  const credentials = {
    accessKeyId: issued?.AccessKeyId ?? "",
    secretAccessKey: issued?.SecretAccessKey ?? "",
    sessionToken: issued?.SessionToken ?? "",
  };
  const s3 = new S3Client({ ...common, credentials, forcePathStyle: true });
  try {
    await s3.send(new PutObjectCommand({ Bucket: "reports", Key: "probe", Body: "x" }));
    const { SSEKMSKeyId } = await s3.send(new GetObjectCommand({ Bucket: "reports", Key: "probe" }));
    expect(SSEKMSKeyId).toBe(keyArn);
    return true;
  } catch (error) {
    expect(String(error)).toMatch(/kms:|KMS|disabled/);
    return false;
  }
}

describe("a key that leaves its use to the account's IAM policies", () => {
  it("is no obstacle, and the workload's access is proven with it, whatever the way there", async () => {
    const grants = await grantsOf();
    expect(grants.length).toBeGreaterThan(1);
    for (const grant of grants) await isProven(grant);
    expect(await podMay(await grantOf())).toBe(true);
  });

  async function isProven(grant: Grant): Promise<void> {
    const { ids, rows } = await beforehand(grant);
    expect(ids).toEqual([]);
    expect(workloads(rows)).toMatchObject([{ outcome: "allowed", ok: true, dependsOn: [] }]);
    const done = await carriedOut(grant);
    expect(done).toMatchObject({ run: { state: "succeeded", error: null }, ok: true });
    expect(workloads(done.rows)).toMatchObject([
      { outcome: "allowed", actions: expect.arrayContaining(["s3:GetObject", "s3:PutObject"]) },
    ]);
    const others = done.rows.filter(({ who }) => !who.startsWith("workload") && who !== "admin-of-target");
    expect(new Set(others.map(({ outcome }) => outcome))).toEqual(new Set(["refused"]));
  }

  it("is read and never written", async () => {
    await carriedOut(await grantOf());
    const ofKeys = (await world.calls()).filter(({ service }) => service === "kms");
    expect(new Set(ofKeys.map(({ operation }) => operation))).toEqual(
      new Set(["DescribeKey", "GetKeyPolicy"]),
    );
  });

  it("that is shut or disabled later shows in the next look, and opens again", async () => {
    const grant = await grantOf();
    await carriedOut(grant);
    const seen = async () => {
      await checkDrift(world.worker("w"), grant.workload);
      const last = await world.prisma.verification.findFirstOrThrow({
        where: { grantId: grant.id },
        orderBy: { at: "desc" },
      });
      const rows = workloads(provenReportSchema.parse(last.report).evaluated);
      return {
        ok: last.ok,
        refused: rows.flatMap(({ outcome, actions }) => (outcome === "refused" ? actions : [])),
      };
    };
    const refused = { ok: false, refused: ["s3:GetObject", "s3:PutObject"] };
    await keyPolicy(mayLook, onlyOthers);
    expect(await seen()).toEqual(refused);
    expect(await podMay(grant)).toBe(false);
    await keyPolicy(root);
    key().state = "Disabled";
    expect(await seen()).toEqual(refused);
    expect(await podMay(grant)).toBe(false);
    key().state = "Enabled";
    expect(await seen()).toEqual({ ok: true, refused: [] });
    expect(await podMay(grant)).toBe(true);
  });
});

describe("a key that stands in the way", () => {
  it.each<[string, string, () => unknown]>([
    ["leaves nothing to IAM", "key.not-delegated", () => keyPolicy(mayLook, onlyOthers)],
    ["explicitly denies", "key.deny", () => keyPolicy(root, denied)],
    ["is disabled", "key.unusable", () => (key().state = "Disabled")],
    ["waits for its deletion", "key.unusable", () => (key().state = "PendingDeletion")],
  ])("is said before approval, and stops the run before its first change: %s", async (_what, id, change) => {
    await change();
    const grant = await grantOf();
    const { ids, rows } = await beforehand(grant);
    expect(ids).toEqual([`error ${id}`]);
    const [first] = workloads(rows).filter(({ outcome }) => outcome === "refused");
    expect(first).toMatchObject({ ok: false, actions: expect.arrayContaining(["s3:GetObject"]) });
    expect(first?.steps.at(-1)).toMatchObject({ action: expect.stringMatching(/^kms:/), resource: keyArn });
    const { run, made } = await carriedOut(grant);
    expect(run).toMatchObject({ state: "failed", error: { code: id } });
    if (id === "key.not-delegated")
      expect(JSON.stringify(run.error)).toMatch(/LetIamDecideThroughTheService/);
    expect(made).toEqual([]);
  });

  it("is met again at the beginning of the run, when it was none before", async () => {
    const grant = await grantOf();
    expect((await beforehand(grant)).ids).toEqual([]);
    await keyPolicy(root, denied);
    expect(await carriedOut(grant)).toMatchObject({ run: { error: { code: "key.deny" } }, made: [] });
  });
});

describe("a key that does not let Drawbridge look", () => {
  it("leaves the answer open before and after, and fails nothing", async () => {
    await keyPolicy(onlyOthers);
    const grant = await grantOf();
    const { ids, rows } = await beforehand(grant);
    expect(ids).toEqual(["warning key.unread"]);
    const unknown = { outcome: "unknown", ok: true, dependsOn: [`the policy of the key ${keyArn}`] };
    expect(workloads(rows)).toEqual(expect.arrayContaining([expect.objectContaining(unknown)]));
    const done = await carriedOut(grant);
    expect(done).toMatchObject({ run: { state: "succeeded" }, ok: true });
    expect(workloads(done.rows)).toEqual(expect.arrayContaining([expect.objectContaining(unknown)]));
  });

  it("takes back what was known of it, and an outage does not", async () => {
    const known = async () => {
      await sync(world.worker("w", { sessions: { maxAttempts: 1 } }), accountB.id);
      return world.prisma.observedResource.count({ where: { key: `${keyArn}#policy` } });
    };
    expect(await known()).toBe(1);
    await world.faults({ errorRate: 1, only: { service: "kms" } });
    expect(await known()).toBe(1);
    await world.faults({});
    await keyPolicy(onlyOthers);
    expect(await known()).toBe(0);
    expect(await world.prisma.inventoryItem.count({ where: { accountId: accountB.id } })).toBe(2);
    await keyPolicy(root);
    expect(await known()).toBe(1);
  });
});
