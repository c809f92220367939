import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import { accountA, accountB, clients, type Keys, keysOf, region, tokenFor } from "./test-estate.ts";

/** Who somebody becomes, and what they then try: for the setups in test-patterns.ts. */

/** What somebody tries: true when it was allowed. */
export type Attempt = (url: string) => Promise<boolean>;

const queueUrl = `https://sqs.${region}.amazonaws.com/${accountB}/orders`;
export const target = `arn:aws:iam::${accountB}:role/drawbridge/target`;
export const source = `arn:aws:iam::${accountA}:role/drawbridge/source`;
interface Who {
  cluster?: "blue" | "green";
  namespace?: string;
  serviceAccount?: string;
  audience?: string;
}

export const impostors: Record<string, Who> = {
  "another service account": { serviceAccount: "other" },
  "another namespace": { namespace: "shop" },
  "another cluster": { cluster: "green" },
};

type Become = (url: string, who: Who) => Promise<Keys>;

export const byWebIdentity =
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

export async function chain(
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
  "get a secret": (url: string, keys: Keys) =>
    clients(url, keys).s3.send(new GetObjectCommand({ Bucket: "reports", Key: "secret/plan.txt" })),
  list: (url: string, keys: Keys) =>
    clients(url, keys).s3.send(new ListObjectsV2Command({ Bucket: "reports", Prefix: "daily/" })),
  "list outside the prefix": (url: string, keys: Keys) =>
    clients(url, keys).s3.send(new ListObjectsV2Command({ Bucket: "reports", Prefix: "secret/" })),
  send: (url: string, keys: Keys) =>
    clients(url, keys).sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "x" })),
};

export function attempt(become: (url: string) => Promise<Keys>, act: keyof typeof acts): Attempt {
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
export function s3Probes(become: Become): {
  allowed: Record<string, Attempt>;
  denied: Record<string, Attempt>;
  deniedLate: Record<string, Attempt>;
} {
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

export const otherAudience = (become: Become) => ({
  "another audience": attempt((url) => become(url, { audience: "second.audience" }), "get"),
});

export const chained: Become = async (url, who) =>
  chain(url, await byWebIdentity(source)(url, who), { ExternalId: "target-external-id" });

export const chainedFromAgent: Become = async (url, who) =>
  chain(url, await byAgent(url, who), { ExternalId: "target-external-id" });
