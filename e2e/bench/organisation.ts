import { account, cluster, item } from "#lib/desired/testing/organisation.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";

const accountIds = Array.from({ length: 50 }, (_, index) => String(100_000_000_000 + index));
const bucketsPerAccount = 40;

function at<T>(list: readonly T[], index: number): T {
  const value = list[index % list.length];
  if (value === undefined) throw new RangeError("empty list");
  return value;
}

/** An organisation of 50 accounts, 100 clusters, 2,000 buckets and 1,000 grants on 40 of the clusters. */
export function organisation(): { estate: Estate; grants: Grant[] } {
  const clusters = Array.from({ length: 100 }, (_, index) =>
    cluster({
      accountId: at(accountIds, index),
      name: `cluster-${index}`,
      issuer: `oidc.eks.eu-west-1.amazonaws.com/id/${String(index).padStart(32, "0")}`,
      podIdentityAgent: index % 2 === 1,
    }),
  );
  const inventory = accountIds.flatMap((id) =>
    Array.from({ length: bucketsPerAccount }, (_, index) => item(bucket(id, index), id)),
  );
  const estate: Estate = {
    installation: "bench",
    accounts: accountIds.map((id) => account(id)),
    clusters,
    inventory,
    tags: { "cost-centre": "4711", team: "platform" },
  };
  return { estate, grants: Array.from({ length: 1_000 }, (_, index) => grantOf(index)) };
}

export function bucket(accountId: string, index: number): string {
  return `arn:aws:s3:::data-${accountId}-${index}`;
}

/** Forty clusters of 25 grants: five service accounts with five grants each, chained or by resource policy. */
function grantOf(index: number): Grant {
  const clusterIndex = index % 40;
  const nth = Math.floor(index / 40);
  const target = at(accountIds, clusterIndex + 1 + (nth % 3));
  return {
    id: index.toString(36).padStart(12, "0"),
    workload: {
      cluster: {
        accountId: at(accountIds, clusterIndex),
        region: "eu-west-1",
        name: `cluster-${clusterIndex}`,
      },
      namespace: `team-${nth % 5}`,
      serviceAccount: "app",
    },
    target: { arn: bucket(target, nth), accountId: target },
    level: nth % 2 === 0 ? "read" : "read-write",
    subResource: nth % 3 === 0 ? "exports/2026" : null,
    pattern: nth % 2 === 0 ? "role-chaining" : "resource-policy",
    identity: { kind: "home-role", accountId: null, defaultAccountId: null },
    expiresAt: nth % 4 === 0 ? "2027-01-31T00:00:00Z" : null,
  };
}
