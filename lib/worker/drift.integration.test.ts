import {
  DeletePodIdentityAssociationCommand,
  ListPodIdentityAssociationsCommand,
  UpdatePodIdentityAssociationCommand,
} from "@aws-sdk/client-eks";
import {
  AttachRolePolicyCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eksOfOwner } from "#lib/aws/testing/owner.ts";
import { type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { tagKeys } from "#lib/model/tags.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { retryRevocations } from "./expire.ts";
import { executeRun } from "./run.ts";
import { sync } from "./sync.ts";
import { accountA, accountB, createWorld, mutations, targets, type World, withAgent } from "./testing.ts";
import {
  type DriftWorld,
  driftWorld,
  everything,
  type Live,
  takeName,
  tamperedSeed,
} from "./testing-drift.ts";

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

const isOurs = ({ Sid = "" }: Statement) => Sid.startsWith("Drawbridge");
const kept = (one: Statement): Statement => one;

/** What the bucket's owner makes of its policy, with the other teams' statements left where they are. */
function editBucket(change: (ours: Statement) => Statement | undefined) {
  const policy = sandbox.state().buckets.reports?.policy;
  if (!policy) throw new Error("no policy");
  const Statement = statementsOf(policy).flatMap((one) => (isOurs(one) ? change(one) : kept(one)) ?? []);
  const document = { ...policy, Statement };
  return world.control("mutate", {
    accountId: accountB.id,
    kind: "bucket-policy",
    name: "reports",
    document,
  });
}

function putTrust({ of }: Live, ...statements: Statement[]) {
  return drift.iam().send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: of("role").body.name,
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    }),
  );
}

async function eachAssociation(work: (clusterName: string, associationId: string) => Promise<unknown>) {
  const clusterName = withAgent.name;
  const eks = eksOfOwner(sandbox.url, accountA.id);
  const { associations = [] } = await eks.send(new ListPodIdentityAssociationsCommand({ clusterName }));
  for (const { associationId = "" } of associations) await work(clusterName, associationId);
}

interface Case {
  what: string;
  make: () => Promise<Live>;
  tamper: (made: Live) => Promise<unknown>;
  found: string[];
  /** The accounts where something was taken away: it comes back by the word of their owners alone (decision 0026). */
  owners: string[];
}

const irsa = () => drift.liveWith("oidc-provider");
const overStatements = () => drift.liveWith("resource-policy-statements");
const overPodIdentity = () => drift.liveWith("pod-identity-association");
const anybodyHere: Statement = {
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${accountA.id}:root` },
  Action: "sts:AssumeRole",
};

const cases: Case[] = [
  {
    what: "a role deleted by hand",
    make: irsa,
    tamper: (made) => drift.deleteRole(made),
    found: ["policy.deleted", "role.deleted"],
    owners: [accountA.id],
  },
  {
    what: "a role deleted by hand that a bucket's policy names",
    make: overStatements,
    tamper: (made) => drift.deleteRole(made),
    found: ["policy.deleted", "role.deleted", "statements.dangling"],
    owners: [accountA.id],
  },
  {
    what: "a trust policy that lets others in as well",
    make: irsa,
    tamper: (made) => putTrust(made, ...statementsOf(made.of("role").body.trust), anybodyHere),
    found: ["trust.wider"],
    owners: [],
  },
  {
    what: "a trust policy that lets others in instead",
    make: irsa,
    tamper: (made) => putTrust(made, anybodyHere),
    found: ["trust.both"],
    owners: [accountA.id],
  },
  {
    what: "an inline policy changed",
    make: irsa,
    tamper: ({ of }) => {
      const { roleName: RoleName, policyName: PolicyName } = of("role-policy").body;
      return drift.iam().send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: everything }));
    },
    found: ["policy.wider"],
    owners: [],
  },
  {
    what: "a policy of somebody else on our role",
    make: irsa,
    tamper: ({ of }) => {
      const inline = { RoleName: of("role").body.name, PolicyName: "backdoor", PolicyDocument: everything };
      return drift.iam().send(new PutRolePolicyCommand(inline));
    },
    found: ["policy.foreign"],
    owners: [],
  },
  {
    what: "policies of somebody else on our role, inline and attached",
    make: irsa,
    tamper: async ({ of }) => {
      const RoleName = of("role").body.name;
      const inline = { RoleName, PolicyName: "backdoor", PolicyDocument: everything };
      await drift.iam().send(new PutRolePolicyCommand(inline));
      const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
      await drift.iam().send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    },
    found: ["policy.foreign", "role.attached-policy"],
    owners: [accountA.id],
  },
  {
    what: "no boundary, other settings and no tag of the workload",
    make: irsa,
    tamper: async ({ of }) => {
      const RoleName = of("role").body.name;
      await drift.iam().send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
      const settings = { Description: "mine", MaxSessionDuration: 43_200 };
      await drift.iam().send(new UpdateRoleCommand({ RoleName, ...settings }));
      await drift.iam().send(new UntagRoleCommand({ RoleName, TagKeys: [tagKeys.workload] }));
    },
    found: ["role.boundary-missing", "role.settings", "role.tags"],
    owners: [],
  },
  {
    what: "an OIDC provider deleted",
    make: irsa,
    tamper: ({ of }) => {
      const OpenIDConnectProviderArn = of("oidc-provider").key;
      return drift.iam().send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    },
    found: ["provider.deleted"],
    owners: [accountA.id],
  },
  {
    what: "an OIDC provider without our client id",
    make: irsa,
    tamper: ({ of }) => {
      const about = { OpenIDConnectProviderArn: of("oidc-provider").key, ClientID: "sts.amazonaws.com" };
      return drift.iam().send(new RemoveClientIDFromOpenIDConnectProviderCommand(about));
    },
    found: ["provider.client-ids"],
    owners: [accountA.id],
  },
  {
    what: "our statements taken out of a bucket's policy",
    make: overStatements,
    tamper: () => editBucket(() => undefined),
    found: ["statements.deleted"],
    owners: [accountB.id],
  },
  {
    what: "our statements in a bucket's policy opened to everybody",
    make: overStatements,
    tamper: () => editBucket((one) => ({ ...one, Principal: "*" })),
    found: ["statements.wider"],
    owners: [],
  },
  {
    what: "our statements taken out of a queue's policy",
    make: () =>
      drift.liveWith("resource-policy-statements", { arn: targets.away.sqs, accountId: accountB.id }),
    tamper: async () => {
      const [queue] = Object.values(sandbox.state().accounts[accountB.id]?.queues ?? {});
      if (!queue?.policy) throw new Error("no policy");
      queue.policy.Statement = statementsOf(queue.policy).filter((one) => !isOurs(one));
    },
    found: ["statements.deleted"],
    owners: [accountB.id],
  },
  {
    what: "a Pod Identity association deleted",
    make: overPodIdentity,
    tamper: () =>
      eachAssociation((clusterName, associationId) =>
        eksOfOwner(sandbox.url, accountA.id).send(
          new DeletePodIdentityAssociationCommand({ clusterName, associationId }),
        ),
      ),
    found: ["association.deleted"],
    owners: [accountA.id],
  },
  {
    what: "a Pod Identity association pointed elsewhere",
    make: overPodIdentity,
    tamper: () =>
      eachAssociation((clusterName, associationId) => {
        const roleArn = `arn:aws:iam::${accountA.id}:role/team-role`;
        return eksOfOwner(sandbox.url, accountA.id).send(
          new UpdatePodIdentityAssociationCommand({ clusterName, associationId, roleArn }),
        );
      }),
    found: ["association.redirected"],
    owners: [accountA.id],
  },
  {
    what: "sessions cut off by the console, and the role denied everything, because of an incident",
    make: irsa,
    tamper: async ({ of }) => {
      const RoleName = of("role").body.name;
      const PolicyDocument = JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
      });
      const inline = { RoleName, PolicyName: "AWSRevokeOlderSessions", PolicyDocument };
      await drift.iam().send(new PutRolePolicyCommand(inline));
      const PolicyArn = "arn:aws:iam::aws:policy/AWSDenyAll";
      await drift.iam().send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    },
    found: ["policy.foreign-deny", "role.attached-deny"],
    owners: [accountA.id],
  },
];

/** Both accounts whole: other teams' statements are in it, in their order and form. */
it.each(cases)(
  "$what is recognised, and repaired to exactly what was approved by the word of whose it is",
  async ({ make, tamper, found, owners }) => {
    const made = await make();
    const { grant } = made;
    const approved = await world.dump();
    await drift.check(grant);
    expect(await drift.driftOf(grant)).toBeNull();

    await tamper(made);
    const since = await world.lastCall();
    expect(await drift.check(grant)).toBe("checked");
    expect(mutations(await world.calls(since))).toEqual([]);
    expect((await drift.kindsOf(grant)).sort()).toEqual(found);
    const stored = await drift.driftOf(grant);
    expect(stored?.verdict).toBe("drifted");
    expect(stored?.findings.every(({ repairable }) => repairable)).toBe(true);

    if (owners.length > 0) {
      const taken = await world.dump();
      const silent = [accountA.id, accountB.id].filter((id) => !owners.includes(id));
      const refused = await drift.queueRepair(grant, silent);
      await executeRun(world.worker("w"), refused);
      expect(await world.run(refused)).toMatchObject({
        state: "failed",
        error: { code: "OwnerNotAsked", cause: expect.stringContaining(`account ${owners[0]},`) },
      });
      expect(await world.dump()).toEqual(taken);
      expect((await world.grant(grant.id)).state).toBe("active");
    }
    const runId = await drift.queueRepair(grant, owners);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({ state: "succeeded", error: null });
    expect(await world.grant(grant.id)).toMatchObject({ state: "active", drift: null });
    expect(await world.dump()).toEqual(approved);
    await drift.check(grant);
    expect(await drift.driftOf(grant)).toBeNull();
    expect(await drift.eventsOf(grant)).toEqual(["grant.drifted", "grant.drift-cleared (repaired)"]);
  },
);

describe("what a person has to see to", () => {
  it("is a role that lost the marks of its owner: a repair leaves it alone and says so", async () => {
    const { grant, of } = await irsa();
    const marks = { RoleName: of("role").body.name, TagKeys: [tagKeys.installation] };
    await drift.iam().send(new UntagRoleCommand(marks));
    await drift.check(grant);
    expect(await drift.driftOf(grant)).toMatchObject({
      verdict: "drifted",
      findings: [{ id: "role.not-ours", repairable: false }],
    });
    const before = await world.dump();
    const runId = await drift.queueRepair(grant);
    await executeRun(world.worker("w"), runId);
    expect(await world.run(runId)).toMatchObject({
      state: "failed",
      error: { nextStep: expect.stringContaining("owner") },
    });
    expect(await world.dump()).toEqual(before);
    expect((await world.grant(grant.id)).state).toBe("active");
  });
});

describe("a bucket that the provisioner is refused", () => {
  const hurried = { timing: { stepDeadlineMs: 300, verifyWithinMs: 300 } };

  it.each([
    { where: "in its Region", region: undefined },
    { where: "in another Region", region: "us-west-2" },
  ])(
    "is gone when somebody else has its name by now, $where: nothing is written, and the access can be revoked",
    async ({ region }) => {
      const { grant } = await overStatements();
      takeName(sandbox, "reports", region);
      await sync(world.worker("w"), accountB.id);
      await drift.check(grant);
      const words = `Account ${accountB.id} has no bucket reports: the one of that name belongs to somebody else.`;
      expect(await drift.driftOf(grant)).toMatchObject({
        verdict: "drifted",
        findings: [{ id: "target.gone", now: [words], effect: "narrower", repairable: false }],
      });
      const repair = await drift.queueRepair(grant);
      const since = await world.lastCall();
      await executeRun(world.worker("w", hurried), repair);
      expect(await world.run(repair)).toMatchObject({
        state: "failed",
        error: {
          cause: `${words} Nothing was changed.`,
          nextStep: expect.stringMatching(/^Revoke this access/),
        },
      });
      expect(mutations(await world.calls(since))).toEqual([]);

      const revocation = await world.revoke(grant.id);
      await executeRun(world.worker("w", hurried), revocation);
      expect(await world.run(revocation)).toMatchObject({ state: "succeeded", error: null });
      expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
      expect(mutations(await world.calls(since)).filter((name) => name.includes("Bucket"))).toEqual([]);
    },
  );

  it.each([
    { what: "is the account's own", deny: ["s3:GetBucketPolicy"] },
    {
      what: "is not told from the account's own, since its buckets can't be listed",
      deny: ["s3:GetBucketPolicy", "s3:ListAllMyBuckets"],
    },
  ])("is not taken for gone when it $what", async ({ deny }) => {
    const { grant } = await overStatements();
    const roles = sandbox.state().accounts[accountB.id]?.roles ?? {};
    const provisioner = roles[accountB.provisionerRoleArn.split("/").at(-1) ?? ""];
    if (!provisioner) throw new Error("no provisioner");
    const document = {
      Version: "2012-10-17" as const,
      Statement: [{ Effect: "Deny" as const, Action: deny, Resource: "*" }],
    };
    provisioner.inline.deny = { value: document, visibleAt: 0, previous: null };
    await drift.check(grant);
    expect(await drift.kindsOf(grant)).toEqual(["unreadable"]);
    const revocation = await world.revoke(grant.id);
    await executeRun(world.worker("w", hurried), revocation);
    const run = await world.run(revocation);
    expect(run).toMatchObject({ state: "failed", error: { code: "AccessDenied" } });
    expect(run.steps.filter(({ state }) => state === "failed")).toMatchObject([
      { kind: "resource-policy-statements", verb: "delete" },
    ]);
    expect(statementsOf(sandbox.state().buckets.reports?.policy ?? document).some(isOurs)).toBe(true);

    delete provisioner.inline.deny;
    await retryRevocations(world.worker("w"), 0);
    await executeRun(world.worker("w"), revocation);
    expect(await world.grant(grant.id)).toMatchObject({ state: "revoked" });
    expect(statementsOf(sandbox.state().buckets.reports?.policy ?? document).some(isOurs)).toBe(false);
  });
});
