import type { AccountId, Partition } from "./arn.ts";
import type { ClusterRef } from "./workload.ts";

/**
 * The identity of each kind of cloud resource, as one text: its ARN where AWS has one. The desired state, the
 * controllers and the inventory's snapshot must agree on these, so they are made here only.
 */

export function oidcProviderArn(partition: Partition, accountId: AccountId, issuer: string): string {
  return `arn:${partition}:iam::${accountId}:oidc-provider/${issuer}`;
}

/** `path` starts and ends with a slash. */
export function roleArn(partition: Partition, accountId: AccountId, path: string, name: string): string {
  return `arn:${partition}:iam::${accountId}:role${path}${name}`;
}

/** An inline policy has no ARN of its own; it is named by its role's ARN and its name. */
export function rolePolicyKey(roleArn: string, policyName: string): string {
  return `${roleArn}#policy/${policyName}`;
}

/** Our statements in a resource's policy: those whose Sid starts with `sidPrefix`. */
export function statementsKey(resourceArn: string, sidPrefix: string): string {
  return `${resourceArn}#statements/${sidPrefix}`;
}

/** The prefix of the Sids that such a key stands for; undefined: it is another kind's. */
export function sidPrefixOfKey(key: string): string | undefined {
  return key.split("#statements/")[1] || undefined;
}

/** An association's ARN has a random id, but EKS allows one a service account: that is its identity. */
export function associationKey(cluster: ClusterRef, namespace: string, serviceAccount: string): string {
  return `${associationKeyPrefix(cluster)}${namespace}/${serviceAccount}`;
}

/** With it begin the keys of all associations of a cluster, and of no other's. */
export function associationKeyPrefix(cluster: ClusterRef): string {
  return `pod-identity-association:${cluster.accountId}/${cluster.region}/${cluster.name}/`;
}

/** Every Sid of ours starts so; the grant's id and a number follow. */
export const sidMarker = "Drawbridge";

/** The prefix of all Sids of one grant. Ids have one fixed length, so no grant's prefix is a prefix of another's. */
export function sidPrefix(grantId: string): string {
  return `${sidMarker}${grantId}`;
}

const ownSid = new RegExp(`^${sidMarker}([0-9a-z]{12})[0-9]+$`);

/** Of which grant a statement is by its Sid; undefined: it is not one of ours. */
export function grantIdOfSid(text: string | undefined): string | undefined {
  return text?.match(ownSid)?.[1];
}

export function sid(grantId: string, index: number): string {
  return `${sidPrefix(grantId)}${index}`;
}
