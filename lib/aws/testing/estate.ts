import type { Account } from "#lib/model/account.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import {
  associationKey,
  oidcProviderArn,
  roleArn,
  rolePolicyKey,
  sid,
  sidPrefix,
  statementsKey,
} from "#lib/model/resource-key.ts";
import { ownershipTags, rolePath } from "#lib/model/tags.ts";
import { boundaryPolicy, provisionerPolicy, provisionerTrust, workerPolicy } from "#lib/render/onboarding.ts";
import type { ControllerContext } from "../controller.ts";
import { type AwsSessions, createSessions, type SessionOptions } from "../sessions.ts";
import { createWait, type WaitOptions } from "../wait.ts";

/**
 * Two accounts onboarded exactly as lib/render/onboarding.ts says, for the integration tests: the sandbox authorises
 * every call, so what passes here passes with those rights.
 */

export const installation = "acme";
export const region = "eu-west-1";

function account(id: string, name: string): Account {
  return {
    id,
    name,
    partition: "aws",
    environment: "development",
    ownerGroup: `${name}-owners`,
    regions: [region],
    provisionerRoleArn: `arn:aws:iam::${id}:role/drawbridge-provisioner`,
    externalId: `external-id-of-${id}`,
    boundaryArn: `arn:aws:iam::${id}:policy/drawbridge-boundary`,
  };
}

/** Desired resources are sorted by key, and so by account: nothing may hang on which of the two comes first. */
const ids = ["111122223333", "444455556666"];
const [first = "", second = ""] = process.env.TEST_ACCOUNTS === "descending" ? ids.toReversed() : ids;

/** The cluster's account. */
export const accountA = account(first, "platform");
/** The targets' account. */
export const accountB = account(second, "payments");

export const issuer = `oidc.eks.${region}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF`;

const workerArn = "arn:aws:iam::999999999999:user/worker";
const workerKey = { accessKeyId: "AKIAWORKERWORKER0000", secretAccessKey: "worker-secret" };

const administratorArn = "arn:aws:iam::999999999999:user/administrator";
/** May do everything in every account: other teams, and whoever looks at what is there. */
export const administrator = { accessKeyId: "AKIAADMINISTRATOR000", secretAccessKey: "administrator-secret" };

/** The account as its administrator enters it. */
export function administratorOf(one: Account): Account {
  return { ...one, provisionerRoleArn: `arn:aws:iam::${one.id}:role/administrator` };
}

export const accountTrust = (id: string): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${id}:root` }, Action: "sts:AssumeRole" }],
});

const everything: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};

/** As the sandbox's seed takes documents: plain objects. */
function plain(document: PolicyDocument) {
  return { ...document };
}

function onboarded(one: Account) {
  return {
    id: one.id,
    policies: [{ name: "drawbridge-boundary", document: plain(boundaryPolicy(one, installation)) }],
    roles: [
      {
        name: "drawbridge-provisioner",
        trust: plain(provisionerTrust(workerArn, one.externalId)),
        policies: [{ name: "provision", document: plain(provisionerPolicy(one, installation, [region])) }],
      },
      { name: "team-role", trust: plain(accountTrust(one.id)) },
      {
        name: "administrator",
        trust: plain({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: administratorArn },
              Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
            },
          ],
        }),
        policies: [{ name: "everything", document: plain(everything) }],
      },
    ],
  };
}

/** What is there before Drawbridge does anything. */
export function seed() {
  const a = onboarded(accountA);
  const b = onboarded(accountB);
  const worker = {
    name: "worker",
    accessKeys: { [workerKey.accessKeyId]: workerKey.secretAccessKey },
    policies: [
      {
        name: "worker",
        document: plain(workerPolicy([accountA.provisionerRoleArn, accountB.provisionerRoleArn])),
      },
    ],
  };
  return {
    accounts: [
      {
        ...a,
        clusters: [
          {
            name: "main",
            region,
            oidcId: "0123456789ABCDEF0123456789ABCDEF",
            addons: [{ name: "eks-pod-identity-agent" }],
          },
        ],
      },
      {
        ...b,
        buckets: [
          { name: "reports", region },
          {
            name: "ledger",
            region,
            encryption: {
              algorithm: "aws:kms" as const,
              kmsKeyId: `arn:aws:kms:${region}:${accountB.id}:key/k1`,
            },
          },
        ],
        queues: [{ name: "orders", region }],
        keys: [{ id: "k1", region }],
      },
      {
        id: "999999999999",
        users: [
          worker,
          {
            name: "administrator",
            accessKeys: { [administrator.accessKeyId]: administrator.secretAccessKey },
            policies: [{ name: "everything", document: plain(everything) }],
          },
        ],
      },
    ],
  };
}

export function sessionsAt(endpoint: string, options: Partial<SessionOptions> = {}): AwsSessions {
  return createSessions({ endpoint, region, installation, credentials: async () => workerKey, ...options });
}

export function contextOf(sessions: AwsSessions, one: Account, wait: WaitOptions = {}): ControllerContext {
  const clients = sessions.account(one, { sessionName: "test", sourceIdentity: "request-1" });
  return { clients, installation, wait: createWait({ deadlineMs: 5_000, ...wait }) };
}

const owners = ["abcdefghijkl"];
/** Another grant of this installation. */
export const siblingGrant = "mnopqrstuvwx";

/** What a database would say: this installation has made these two, and no others. */
export const knownGrants = async (ids: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set(ids.filter((id) => [...owners, siblingGrant].includes(id)));

export function roleResource(one: Account, name: string, trust: PolicyDocument): CloudResource<"role"> {
  const path = rolePath(installation);
  return {
    kind: "role",
    accountId: one.id,
    region: "us-east-1",
    key: roleArn("aws", one.id, path, name),
    body: {
      name,
      path,
      description: "Made by a test",
      trust,
      boundaryArn: one.boundaryArn,
      maxSessionDuration: 3600,
      tags: { ...ownershipTags(installation), team: "pay" },
    },
    dependsOn: [],
    owners,
  };
}

export function rolePolicyResource(one: Account, roleName: string): CloudResource<"role-policy"> {
  const policyName = "drawbridge-abcdefghijkl";
  return {
    kind: "role-policy",
    accountId: one.id,
    region: "us-east-1",
    key: rolePolicyKey(roleArn("aws", one.id, rolePath(installation), roleName), policyName),
    body: {
      roleName,
      policyName,
      document: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*" }],
      },
    },
    dependsOn: [],
    owners,
  };
}

export function providerResource(one: Account): CloudResource<"oidc-provider"> {
  return {
    kind: "oidc-provider",
    accountId: one.id,
    region: "us-east-1",
    key: oidcProviderArn("aws", one.id, issuer),
    body: { issuer, clientIds: ["sts.amazonaws.com"], tags: ownershipTags(installation) },
    dependsOn: [],
    owners,
  };
}

export function statementsResource(
  service: "s3" | "sqs",
  principal: string,
  grant = "abcdefghijkl",
): CloudResource<"resource-policy-statements"> {
  const resourceArn =
    service === "s3" ? "arn:aws:s3:::reports" : `arn:aws:sqs:${region}:${accountB.id}:orders`;
  const allow = { Effect: "Allow" as const, Principal: { AWS: principal } };
  return {
    kind: "resource-policy-statements",
    accountId: accountB.id,
    region,
    key: statementsKey(resourceArn, sidPrefix(grant)),
    body: {
      service,
      resourceArn,
      statements:
        service === "s3"
          ? [
              { Sid: sid(grant, 0), ...allow, Action: "s3:GetObject", Resource: `${resourceArn}/*` },
              { Sid: sid(grant, 1), ...allow, Action: "s3:ListBucket", Resource: resourceArn },
            ]
          : [{ Sid: sid(grant, 0), ...allow, Action: ["sqs:SendMessage"], Resource: resourceArn }],
    },
    dependsOn: [],
    owners,
  };
}

export function associationResource(role: string): CloudResource<"pod-identity-association"> {
  const cluster = { accountId: accountA.id, region, name: "main" };
  return {
    kind: "pod-identity-association",
    accountId: accountA.id,
    region,
    key: associationKey(cluster, "pay", "api"),
    body: {
      clusterName: "main",
      namespace: "pay",
      serviceAccount: "api",
      roleArn: role,
      targetRoleArn: null,
      tags: ownershipTags(installation),
    },
    dependsOn: [],
    owners,
  };
}
