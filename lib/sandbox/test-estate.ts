import { EKSClient } from "@aws-sdk/client-eks";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, type Credentials, STSClient } from "@aws-sdk/client-sts";
import type { SeedInput } from "./seed-schema.ts";

/** The estate that the sandbox's own tests share: a portal, a cluster's account A and a resource account B. */
export const portal = "999900001111";
export const accountA = "111122223333";
export const accountB = "444455556666";
export const region = "eu-west-1";
export const issuer = `oidc.eks.${region}.amazonaws.com/id/${"A1B2".repeat(8)}`;

export const everything = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};

export function trusting(
  principal: unknown,
  action: string | string[] = "sts:AssumeRole",
  condition?: unknown,
) {
  const more = condition === undefined ? {} : { Condition: condition };
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: action, ...more }],
  };
}

const admin = {
  name: "provisioner",
  trust: trusting({ AWS: `arn:aws:iam::${portal}:user/worker` }, ["sts:AssumeRole", "sts:TagSession"]),
  policies: [{ name: "all", document: everything }],
};

export const estate = {
  accounts: [
    {
      id: portal,
      name: "portal",
      users: [
        {
          name: "worker",
          accessKeys: { AKIADRAWBRIDGEPORTAL0: "sandbox-secret" },
          policies: [{ name: "all", document: everything }],
        },
      ],
    },
    {
      id: accountA,
      name: "clusters",
      roles: [admin],
      clusters: [
        {
          name: "blue",
          region,
          oidcId: "A1B2".repeat(8),
          addons: [{ name: "eks-pod-identity-agent" }],
        },
        { name: "green", region, oidcId: "C3D4".repeat(8), addons: [{ name: "eks-pod-identity-agent" }] },
      ],
    },
    {
      id: accountB,
      name: "data",
      roles: [admin],
      policies: [{ name: "boundary", path: "/drawbridge/", document: everything }],
      buckets: [
        {
          name: "reports",
          region,
          objects: { "daily/1.csv": "a,b", "daily/2.csv": "c,d", "secret/plan.txt": "hush" },
        },
      ],
      queues: [{ name: "orders", region }],
    },
  ],
} satisfies SeedInput;

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export const workerKeys: Keys = { accessKeyId: "AKIADRAWBRIDGEPORTAL0", secretAccessKey: "sandbox-secret" };

/** The SDK's clients with nothing but the endpoint changed. One attempt: tests want to see each answer. */
export function clients(url: string, credentials: Keys, inRegion = region) {
  const config = { endpoint: url, region: inRegion, credentials, maxAttempts: 1 };
  return {
    iam: new IAMClient(config),
    sts: new STSClient(config),
    eks: new EKSClient(config),
    s3: new S3Client(config),
    sqs: new SQSClient(config),
    kms: new KMSClient(config),
  };
}

export function keysOf(credentials: Credentials | undefined): Keys {
  if (!credentials?.AccessKeyId || !credentials.SecretAccessKey || !credentials.SessionToken) {
    throw new Error("STS gave no credentials");
  }
  return {
    accessKeyId: credentials.AccessKeyId,
    secretAccessKey: credentials.SecretAccessKey,
    sessionToken: credentials.SessionToken,
  };
}

/** Keys of a session on a role that trusts the portal's worker. */
export async function assumed(url: string, RoleArn: string): Promise<Keys> {
  const call = new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" });
  return keysOf((await clients(url, workerKeys).sts.send(call)).Credentials);
}

/** Clients with the rights of an administrator of the account. */
export async function adminOf(url: string, accountId: string, inRegion = region) {
  return clients(url, await assumed(url, `arn:aws:iam::${accountId}:role/provisioner`), inRegion);
}

/** The `name` of what a call fails with, or "ok". */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

export async function control(url: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${url}/_sandbox/${path}`, {
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

export async function tokenFor(
  url: string,
  wanted: {
    cluster?: string;
    namespace: string;
    serviceAccount: string;
    audience?: string;
    expirationSeconds?: number;
  },
): Promise<string> {
  const { cluster = "blue", ...request } = wanted;
  const answer = await control(url, `clusters/${accountA}/${region}/${cluster}/tokens`, request);
  if (typeof answer === "object" && answer !== null && "token" in answer) return String(answer.token);
  throw new Error("The sandbox gave no token");
}
