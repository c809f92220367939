import { z } from "zod";
import { accountIdSchema } from "./arn.ts";
import { customPermissionsSchema } from "./custom-permissions.ts";
import { workloadSchema } from "./workload.ts";

export const presetLevels = ["read", "write", "read-write"] as const;
export type PresetLevel = (typeof presetLevels)[number];

/** `custom`: listed actions, and conditions. */
export const accessLevels = [...presetLevels, "custom"] as const;
export type AccessLevel = (typeof accessLevels)[number];

/**
 * Letters and digits only, since the id is part of statement ids (`Sid`), policy names and URLs. Of one fixed
 * length, so that no id is a prefix of another. 12 characters of 36 are 62 bits.
 */
export const grantIdSchema = z.string().regex(/^[0-9a-z]{12}$/);
export type GrantId = string;

export const targetSchema = z.strictObject({
  arn: z.string().min(1, "Choose a resource or paste its ARN.").max(1600),
  /** The owner of the resource. S3 ARNs don't carry it, so it is always said, and checked in AWS. */
  accountId: accountIdSchema,
});

export type Target = z.infer<typeof targetSchema>;

/**
 * What a service account's pods become: one a workload. `kind` is a key of the identity table in
 * lib/desired; `accountId` is where a role outside the cluster's account lives, else null.
 */
export const identitySchema = z.strictObject({
  kind: z.string().min(1).max(40),
  accountId: accountIdSchema.nullable(),
  /**
   * The account whose chained role is the pod's default profile; null: the identity's own role is the default.
   * Fixed with the first grant, because a silent change would move a running application to other credentials.
   */
  defaultAccountId: accountIdSchema.nullable(),
});

export type IdentitySpec = z.infer<typeof identitySchema>;

const grantShape = z.strictObject({
  id: grantIdSchema,
  workload: workloadSchema,
  target: targetSchema,
  level: z.enum(accessLevels),
  /** Of the level `custom`, and of no other: absent, it is not part of the digest either. */
  custom: customPermissionsSchema.min(1).exactOptional(),
  /** Part of the target: an S3 key prefix without leading or trailing slash. Null: the whole resource. */
  subResource: z.string().min(1).max(512).nullable(),
  /** A key of the pattern table in lib/desired. */
  pattern: z.string().min(1).max(40),
  identity: identitySchema,
  /** RFC 3339 in UTC, whole seconds; null: until revoked. */
  expiresAt: z.iso.datetime({ precision: 0 }).nullable(),
});

/** A workload's access to a target, as approved. */
export const grantSchema = grantShape.refine(
  ({ level, custom }) => (level === "custom") === (custom !== undefined),
  "Custom access lists its actions, and no other does.",
);

export type Grant = z.infer<typeof grantSchema>;
