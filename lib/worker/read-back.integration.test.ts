import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onMoto, startAws } from "#lib/aws/testing/aws.ts";
import { administrator, administratorOf, region } from "#lib/aws/testing/estate.ts";
import { type AccountState, python, type ReadBack, readBack } from "#lib/aws/testing/read-back.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import { patterns } from "#lib/desired/patterns/catalogue.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { startSandbox } from "#lib/sandbox/server.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  createWorld,
  grantFor,
  mutations,
  newGrantId,
  targets,
  type World,
  withAgent,
  workload,
  worldSeed,
} from "./testing.ts";

/**
 * What the worker makes, as a client by others (boto3) reads it, compared word by word with what the plan says, and
 * all the rest with what was there. It needs the Python that `npm run test:moto` sets up.
 */

type State = Record<string, AccountState>;

/** The accounts as they must be once these resources are made, and nothing else. */
function withResources(before: State, resources: readonly CloudResource[]): State {
  const state = structuredClone(before);
  for (const resource of resources) put(state[resource.accountId], resource);
  return state;
}

function put(account: AccountState | undefined, { kind, key, body }: CloudResource): void {
  if (!account) throw new Error("an account that was not read back");
  if (kind === "role") {
    const { name: _, ...shown } = body;
    account.roles[key] = { ...shown, inline: {}, attached: [] };
  } else if (kind === "role-policy") {
    const role = account.roles[key.split("#")[0] ?? ""];
    if (!role) throw new Error(`${key} comes before its role`);
    role.inline[body.policyName] = body.document;
  } else if (kind === "oidc-provider") {
    account.providers[key] = body;
  } else if (kind === "resource-policy-statements") {
    const [holder, name] =
      body.resourceArn in account.queues
        ? [account.queues, body.resourceArn]
        : [account.buckets, body.resourceArn.replace("arn:aws:s3:::", "")];
    const policy = holder[name] ?? { Version: "2012-10-17", Statement: [] };
    holder[name] = { ...policy, Statement: [policy.Statement, body.statements].flat() };
  } else {
    const { clusterName, namespace, serviceAccount, ...shown } = body;
    if (account.associations) account.associations[`${clusterName}/${namespace}/${serviceAccount}`] = shown;
  }
}

/** For each pattern one workload with all that the pattern can give it in one account. */
function everyPattern(estate: Awaited<ReturnType<World["estate"]>>): Grant[][] {
  const places = [
    { accountId: accountA.id, arns: Object.values(targets.home) },
    { accountId: accountB.id, arns: Object.values(targets.away) },
  ];
  return Object.keys(patterns).flatMap((pattern) =>
    places.flatMap(({ accountId, arns }) => {
      const on = workload(withAgent, `api-${newGrantId()}`);
      const grants = arns.flatMap(
        (arn) => grantFor(pattern, estate, { workload: on, target: { arn, accountId } }) ?? [],
      );
      return grants.length > 0 ? [grants] : [];
    }),
  );
}

const makesAssociation = (grants: Grant[], estate: Awaited<ReturnType<World["estate"]>>) =>
  desiredResources(grants, estate).some(({ kind }) => kind === "pod-identity-association");

const backends = [
  { name: "the sandbox", associations: true, start: () => startSandbox({ seed: worldSeed() }) },
  ...(onMoto
    ? [{ name: "moto", associations: false, start: () => startAws(worldSeed(), startSandbox) }]
    : []),
];

describe.skipIf(!python).each(backends)("on $name, read back with boto3", ({ start, associations }) => {
  let aws: { url: string; close: () => Promise<void> };
  let world: World;
  let reader: ReadBack;
  const read = () => reader.state([accountA, accountB].map(administratorOf), { associations });

  beforeAll(async () => {
    aws = await start();
    world = await createWorld(aws);
    reader = readBack({ url: aws.url, region, credentials: administrator });
  });
  afterAll(async () => {
    await reader.close();
    await world.close();
    await aws.close();
  });

  it("there is what the plans say, beside what others have, and after revocation only the latter", async () => {
    const deps = world.worker("w1");
    const estate = await world.estate();
    const requests = everyPattern(estate).filter(
      (grants) => associations || !makesAssociation(grants, estate),
    );
    const before = await read();
    expect(before[accountB.id]?.buckets.reports).toMatchObject({ Id: "somebody-elses" });

    const runs: string[] = [];
    for (const grants of requests) {
      const runId = await world.approve(grants);
      runs.push(runId);
      await executeRun(deps, runId);
      expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    }
    const made = desiredResources(requests.flat(), estate);
    const after = withResources(before, made);
    expect(after).not.toEqual(before);
    expect(await read()).toEqual(after);

    // The same runs once more, as after a crash just before their end.
    const since = await world.lastCall();
    await world.prisma.run.updateMany({ data: { state: "queued" } });
    await world.prisma.grant.updateMany({ data: { state: "provisioning" } });
    for (const runId of runs) {
      await executeRun(deps, runId);
      expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    }
    expect(mutations(await world.calls(since))).toEqual([]);
    expect(await read()).toEqual(after);

    for (const grants of requests.toReversed()) {
      const revocation = await world.revoke(...grants.map(({ id }) => id));
      await executeRun(deps, revocation);
      expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
    }
    expect(await read()).toEqual(before);
  });
});
