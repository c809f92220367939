import type { ConditionBlock, Statement } from "#lib/model/policy-document.ts";
import { accountA, accountB, issuer, region } from "./test-estate.ts";
import {
  type Attempt,
  attempt,
  byAgent,
  byWebIdentity,
  chain,
  chained,
  chainedFromAgent,
  impostors,
  otherAudience,
  s3Probes,
  source,
  target,
} from "./test-probes.ts";

/** Working setups of each access pattern, as data: the documents, and the probes that tell right from wrong. */

export interface StoredDocument {
  accountId: string;
  kind: "role-trust" | "role-policy" | "bucket-policy" | "queue-policy" | "key-policy";
  name: string;
  policyName?: string;
  statements: Statement[];
}

interface AssociationSeed {
  cluster: "blue" | "green";
  namespace: string;
  serviceAccount: string;
  roleArn: string;
  targetRoleArn?: string;
}

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
/** Bucket and queue are encrypted with this key where a setup has it. */
export const keyId = "11112222-3333-4444-5555-666677778888";
const keyGrant = (statements: Statement[]): StoredDocument => ({
  accountId: accountB,
  kind: "key-policy",
  name: keyId,
  statements,
});
const allKeys: Statement = { Effect: "Allow", Action: "kms:*", Resource: "*" };
const rootOfB = { AWS: `arn:aws:iam::${accountB}:root` };

/** By way of S3, and for no object under `secret/`; on the key's side with principals. */
function throughS3(onKey: boolean): Statement[] {
  return [
    {
      Sid: "Use",
      Effect: "Allow",
      ...(onKey && { Principal: rootOfB }),
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: onKey ? "*" : `arn:aws:kms:${region}:${accountB}:key/${keyId}`,
      Condition: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
    },
    {
      Sid: "NoSecrets",
      Effect: "Deny",
      ...(onKey && { Principal: "*" }),
      Action: "kms:Decrypt",
      Resource: "*",
      Condition: { StringLike: { "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::reports/secret/*" } },
    },
  ];
}

const ofTarget = (url: string) => byWebIdentity(target)(url, {});
const keyProbes = {
  allowed: { get: attempt(ofTarget, "get"), list: attempt(ofTarget, "list") },
  denied: { "get a secret": attempt(ofTarget, "get a secret"), send: attempt(ofTarget, "send") },
};

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
    name: "an encrypted bucket, seen from the role's side",
    documents: [policyOf(accountB, "target", [all, ...throughS3(false)])],
    wide: [trustOf(accountB, "target", [webTrust(accountB)]), keyGrant([{ ...allKeys, Principal: rootOfB }])],
    associations: [],
    ...keyProbes,
  },
  {
    name: "an encrypted bucket, seen from the key's side",
    documents: [keyGrant(throughS3(true))],
    wide: [trustOf(accountB, "target", [webTrust(accountB)]), policyOf(accountB, "target", [all, allKeys])],
    associations: [],
    ...keyProbes,
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
