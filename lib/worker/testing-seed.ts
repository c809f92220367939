import { accountA, accountB, region, seed } from "#lib/aws/testing/estate.ts";
import type { Cluster } from "#lib/model/cluster.ts";

/** What is in the two accounts of the worker's tests before Drawbridge does anything. */

export const withAgent: Cluster = {
  accountId: accountA.id,
  region,
  name: "main",
  issuer: `oidc.eks.${region}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF`,
  podIdentityAgent: true,
};
export const withoutAgent: Cluster = {
  ...withAgent,
  name: "edge",
  issuer: `oidc.eks.${region}.amazonaws.com/id/FEDCBA9876543210FEDCBA9876543210`,
  podIdentityAgent: false,
};

/** Targets by account: a bucket and a queue in the cluster's, the same in the other. */
export const targets = {
  home: { s3: "arn:aws:s3:::home-reports", sqs: `arn:aws:sqs:${region}:${accountA.id}:home-orders` },
  away: { s3: "arn:aws:s3:::reports", sqs: `arn:aws:sqs:${region}:${accountB.id}:orders` },
};

const foreignBucketPolicy = {
  Version: "2012-10-17",
  Id: "somebody-elses",
  Statement: [
    {
      Sid: "TeamReads",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountB.id}:role/team-role` },
      Action: "s3:GetObject",
      Resource: `${targets.away.s3}/*`,
    },
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [targets.away.s3, `${targets.away.s3}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ],
};

const foreignQueuePolicy = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "TeamSends",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountB.id}:role/team-role` },
      Action: "sqs:SendMessage",
      Resource: targets.away.sqs,
    },
  ],
};

/** What is in AWS before Drawbridge does anything. */
export function worldSeed() {
  const { accounts } = seed();
  return {
    accounts: accounts.map((account) => {
      if (account.id === accountA.id)
        return {
          ...account,
          clusters: [
            {
              name: "main",
              region,
              oidcId: "0123456789ABCDEF0123456789ABCDEF",
              addons: [{ name: "eks-pod-identity-agent" }],
            },
            { name: "edge", region, oidcId: "FEDCBA9876543210FEDCBA9876543210" },
          ],
          buckets: [{ name: "home-reports", region }],
          queues: [{ name: "home-orders", region }],
        };
      if (account.id === accountB.id)
        return {
          ...account,
          buckets: [{ name: "reports", region, policy: foreignBucketPolicy }],
          queues: [{ name: "orders", region, policy: foreignQueuePolicy }],
        };
      return account;
    }),
  };
}
