import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteRolePolicy } from "#lib/aws/testing/owner.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Account } from "#lib/model/account.ts";
import type { Cluster } from "#lib/model/cluster.ts";
import type { Grant } from "#lib/model/grant.ts";
import { provisionerPolicy } from "#lib/render/onboarding.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import { sync } from "./sync.ts";
import {
  accountA,
  accountB,
  createWorld,
  grantFor,
  installation,
  type World,
  withAgent,
  workload,
} from "./testing.ts";
import { approveChange } from "./testing-change.ts";
import { type DriftWorld, driftWorld, tamperedSeed } from "./testing-drift.ts";
import { everyPattern } from "./testing-sample.ts";

/** Nothing may hang on where clusters and targets are, on which account's number is lower, or on how long a name is. */

const far = "eu-central-1";
const regions = [withAgent.region, far];
const oidcIds = { twin: "AAAABBBBCCCCDDDDAAAABBBBCCCCDDDD", other: "AAAABBBBCCCCDDDDAAAABBBBCCCCEEEE" };
const clusterIn = (account: Account, name: string, id: string): Cluster => ({
  ...withAgent,
  accountId: account.id,
  region: far,
  name,
  issuer: `oidc.eks.${far}.amazonaws.com/id/${id}`,
});
/** Of the same name as one in another Region. */
const twin = clusterIn(accountA, withAgent.name, oidcIds.twin);
const inB = clusterIn(accountB, "Main_2", oidcIds.other);

function seed() {
  const agent = { addons: [{ name: "eks-pod-identity-agent" }] };
  const clusters = {
    [accountA.id]: { name: twin.name, region: far, oidcId: oidcIds.twin, ...agent },
    [accountB.id]: { name: inB.name, region: far, oidcId: oidcIds.other, ...agent },
  };
  return {
    accounts: tamperedSeed().accounts.map((one) => {
      const account = [accountA, accountB].find(({ id }) => id === one.id);
      if (!account || !("roles" in one)) return one;
      const document = { ...provisionerPolicy({ ...account, regions }, installation, regions) };
      return {
        ...one,
        roles: one.roles.map((role) =>
          role.name === "drawbridge-provisioner"
            ? { ...role, policies: [{ name: "provision", document }] }
            : role,
        ),
        clusters: [...("clusters" in one ? one.clusters : []), clusters[account.id] ?? []].flat(),
        buckets: [...("buckets" in one ? one.buckets : []), { name: bucketOf(account), region: far }],
        queues: [...("queues" in one ? one.queues : []), { name: "Far_Orders", region: far }],
      };
    }),
  };
}

const bucketOf = ({ name }: Account) => `far.bucket-${name}`;
const bucketIn = (account: Account) => ({
  arn: `arn:aws:s3:::${bucketOf(account)}`,
  accountId: account.id,
});
const queueIn = ({ id }: Account) => ({ arn: `arn:aws:sqs:${far}:${id}:Far_Orders`, accountId: id });

let sandbox: RunningSandbox;
let world: World;
let drift: DriftWorld;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: seed() });
  world = await createWorld(sandbox);
  await world.prisma.account.updateMany({ data: { regions } });
  for (const cluster of [twin, inB])
    await world.prisma.cluster.create({ data: { ...cluster, status: "ACTIVE" } });
  for (const { id } of [accountA, accountB]) await sync(world.worker("reader"), id);
  drift = driftWorld(world, sandbox.url);
});
afterAll(async () => {
  await world.close();
  await sandbox.close();
});

const ended = async (runId: string) => {
  await executeRun(world.worker("w", { timing: { stepDeadlineMs: 5_000 } }), runId);
  const { state, error } = await world.run(runId);
  return { state, error };
};
const succeeded = { state: "succeeded", error: null };

const other = ({ accountId }: Cluster) => (accountId === accountA.id ? accountB : accountA);
const own = ({ accountId }: Cluster) => (accountId === accountA.id ? accountA : accountB);
interface Place {
  where: string;
  cluster: Cluster;
  target: (account: Account) => Grant["target"];
  /** Service account and namespace. */
  names?: [string, string];
}

const places: Place[] = [
  { where: "the cluster's account comes first", cluster: withAgent, target: bucketIn },
  { where: "the target's account comes first", cluster: inB, target: queueIn },
  { where: "another Region has such a cluster", cluster: twin, target: queueIn },
  {
    where: "names are as long as they may be",
    cluster: inB,
    target: bucketIn,
    names: ["s.".repeat(126).concat("s"), "n".repeat(63)],
  },
];

describe.each(places)("where $where", ({ cluster, target, names }) => {
  it.each(everyPattern)("%s is made, changed, repaired and taken away", async (pattern) => {
    const on = workload(cluster, ...(names ?? [`sa-${pattern}`, "pay"]));
    const estate = await world.estate();
    const over = (account: Account) =>
      grantFor(pattern, estate, { workload: on, target: target(account), level: "read" });
    const grant = over(other(cluster)) ?? over(own(cluster));
    if (!grant) throw new Error("not possible");
    const before = await world.dump();
    expect(await ended(await world.approve([grant]))).toEqual(succeeded);
    expect(await ended(await approveChange(world, grant.id, { level: "read-write" }))).toEqual(succeeded);
    await drift.check(grant);
    expect(await drift.kindsOf(grant)).toEqual([]);

    for (const { kind, accountId, body } of desiredResources([grant], estate))
      if (kind === "role-policy") await deleteRolePolicy(drift.iam(accountId), body);
    await drift.check(grant);
    expect(new Set(await drift.kindsOf(grant))).toEqual(new Set(["policy.deleted"]));
    expect(await ended(await drift.queueRepair(grant))).toEqual(succeeded);

    expect(await ended(await world.revoke(grant.id))).toEqual(succeeded);
    expect(await world.dump()).toEqual(before);
  });
});
