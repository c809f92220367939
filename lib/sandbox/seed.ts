import { checkDocument, type DocumentErrors } from "./documents.ts";
import { md5Hex, oidcId, uniqueId } from "./identifiers.ts";
import { quotasSchema } from "./quotas.ts";
import type { Sandbox } from "./sandbox.ts";
import type { AccountSeed, Seed } from "./seed-schema.ts";
import { externalIdOf } from "./services/eks-associations.ts";
import { defaultKeyPolicy, keyArn } from "./services/kms-keys.ts";
import { newBucket } from "./services/s3.ts";
import { objectEncryption } from "./services/s3-encryption.ts";
import { newQueue } from "./services/sqs-queues.ts";
import type { AccountState, Cluster, Role } from "./state.ts";
import { AwsError } from "./wire/error.ts";

/**
 * Puts into the sandbox what a seed names and what is not there yet. What exists is left as it is, so that a demo
 * may seed at every start without undoing what was done in it. Nothing in a seed waits to become visible.
 * @throws AwsError for documents that AWS would not store
 */
export async function applySeed(sandbox: Sandbox, seed: Seed): Promise<void> {
  for (const one of seed.accounts) ensureAccount(sandbox, one);
  for (const one of seed.accounts) seedUsersAndPolicies(sandbox, one);
  // All roles exist before any document is stored: trust policies name each other across accounts.
  const fresh = seed.accounts.map((one) => ({ one, roles: createRoles(sandbox, one) }));
  for (const { one, roles } of fresh) storeRoleDocuments(sandbox, one, roles);
  for (const one of seed.accounts) {
    seedProviders(sandbox, one);
    await seedClusters(sandbox, one);
    seedKeys(sandbox, one);
    seedBuckets(sandbox, one);
    seedQueues(sandbox, one);
  }
  sandbox.onChange();
}

/** Says where in the seed a document is wrong. */
function errorsAt(place: string): DocumentErrors {
  return {
    malformed: (detail) => new AwsError("InvalidSeed", `${place}: ${detail}`),
    invalidPrincipal: (principal) => new AwsError("InvalidSeed", `${place}: no such principal: ${principal}`),
  };
}

function ensureAccount(sandbox: Sandbox, seed: AccountSeed): void {
  sandbox.state.accounts[seed.id] ??= {
    id: seed.id,
    name: seed.name,
    partition: seed.partition,
    quotas: quotasSchema.parse(seed.quotas),
    users: {},
    roles: {},
    policies: {},
    providers: {},
    clusters: {},
    queues: {},
    scps: seed.scps.map(({ name, document }) => ({
      name,
      document: checkDocument(sandbox, document, "identity", errorsAt(`SCP ${name}`)),
    })),
    rcps: seed.rcps.map(({ name, document }) => ({
      name,
      document: checkDocument(sandbox, document, "resource", errorsAt(`RCP ${name}`)),
    })),
  };
}

function stateOf(sandbox: Sandbox, seed: AccountSeed): AccountState {
  const account = sandbox.account(seed.id);
  if (!account) throw new AwsError("InvalidSeed", `Account ${seed.id} is not there`);
  return account;
}

function seedUsersAndPolicies(sandbox: Sandbox, seed: AccountSeed): void {
  const account = stateOf(sandbox, seed);
  for (const { name, path, description, document, tags } of seed.policies) {
    const arn = `arn:${account.partition}:iam::${account.id}:policy${path}${name}`;
    account.policies[arn] ??= {
      name,
      path,
      arn,
      id: uniqueId("managedPolicy"),
      description,
      createdAt: sandbox.now(),
      document: checkDocument(sandbox, document, "identity", errorsAt(`policy ${name}`)),
      tags,
    };
  }
  for (const { name, accessKeys, policies, attachedPolicyArns, tags } of seed.users) {
    account.users[name.toLowerCase()] ??= {
      name,
      arn: `arn:${account.partition}:iam::${account.id}:user/${name}`,
      id: uniqueId("user"),
      accessKeys,
      inline: Object.fromEntries(
        policies.map((one) => [
          one.name,
          checkDocument(sandbox, one.document, "identity", errorsAt(`user ${name}`)),
        ]),
      ),
      attached: attachedPolicyArns,
      tags,
    };
  }
}

/** The roles that were not there, still without documents. */
function createRoles(sandbox: Sandbox, seed: AccountSeed): Role[] {
  const account = stateOf(sandbox, seed);
  const now = sandbox.now();
  return seed.roles.flatMap(({ name, path, attachedPolicyArns, policies: _, trust: __, ...rest }) => {
    if (account.roles[name.toLowerCase()]) return [];
    const role: Role = {
      ...rest,
      name,
      path,
      arn: `arn:${account.partition}:iam::${account.id}:role${path}${name}`,
      id: uniqueId("role"),
      createdAt: now,
      visibleAt: now,
      trust: { value: { Version: "2012-10-17", Statement: [] }, visibleAt: now, previous: null },
      inline: {},
      attached: Object.fromEntries(attachedPolicyArns.map((arn) => [arn, { arn, visibleAt: now }])),
    };
    account.roles[name.toLowerCase()] = role;
    return [role];
  });
}

function storeRoleDocuments(sandbox: Sandbox, seed: AccountSeed, roles: Role[]): void {
  const now = sandbox.now();
  for (const role of roles) {
    const wanted = seed.roles.find((one) => one.name === role.name);
    const errors = errorsAt(`role ${role.name}`);
    role.trust = {
      value: checkDocument(sandbox, wanted?.trust, "trust", errors, true),
      visibleAt: now,
      previous: null,
    };
    for (const { name, document } of wanted?.policies ?? []) {
      const value = checkDocument(sandbox, document, "identity", errors);
      role.inline[name] = { value, visibleAt: now, previous: null };
    }
  }
}

function seedProviders(sandbox: Sandbox, seed: AccountSeed): void {
  const account = stateOf(sandbox, seed);
  for (const { issuer, clientIds, tags } of seed.oidcProviders) {
    const arn = `arn:${account.partition}:iam::${account.id}:oidc-provider/${issuer}`;
    account.providers[arn] ??= { arn, issuer, clientIds, thumbprints: [], createdAt: sandbox.now(), tags };
  }
}

async function seedClusters(sandbox: Sandbox, seed: AccountSeed): Promise<void> {
  const account = stateOf(sandbox, seed);
  for (const { name, region, version, oidcId: id, addons, associations, tags } of seed.clusters) {
    if (account.clusters[`${region}/${name}`]) continue;
    const scope = `arn:${account.partition}:eks:${region}:${account.id}`;
    const now = sandbox.now();
    const suffix = account.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
    const cluster: Cluster = {
      name,
      region,
      arn: `${scope}:cluster/${name}`,
      issuer: `oidc.eks.${region}.${suffix}/id/${id ?? oidcId(account.id, region, name)}`,
      version,
      createdAt: now,
      signingKey: await sandbox.signingKey(`${scope}:cluster/${name}`),
      addons: Object.fromEntries(
        addons.map((addon) => [
          addon.name,
          { ...addon, arn: `${scope}:addon/${name}/${addon.name}/${crypto.randomUUID()}`, createdAt: now },
        ]),
      ),
      associations: {},
      tags,
    };
    for (const [index, one] of associations.entries()) {
      const associationId = `a-seeded${String(index).padStart(11, "0")}`;
      cluster.associations[associationId] = {
        ...one,
        id: associationId,
        arn: `${scope}:podidentityassociation/${name}/${associationId}`,
        externalId: one.targetRoleArn ? externalIdOf(cluster, one) : null,
        createdAt: now,
        modifiedAt: now,
        visibleAt: now,
      };
    }
    account.clusters[`${region}/${name}`] = cluster;
  }
}

function seedKeys(sandbox: Sandbox, seed: AccountSeed): void {
  const account = stateOf(sandbox, seed);
  account.keys ??= {};
  for (const { id, region, policy, ...rest } of seed.keys) {
    const arn = keyArn(account, region, id);
    account.keys[arn] ??= {
      ...rest,
      id,
      arn,
      accountId: account.id,
      region,
      createdAt: sandbox.now(),
      manager: "CUSTOMER",
      policy: checkDocument(
        sandbox,
        policy ?? defaultKeyPolicy(account),
        "resource",
        errorsAt(`key ${id}`),
        true,
      ),
    };
  }
}

function seedBuckets(sandbox: Sandbox, seed: AccountSeed): void {
  for (const one of seed.buckets) {
    const { name, region, policy, publicAccessBlock, ownership, encryption, tags, objects } = one;
    if (sandbox.state.buckets[name]) continue;
    const bucket = newBucket(name, seed.id, region, sandbox.now());
    bucket.tags = tags;
    bucket.ownership = ownership;
    if (publicAccessBlock) bucket.publicAccessBlock = publicAccessBlock;
    if (encryption) bucket.encryption = encryption;
    if (policy) bucket.policy = checkDocument(sandbox, policy, "resource", errorsAt(`bucket ${name}`), true);
    for (const [key, text] of Object.entries(objects)) {
      bucket.objects[key] = {
        body: Buffer.from(text).toString("base64"),
        contentType: "text/plain",
        etag: md5Hex(text),
        modifiedAt: sandbox.now(),
        ...objectEncryption(sandbox, bucket),
      };
    }
    sandbox.state.buckets[name] = bucket;
  }
}

function seedQueues(sandbox: Sandbox, seed: AccountSeed): void {
  const account = stateOf(sandbox, seed);
  for (const { name, region, policy, attributes, tags, messages } of seed.queues) {
    if (account.queues[`${region}/${name}`]) continue;
    const now = sandbox.now();
    const queue = newQueue(sandbox, seed.id, region, name, now);
    Object.assign(queue.attributes, attributes);
    queue.tags = tags;
    if (policy) queue.policy = checkDocument(sandbox, policy, "resource", errorsAt(`queue ${name}`), true);
    queue.messages = messages.map((body) => ({
      id: crypto.randomUUID(),
      body,
      sentAt: now,
      visibleAt: now,
      receiptHandle: null,
      receiveCount: 0,
    }));
    account.queues[`${region}/${name}`] = queue;
  }
}
