import { AddonStatus } from "@aws-sdk/client-eks";
import { z } from "zod";
import { accountIdSchema, partitionSchema, regionSchema } from "#lib/model/arn.ts";
import { clusterNameSchema } from "#lib/model/cluster.ts";
import { namespaceSchema, serviceAccountSchema } from "#lib/model/workload.ts";
import { quotasSchema } from "./quotas.ts";
import { keyStates } from "./state.ts";

/** A policy document; its grammar is checked when it is stored. */
const document = z.looseObject({ Statement: z.unknown() });
const tags = z.record(z.string(), z.string()).default({});
const namedDocument = z.strictObject({ name: z.string().min(1).max(128), document });

const user = z.strictObject({
  name: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  /** Access key id → secret. Ids start with `AKIA`. */
  accessKeys: z.record(z.string().regex(/^AKIA[A-Z0-9]{12,124}$/), z.string().min(1)),
  policies: z.array(namedDocument).default([]),
  attachedPolicyArns: z.array(z.string()).default([]),
  tags,
});

const role = z.strictObject({
  name: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  path: z
    .string()
    .regex(/^\/([\x21-\x7e]+\/)?$/)
    .default("/"),
  description: z.string().max(1000).default(""),
  maxSessionDuration: z.number().int().min(3600).max(43_200).default(3600),
  trust: document,
  policies: z.array(namedDocument).default([]),
  attachedPolicyArns: z.array(z.string()).default([]),
  boundaryArn: z.string().nullable().default(null),
  tags,
});

const managedPolicy = z.strictObject({
  name: z.string().regex(/^[\w+=,.@-]{1,128}$/),
  path: z
    .string()
    .regex(/^\/([\x21-\x7e]+\/)?$/)
    .default("/"),
  description: z.string().max(1000).default(""),
  document,
  tags,
});

const association = z.strictObject({
  namespace: namespaceSchema,
  serviceAccount: serviceAccountSchema,
  roleArn: z.string(),
  targetRoleArn: z.string().nullable().default(null),
  disableSessionTags: z.boolean().default(false),
  /** Set when an add-on owns the association. */
  ownerArn: z.string().nullable().default(null),
  tags,
});

const cluster = z.strictObject({
  name: clusterNameSchema,
  region: regionSchema,
  version: z.string().default("1.34"),
  /** The last part of the issuer; made from account, Region and name when left out. */
  oidcId: z
    .string()
    .regex(/^[0-9A-F]{32}$/)
    .optional(),
  addons: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        version: z.string().default("v1.3.9-eksbuild.3"),
        status: z.enum(AddonStatus).default("ACTIVE"),
      }),
    )
    .default([]),
  associations: z.array(association).default([]),
  tags,
});

const provider = z.strictObject({
  /** Without `https://`. */
  issuer: z.string().regex(/^[^/:]+(\/.*)?$/),
  clientIds: z.array(z.string()).default(["sts.amazonaws.com"]),
  tags,
});

const bucket = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  region: regionSchema,
  policy: document.nullable().default(null),
  publicAccessBlock: z
    .strictObject({
      BlockPublicAcls: z.boolean(),
      IgnorePublicAcls: z.boolean(),
      BlockPublicPolicy: z.boolean(),
      RestrictPublicBuckets: z.boolean(),
    })
    .optional(),
  ownership: z
    .enum(["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"])
    .default("BucketOwnerEnforced"),
  encryption: z
    .strictObject({
      algorithm: z.enum(["AES256", "aws:kms"]),
      kmsKeyId: z.string().nullable().default(null),
      bucketKey: z.boolean().default(false),
    })
    .optional(),
  tags,
  /** Key → text. */
  objects: z.record(z.string(), z.string()).default({}),
});

const queue = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/),
  region: regionSchema,
  policy: document.nullable().default(null),
  attributes: z.record(z.string(), z.string()).default({}),
  tags,
  /** Bodies. */
  messages: z.array(z.string()).default([]),
});

const key = z.strictObject({
  /** The last part of its ARN. */
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  region: regionSchema,
  state: z.enum(keyStates).default("Enabled"),
  aliases: z.array(z.string().regex(/^alias\/(?!aws\/)[\w/-]{1,250}$/)).default([]),
  description: z.string().max(8192).default(""),
  /** Left out: the default key policy, which leaves all to the account's IAM policies. */
  policy: document.optional(),
});

const account = z.strictObject({
  id: accountIdSchema,
  name: z.string().default(""),
  partition: partitionSchema.default("aws"),
  quotas: quotasSchema.partial().default({}),
  users: z.array(user).default([]),
  roles: z.array(role).default([]),
  policies: z.array(managedPolicy).default([]),
  oidcProviders: z.array(provider).default([]),
  clusters: z.array(cluster).default([]),
  buckets: z.array(bucket).default([]),
  queues: z.array(queue).default([]),
  keys: z.array(key).default([]),
  scps: z.array(namedDocument).default([]),
  rcps: z.array(namedDocument).default([]),
});

export const seedSchema = z.strictObject({ accounts: z.array(account) });

/** What a person writes. */
export type SeedInput = z.input<typeof seedSchema>;
/** With every default filled in. */
export type Seed = z.output<typeof seedSchema>;
export type AccountSeed = Seed["accounts"][number];
