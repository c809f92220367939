import { renderPrincipals } from "./principals.ts";
import type { Sandbox } from "./sandbox.ts";
import type { AccountState, Bucket, Cluster, Queue, Role } from "./state.ts";

/**
 * All that exists, in one stable order and without what differs between two runs (ids, times, keys): two dumps are
 * equal exactly when AWS looks the same to its users. Policies keep the order and form of their statements.
 */
export function dumpState(sandbox: Sandbox): Record<string, unknown> {
  return sorted(sandbox.state.accounts, (account) => dumpAccount(sandbox, account));
}

function dumpAccount(sandbox: Sandbox, account: AccountState): Record<string, unknown> {
  const buckets = Object.entries(sandbox.state.buckets).filter(
    ([, bucket]) => bucket.accountId === account.id,
  );
  return {
    name: account.name,
    users: sorted(account.users, (user) => ({
      inline: sorted(user.inline, (one) => one),
      attached: user.attached,
    })),
    roles: byName(
      account.roles,
      (role) => role.arn,
      (role) => dumpRole(sandbox, role),
    ),
    instanceProfiles: byName(
      account.instanceProfiles ?? {},
      (one) => one.arn,
      (one) => one.role,
    ),
    policies: sorted(account.policies, ({ document, description, tags }) => ({
      document,
      description,
      tags: sorted(tags, (value) => value),
    })),
    oidcProviders: sorted(account.providers, ({ clientIds, thumbprints, tags }) => ({
      clientIds: [...clientIds].sort(),
      thumbprints,
      tags: sorted(tags, (value) => value),
    })),
    clusters: sorted(account.clusters, dumpCluster),
    buckets: sorted(Object.fromEntries(buckets), (bucket) => dumpBucket(sandbox, bucket)),
    queues: sorted(account.queues, (queue) => dumpQueue(sandbox, queue)),
    keys: sorted(account.keys ?? {}, ({ state, policy, aliases }) => ({
      state,
      policy: renderPrincipals(sandbox, policy),
      aliases: [...aliases].sort(),
    })),
  };
}

function dumpRole(sandbox: Sandbox, role: Role): Record<string, unknown> {
  return {
    description: role.description,
    maxSessionDuration: role.maxSessionDuration,
    trust: renderPrincipals(sandbox, role.trust.value),
    inline: sorted(role.inline, (held) => held.value),
    attached: Object.keys(role.attached).sort(),
    boundaryArn: role.boundaryArn,
    tags: sorted(role.tags, (value) => value),
  };
}

function dumpCluster(cluster: Cluster): Record<string, unknown> {
  return {
    issuer: cluster.issuer,
    addons: sorted(cluster.addons, ({ version, status }) => ({ version, status })),
    associations: byName(
      cluster.associations,
      (one) => `${one.namespace}/${one.serviceAccount}`,
      ({ roleArn, targetRoleArn, disableSessionTags, ownerArn, tags }) => ({
        roleArn,
        targetRoleArn,
        disableSessionTags,
        ownerArn,
        tags: sorted(tags, (value) => value),
      }),
    ),
    tags: sorted(cluster.tags, (value) => value),
  };
}

function dumpBucket(sandbox: Sandbox, bucket: Bucket): Record<string, unknown> {
  return {
    region: bucket.region,
    policy: bucket.policy && renderPrincipals(sandbox, bucket.policy),
    publicAccessBlock: bucket.publicAccessBlock,
    ownership: bucket.ownership,
    encryption: bucket.encryption,
    objects: sorted(bucket.objects, (object) => object.etag),
  };
}

function dumpQueue(sandbox: Sandbox, queue: Queue): Record<string, unknown> {
  return {
    attributes: sorted(queue.attributes, (value) => value),
    policy: queue.policy && renderPrincipals(sandbox, queue.policy),
    messages: queue.messages.map((message) => message.body),
  };
}

function sorted<T, U>(record: Record<string, T>, show: (value: T) => U): Record<string, U> {
  return byKey(Object.entries(record).map(([key, value]) => [key, show(value)]));
}

function byName<T, U>(
  record: Record<string, T>,
  name: (value: T) => string,
  show: (value: T) => U,
): Record<string, U> {
  return byKey(Object.values(record).map((value) => [name(value), show(value)]));
}

function byKey<U>(entries: [string, U][]): Record<string, U> {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
