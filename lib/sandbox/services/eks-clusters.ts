import { type Access, type RequestContext, tagContext } from "../authorise.ts";
import type { Call } from "../operation.ts";
import type { AccountState, Cluster } from "../state.ts";
import { AwsError } from "../wire/error.ts";

/** Look-ups that all EKS handlers share: clusters live in the Region that the request was signed for. */

function accountOf(call: Call): AccountState {
  const account = call.sandbox.account(call.accountId);
  if (!account) throw new AwsError("ServerException", "The caller has no account", 500);
  return account;
}

export function partition(call: Call): string {
  return accountOf(call).partition;
}

export function clustersOf(call: Call): Cluster[] {
  return Object.values(accountOf(call).clusters).filter((cluster) => cluster.region === call.region);
}

export function findCluster(call: Call, name: string | undefined): Cluster | undefined {
  return accountOf(call).clusters[`${call.region}/${name}`];
}

export function clusterOrThrow(call: Call, name: string | undefined): Cluster {
  const cluster = findCluster(call, name);
  if (cluster) return cluster;
  throw new AwsError("ResourceNotFoundException", `No cluster found for name: ${name}.`, 404, {
    clusterName: name ?? "",
  });
}

export function clusterArn(call: Call, name: string | undefined): string {
  return `arn:${partition(call)}:eks:${call.region}:${call.accountId}:cluster/${name}`;
}

export function clusterAccess(
  call: Call,
  action: string,
  name: string | undefined,
  context: RequestContext = {},
): Access[] {
  return [
    {
      action: `eks:${action}`,
      resource: clusterArn(call, name),
      resourceAccount: call.accountId,
      context: { ...tagContext("aws:ResourceTag", findCluster(call, name)?.tags ?? {}), ...context },
    },
  ];
}

/** A page of a list; the token is the number of items already given. */
export function nextPage<T>(items: T[], token: string | undefined, maximum: number | undefined) {
  const start = Number(token ?? 0) || 0;
  const end = start + (maximum ?? 100);
  return { items: items.slice(start, end), nextToken: end < items.length ? String(end) : undefined };
}
