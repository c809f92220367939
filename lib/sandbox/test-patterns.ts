import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import type { ConditionBlock, Statement } from "#lib/model/policy-document.ts";
import { accountA, accountB, clients, issuer, type Keys, keysOf, region, tokenFor } from "./test-estate.ts";

/** Working setups of each access pattern, as data: the documents, and the probes that tell right from wrong. */

export interface StoredDocument {
  accountId: string;
  kind: "role-trust" | "role-policy" | "bucket-policy" | "queue-policy";
  name: string;
  policyName?: string;
  statements: Statement[];
}

export interface AssociationSeed {
  cluster: "blue" | "green";
  namespace: string;
  serviceAccount: string;
  roleArn: string;
  targetRoleArn?: string;
}

/** What somebody tries: true when it was allowed. */
export type Attempt = (url: string) => Promise<boolean>;

export interface Setup {
  name: string;
  /** Every one of them is broken in turn, statement by statement and condition by condition. */
  documents: StoredDocument[];
  /** Documents that another setup breaks; here they are wide, so that they hide nothing. */
  wide: StoredDocument[];
  associations: AssociationSeed[];
  allowed: Record<string, Attempt>;
  denied: Record<string, Attempt>;
  /** Run an hour after the end date. */
  deniedLate?: Record<string, Attempt>;
}

const endDate = "2027-01-01T00:00:00Z";
export const beforeEnd = Date.parse("2026-12-31T12:00:00Z");
export const afterEnd = Date.parse("2027-01-01T01:00:00Z");

export const source = `arn:aws:iam::${accountA}:role/drawbridge/source`;
export const target = `arn:aws:iam::${accountB}:role/drawbridge/target`;
const queueUrl = `https://sqs.${region}.amazonaws.com/${accountB}/orders`;
const queueArn = `arn:aws:sqs:${region}:${accountB}:orders`;

function webTrust(account: string): Statement {
  return {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: "sts.amazonaws.com",
        [`${issuer}:sub`]: "system:serviceaccount:pay:api",
      },
    },
  };
}

const workloadTags = {
  "aws:RequestTag/eks-cluster-arn": `arn:aws:eks:${region}:${accountA}:cluster/blue`,
  "aws:RequestTag/kubernetes-namespace": "pay",
  "aws:RequestTag/kubernetes-service-account": "api",
};
const sixTags = [
  "eks-cluster-arn",
  "eks-cluster-name",
  "kubernetes-namespace",
  "kubernetes-service-account",
  "kubernetes-pod-name",
  "kubernetes-pod-uid",
];

function podTrust(condition?: ConditionBlock): Statement {
  return {
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    ...(condition && { Condition: condition }),
  };
}

/** Read of a prefix until the end date; on the resource's side with a principal. */
function prefixRead(principal?: string): Statement[] {
  const named = principal ? { Principal: { AWS: principal } } : {};
  return [
    {
      Sid: "Get",
      Effect: "Allow",
      ...named,
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:::reports/daily/*",
      Condition: { DateLessThan: { "aws:CurrentTime": endDate } },
    },
    {
      Sid: "List",
      Effect: "Allow",
      ...named,
      Action: "s3:ListBucket",
      Resource: "arn:aws:s3:::reports",
      Condition: { StringLike: { "s3:prefix": "daily/*" }, DateLessThan: { "aws:CurrentTime": endDate } },
    },
  ];
}

function send(principal?: string): Statement {
  return {
    Sid: "Send",
    Effect: "Allow",
    ...(principal && { Principal: { AWS: principal } }),
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { DateLessThan: { "aws:CurrentTime": endDate } },
  };
}

const all: Statement = { Effect: "Allow", Action: ["s3:*", "sqs:*"], Resource: "*" };
const step: Statement = { Effect: "Allow", Action: ["sts:AssumeRole", "sts:TagSession"], Resource: target };

const trustOf = (accountId: string, name: string, statements: Statement[]): StoredDocument => ({
  accountId,
  kind: "role-trust",
  name,
  statements,
});
const policyOf = (accountId: string, name: string, statements: Statement[]): StoredDocument => ({
  accountId,
  kind: "role-policy",
  name,
  policyName: "access",
  statements,
});

interface Who {
  cluster?: "blue" | "green";
  namespace?: string;
  serviceAccount?: string;
  audience?: string;
}

const impostors: Record<string, Who> = {
  "another service account": { serviceAccount: "other" },
  "another namespace": { namespace: "shop" },
  "another cluster": { cluster: "green" },
};

type Become = (url: string, who: Who) => Promise<Keys>;

const byWebIdentity =
  (RoleArn: string): Become =>
  async (url, { namespace = "pay", serviceAccount = "api", ...more }) => {
    const WebIdentityToken = await tokenFor(url, { namespace, serviceAccount, ...more });
    const { sts } = clients(url, { accessKeyId: "unused", secretAccessKey: "unused" });
    const call = new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "pod", WebIdentityToken });
    return keysOf((await sts.send(call)).Credentials);
  };

export const byAgent: Become = async (url, { namespace = "pay", serviceAccount = "api", cluster }) => {
  const audience = "pods.eks.amazonaws.com";
  const authorization = await tokenFor(url, {
    namespace,
    serviceAccount,
    audience,
    ...(cluster && { cluster }),
  });
  const response = await fetch(`${url}/_pod-identity/v1/credentials`, { headers: { authorization } });
  const answer = (await response.json()) as Record<string, string>;
  if (!response.ok) throw new Error(answer.Code);
  return keysOf({
    AccessKeyId: answer.AccessKeyId,
    SecretAccessKey: answer.SecretAccessKey,
    SessionToken: answer.Token,
    Expiration: undefined,
  });
};

async function chain(
  url: string,
  keys: Keys,
  more: { ExternalId?: string; Tags?: { Key: string; Value: string }[] },
) {
  const call = new AssumeRoleCommand({ RoleArn: target, RoleSessionName: "chained", ...more });
  return keysOf((await clients(url, keys).sts.send(call)).Credentials);
}

const acts = {
  get: (url: string, keys: Keys) =>
    clients(url, keys).s3.send(new GetObjectCommand({ Bucket: "reports", Key: "daily/1.csv" })),
  list: (url: string, keys: Keys) =>
    clients(url, keys).s3.send(new ListObjectsV2Command({ Bucket: "reports", Prefix: "daily/" })),
  "list outside the prefix": (url: string, keys: Keys) =>
    clients(url, keys).s3.send(new ListObjectsV2Command({ Bucket: "reports", Prefix: "secret/" })),
  send: (url: string, keys: Keys) =>
    clients(url, keys).sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "x" })),
};

function attempt(become: (url: string) => Promise<Keys>, act: keyof typeof acts): Attempt {
  return async (url) => {
    try {
      await acts[act](url, await become(url));
      return true;
    } catch {
      return false;
    }
  };
}

/** The workload's rights to the prefix, and every impostor's lack of them. */
function s3Probes(become: Become): Pick<Setup, "allowed" | "denied" | "deniedLate"> {
  const workload = (url: string) => become(url, {});
  return {
    allowed: { get: attempt(workload, "get"), list: attempt(workload, "list") },
    denied: {
      "list outside the prefix": attempt(workload, "list outside the prefix"),
      ...Object.fromEntries(
        Object.entries(impostors).map(([name, who]) => [name, attempt((url) => become(url, who), "get")]),
      ),
    },
    deniedLate: { get: attempt(workload, "get"), list: attempt(workload, "list") },
  };
}

const otherAudience = (become: Become) => ({
  "another audience": attempt((url) => become(url, { audience: "second.audience" }), "get"),
});

const chained: Become = async (url, who) =>
  chain(url, await byWebIdentity(source)(url, who), { ExternalId: "target-external-id" });

const chainedFromAgent: Become = async (url, who) =>
  chain(url, await byAgent(url, who), { ExternalId: "target-external-id" });

const associate = (targetRoleArn?: string): AssociationSeed[] =>
  [{}, ...Object.values(impostors)].map((who) => ({
    cluster: "blue",
    namespace: "pay",
    serviceAccount: "api",
    ...who,
    roleArn: source,
    ...(targetRoleArn && { targetRoleArn }),
  }));

const bucketGrant = (statements: Statement[]): StoredDocument => ({
  accountId: accountB,
  kind: "bucket-policy",
  name: "reports",
  statements,
});
const queueGrant = (statements: Statement[]): StoredDocument => ({
  accountId: accountB,
  kind: "queue-policy",
  name: "orders",
  statements,
});
const wideBucket = bucketGrant([
  {
    Effect: "Allow",
    Principal: { AWS: source },
    Action: "s3:*",
    Resource: ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
  },
]);
const sendAttempt = attempt((url) => byWebIdentity(source)(url, {}), "send");

export const setups: Setup[] = [
  {
    name: "a role in B that trusts the cluster's tokens",
    documents: [
      trustOf(accountB, "target", [webTrust(accountB)]),
      policyOf(accountB, "target", prefixRead()),
    ],
    wide: [],
    associations: [],
    ...s3Probes(byWebIdentity(target)),
    denied: { ...s3Probes(byWebIdentity(target)).denied, ...otherAudience(byWebIdentity(target)) },
  },
  {
    name: "a role in A that assumes one in B",
    documents: [
      trustOf(accountA, "source", [webTrust(accountA)]),
      policyOf(accountA, "source", [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: target }]),
      trustOf(accountB, "target", [
        {
          Effect: "Allow",
          Principal: { AWS: source },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "sts:ExternalId": "target-external-id" } },
        },
      ]),
      policyOf(accountB, "target", prefixRead()),
    ],
    wide: [],
    associations: [],
    ...s3Probes(chained),
    denied: {
      ...s3Probes(chained).denied,
      ...otherAudience(chained),
      "no external id": attempt(async (url) => chain(url, await byWebIdentity(source)(url, {}), {}), "get"),
    },
  },
  {
    name: "a bucket policy in B, seen from A's side",
    documents: [
      trustOf(accountA, "source", [webTrust(accountA)]),
      policyOf(accountA, "source", prefixRead()),
    ],
    wide: [wideBucket],
    associations: [],
    ...s3Probes(byWebIdentity(source)),
    denied: { ...s3Probes(byWebIdentity(source)).denied, ...otherAudience(byWebIdentity(source)) },
  },
  {
    name: "a bucket policy in B, seen from B's side",
    documents: [bucketGrant(prefixRead(source))],
    wide: [trustOf(accountA, "source", [webTrust(accountA)]), policyOf(accountA, "source", [all])],
    associations: [],
    ...s3Probes(byWebIdentity(source)),
  },
  {
    name: "a queue policy in B, seen from A's side",
    documents: [policyOf(accountA, "source", [send()])],
    wide: [
      trustOf(accountA, "source", [webTrust(accountA)]),
      queueGrant([{ Effect: "Allow", Principal: { AWS: source }, Action: "sqs:*", Resource: queueArn }]),
    ],
    associations: [],
    allowed: { send: sendAttempt },
    denied: {},
    deniedLate: { send: sendAttempt },
  },
  {
    name: "a queue policy in B, seen from B's side",
    documents: [queueGrant([send(source)])],
    wide: [trustOf(accountA, "source", [webTrust(accountA)]), policyOf(accountA, "source", [all])],
    associations: [],
    allowed: { send: sendAttempt },
    denied: {},
    deniedLate: { send: sendAttempt },
  },
  {
    name: "Pod Identity with a role in A",
    documents: [
      trustOf(accountA, "source", [podTrust({ StringEquals: workloadTags })]),
      policyOf(accountA, "source", prefixRead()),
    ],
    wide: [wideBucket],
    associations: associate(),
    ...s3Probes(byAgent),
  },
  {
    name: "Pod Identity with a target role in B",
    documents: [
      policyOf(accountA, "source", [step]),
      trustOf(accountB, "target", [
        {
          Effect: "Allow",
          Principal: { AWS: source },
          Action: ["sts:AssumeRole", "sts:TagSession"],
          Condition: { StringEquals: workloadTags },
        },
      ]),
      policyOf(accountB, "target", prefixRead()),
    ],
    wide: [trustOf(accountA, "source", [podTrust()])],
    associations: associate(target),
    ...s3Probes(byAgent),
  },
  {
    name: "Pod Identity, chained in the pod",
    documents: [
      policyOf(accountA, "source", [step]),
      trustOf(accountB, "target", [
        {
          Effect: "Allow",
          Principal: { AWS: source },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "sts:ExternalId": "target-external-id" } },
        },
        {
          Effect: "Allow",
          Principal: { AWS: source },
          Action: "sts:TagSession",
          Condition: { StringEquals: workloadTags, "ForAllValues:StringEquals": { "aws:TagKeys": sixTags } },
        },
      ]),
      policyOf(accountB, "target", prefixRead()),
    ],
    wide: [trustOf(accountA, "source", [podTrust()])],
    associations: associate(),
    ...s3Probes(chainedFromAgent),
    denied: {
      ...s3Probes(chainedFromAgent).denied,
      "no external id": attempt(async (url) => chain(url, await byAgent(url, {}), {}), "get"),
      "a tag of its own": attempt(
        async (url) =>
          chain(url, await byAgent(url, {}), {
            ExternalId: "target-external-id",
            Tags: [{ Key: "department", Value: "board" }],
          }),
        "get",
      ),
    },
  },
];
