import type { AddonStatus } from "@aws-sdk/client-eks";
import type { JWK } from "jose";
import type { Tags } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { Quotas } from "./quotas.ts";

/** All the sandbox knows, as plain JSON: it can be written to a file and read back. Times are epoch ms. */
export interface SandboxState {
  accounts: Record<string, AccountState>;
  /** Bucket names are unique over all accounts of a partition. */
  buckets: Record<string, Bucket>;
  /** Temporary credentials by access key id. */
  sessions: Record<string, Session>;
}

/**
 * A value that takes time to be seen, as IAM's do: readers see `previous` until `visibleAt`.
 * `previous` is null when there was nothing before.
 */
export interface Delayed<T> {
  value: T;
  visibleAt: number;
  previous: T | null;
}

export interface AccountState {
  id: string;
  name: string;
  partition: string;
  quotas: Quotas;
  /** By lower-cased name: IAM's names are unique whatever their case. */
  users: Record<string, User>;
  roles: Record<string, Role>;
  instanceProfiles?: Record<string, InstanceProfile>;
  /** By ARN. */
  policies: Record<string, ManagedPolicy>;
  providers: Record<string, OidcProvider>;
  /** By `region/name`. */
  clusters: Record<string, Cluster>;
  queues: Record<string, Queue>;
  /** KMS keys of customers, by ARN. Those that AWS manages are there without being listed. */
  keys?: Record<string, Key>;
  /** Policies of the organisation that stand above the account. */
  scps: StoredPolicy[];
  rcps: StoredPolicy[];
}

export interface StoredPolicy {
  name: string;
  document: PolicyDocument;
}

export interface User {
  name: string;
  arn: string;
  id: string;
  accessKeys: Record<string, string>;
  inline: Record<string, PolicyDocument>;
  attached: string[];
  tags: Tags;
}

export interface Role {
  name: string;
  path: string;
  arn: string;
  id: string;
  description: string;
  createdAt: number;
  /** Before this time nobody but its creator's reads can see the role. */
  visibleAt: number;
  maxSessionDuration: number;
  /** Principals are stored as unique ids: a role that is deleted and made again is somebody else. */
  trust: Delayed<PolicyDocument>;
  inline: Record<string, Delayed<PolicyDocument>>;
  attached: Record<string, { arn: string; visibleAt: number }>;
  boundaryArn: string | null;
  tags: Tags;
}

export interface InstanceProfile {
  name: string;
  path: string;
  arn: string;
  id: string;
  createdAt: number;
  /** The name of the one role that it may hold. */
  role: string | null;
}

export interface ManagedPolicy {
  name: string;
  path: string;
  arn: string;
  id: string;
  description: string;
  createdAt: number;
  document: PolicyDocument;
  tags: Tags;
}

export interface OidcProvider {
  arn: string;
  /** Without `https://`. */
  issuer: string;
  clientIds: string[];
  thumbprints: string[];
  createdAt: number;
  tags: Tags;
}

export interface Cluster {
  name: string;
  region: string;
  arn: string;
  /** Without `https://`. */
  issuer: string;
  version: string;
  createdAt: number;
  /** RS256 key pair that signs the tokens of the cluster's service accounts. */
  signingKey: JWK;
  addons: Record<string, Addon>;
  associations: Record<string, Association>;
  /** By the token that asked for it: what EKS answers to a repeated call, whatever became of it since. */
  associationTokens?: Record<string, Association>;
  tags: Tags;
}

export interface Addon {
  name: string;
  version: string;
  status: AddonStatus;
  arn: string;
  createdAt: number;
}

export interface Association {
  id: string;
  arn: string;
  namespace: string;
  serviceAccount: string;
  roleArn: string;
  targetRoleArn: string | null;
  externalId: string | null;
  disableSessionTags: boolean;
  ownerArn: string | null;
  createdAt: number;
  modifiedAt: number;
  visibleAt: number;
  tags: Tags;
}

export interface Bucket {
  name: string;
  accountId: string;
  region: string;
  createdAt: number;
  policy: PolicyDocument | null;
  publicAccessBlock: PublicAccessBlock;
  ownership: "BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter";
  encryption: { algorithm: "AES256" | "aws:kms"; kmsKeyId: string | null; bucketKey: boolean };
  tags?: Tags;
  objects: Record<string, StoredObject>;
}

export interface PublicAccessBlock {
  BlockPublicAcls: boolean;
  IgnorePublicAcls: boolean;
  BlockPublicPolicy: boolean;
  RestrictPublicBuckets: boolean;
}

export interface StoredObject {
  /** Base64. */
  body: string;
  /** What encrypts it, from when it was stored; absent: S3's own keys. */
  encryption?: { keyArn: string; bucketKey: boolean };
  contentType: string;
  etag: string;
  modifiedAt: number;
}

export interface Queue {
  name: string;
  accountId: string;
  region: string;
  arn: string;
  createdAt: number;
  attributes: Record<string, string>;
  policy: PolicyDocument | null;
  tags?: Tags;
  messages: QueueMessage[];
}

interface QueueMessage {
  id: string;
  body: string;
  sentAt: number;
  /** Hidden from receivers until then. */
  visibleAt: number;
  receiptHandle: string | null;
  receiveCount: number;
}

export interface Key {
  id: string;
  arn: string;
  accountId: string;
  region: string;
  createdAt: number;
  manager: "AWS" | "CUSTOMER";
  state: KeyState;
  /** With `alias/`. */
  aliases: string[];
  description: string;
  /** Every key has one, under the name `default`. */
  policy: PolicyDocument;
}

/** Source: KMS Developer Guide, "Key states of AWS KMS keys". */
export const keyStates = ["Enabled", "Disabled", "PendingDeletion", "PendingImport", "Unavailable"] as const;
export type KeyState = (typeof keyStates)[number];

export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiresAt: number;
  issuedAt: number;
  accountId: string;
  roleArn: string;
  roleId: string;
  sessionName: string;
  tags: Tags;
  transitiveTagKeys: string[];
  sourceIdentity: string | null;
  /** The provider's ARN for sessions made with a web identity. */
  federatedProvider: string | null;
  policies: StoredPolicy[];
  /** Made with the credentials of another role: such sessions last an hour at most. */
  chained: boolean;
}

export function emptyState(): SandboxState {
  return { accounts: {}, buckets: {}, sessions: {} };
}

/** What readers see of a delayed value now. */
export function visible<T>(held: Delayed<T>, now: number): T | null {
  return now >= held.visibleAt ? held.value : held.previous;
}

/** A new version of a delayed value; until it is seen, readers see what they see now. */
export function supersede<T>(
  held: Delayed<T> | undefined,
  value: T,
  now: number,
  delayMs: number,
): Delayed<T> {
  return { value, visibleAt: now + delayMs, previous: held ? visible(held, now) : null };
}
