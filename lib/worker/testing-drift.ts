import { deleteRole, deleteRolePolicy, iamOfOwner, ownerSeed } from "#lib/aws/testing/owner.ts";
import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Account } from "#lib/model/account.ts";
import type { CloudResource, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import type { RunAuthorisation } from "#lib/model/run.ts";
import { asDrift, type Drift } from "#lib/plan/drift.ts";
import { checkDrift } from "./drift.ts";
import { executeRun } from "./run.ts";
import {
  accountA,
  accountB,
  bucketAtHome,
  bucketAway,
  grantFor,
  grantWith,
  targets,
  type World,
  withAgent,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";

/** Live grants, people who tamper with what they are made of, and what is found and stored of that. */

/** The seed of the world with an owner in both accounts, who may do anything there. */
export function tamperedSeed() {
  const { accounts } = worldSeed();
  return { accounts: [...accounts, ownerSeed(accountA.id), ownerSeed(accountB.id)] };
}

/** A live grant, and the resources that it is made of. */
export interface Live {
  grant: Grant;
  resources: CloudResource[];
  of: <K extends ResourceKind>(kind: K) => CloudResource<K>;
}

/**
 * As after a person has asked for the repair of a grant: by default somebody who owns both of its accounts, or an admin.
 *
 * @returns the run
 */
export async function queueRepair(
  { prisma, grant, tell }: World,
  grantId: string,
  speaksFor: string[] = [accountA.id, accountB.id],
): Promise<string> {
  const { requestId, ownerId } = await grant(grantId);
  const { number, digest } = await prisma.requestVersion.findFirstOrThrow({ where: { requestId } });
  const authorisation: RunAuthorisation = {
    basis: "repair",
    personId: ownerId,
    requestId,
    version: number,
    digest,
    speaksFor,
  };
  const { id } = await prisma.run.create({
    data: { kind: "repair", requestId, grantIds: [grantId], authorisation },
  });
  await tell({ requestId, runId: id }, { type: "run.queued", data: { kind: "repair" } });
  return id;
}

export type DriftWorld = ReturnType<typeof driftWorld>;

export function driftWorld(world: World, url: string) {
  const iam = (accountId = accountA.id) => iamOfOwner(url, accountId);

  const live = async (grant: Grant): Promise<Live> => {
    await executeRun(world.worker("w"), await world.approve([grant]));
    const { state } = await world.grant(grant.id);
    if (state !== "active") throw new Error(`The grant is ${state}`);
    const resources = desiredResources([grant], await world.estate());
    return {
      grant,
      resources,
      of: <K extends ResourceKind>(kind: K) => {
        const found = resources.find((one) => one.kind === kind);
        if (!found) throw new Error(`No ${kind}`);
        return found as CloudResource<K>;
      },
    };
  };
  /** With a kind of resource: a provider and a role; statements; an association and two roles. */
  const liveWith = async (kind: ResourceKind, target = bucketAway): Promise<Live> => {
    const at = kind === "oidc-provider" ? withoutAgent : withAgent;
    const wanted = { workload: workload(at), target: kind === "oidc-provider" ? bucketAtHome : target };
    return live(grantWith(kind, await world.estate(), wanted));
  };
  const check = ({ workload: whose }: Grant, name = "checker") => checkDrift(world.worker(name), whose);
  const driftOf = async ({ id }: Grant): Promise<Drift | null> => asDrift((await world.grant(id)).drift);

  return {
    iam,
    live,
    liveWith,
    check,
    driftOf,
    /** A second grant of the same service account. */
    sibling: async ({ grant }: Live): Promise<Live> => {
      const target = { arn: targets.home.sqs, accountId: accountA.id };
      const other = grantFor(grant.pattern, await world.estate(), { workload: grant.workload, target });
      if (!other) throw new Error("no grant");
      return live({ ...other, identity: grant.identity });
    },
    kindsOf: async (grant: Grant): Promise<string[]> =>
      ((await driftOf(grant))?.findings ?? []).map(({ id }) => id),
    eventsOf: async ({ id }: Grant): Promise<string[]> => {
      const where = { grantId: id, type: { startsWith: "grant.drift" } };
      const rows = await world.prisma.auditEvent.findMany({ where, orderBy: { id: "asc" } });
      return rows.map(({ type, data }) =>
        JSON.stringify(data).includes('"repaired":true') ? `${type} (repaired)` : type,
      );
    },
    queueRepair: ({ id }: Grant, speaksFor?: string[]): Promise<string> => queueRepair(world, id, speaksFor),
    deleteRole: async ({ of, resources }: Live): Promise<void> => {
      const { key, accountId, body } = of("role");
      const policies = resources.flatMap((one) =>
        one.kind === "role-policy" && one.key.startsWith(`${key}#`) ? [one.body.policyName] : [],
      );
      await deleteRole(iam(accountId), body.name, policies);
    },
    deletePolicy: ({ of }: Live): Promise<void> => deleteRolePolicy(iam(), of("role-policy").body),
  };
}

interface WithPolicies {
  state(): { accounts: Record<string, { policies: Record<string, { document: PolicyDocument }> }> };
}

/** The permissions boundary of an account, for its owner to edit or delete. */
export function boundaryIn(sandbox: WithPolicies, { id, boundaryArn }: Account) {
  const policies = sandbox.state().accounts[id]?.policies ?? {};
  const policy = policies[boundaryArn];
  if (!policy) throw new Error("no boundary");
  const agreed = policy.document;
  const put = (...more: Statement[]) => {
    policies[boundaryArn] = {
      ...policy,
      document: { ...agreed, Statement: [...statementsOf(agreed), ...more] },
    };
  };
  return {
    open: () => put({ Effect: "Allow", Action: "*", Resource: "*" }),
    narrow: () => put({ Effect: "Deny", Action: "s3:*", Resource: "*" }),
    remove: () => {
      delete policies[boundaryArn];
    },
    restore: () => put(),
  };
}

interface WithBuckets<B> {
  state(): { buckets: Record<string, B> };
}

/** The owner deletes the bucket, and a stranger makes one of its name. */
export function takeName<B extends { policy: PolicyDocument | null }>(
  sandbox: WithBuckets<B>,
  name: string,
  region?: string,
): void {
  const { buckets } = sandbox.state();
  const bucket = buckets[name];
  if (!bucket) throw new Error("no bucket");
  buckets[name] = { ...bucket, accountId: "999900001111", policy: null, ...(region && { region }) };
}

/** For tests that put it where it does not belong. */
export const everything = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});
