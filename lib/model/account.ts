import { z } from "zod";
import { accountIdSchema, partitionSchema, regionSchema } from "./arn.ts";

export const environments = ["production", "staging", "development", "shared"] as const;
export type Environment = (typeof environments)[number];

/** An AWS account registered by an admin. */
export const accountSchema = z.strictObject({
  id: accountIdSchema,
  name: z.string().trim().min(1, "Give the account a name.").max(80),
  partition: partitionSchema,
  environment: z.enum(environments),
  /** The group that approves for this account. */
  ownerGroup: z.string().min(1, "Name the group that owns the account."),
  regions: z.array(regionSchema).min(1, "Name at least one Region."),
  /** The role the worker assumes in the account. */
  provisionerRoleArn: z
    .string()
    .regex(/^arn:[a-z-]+:iam::\d{12}:role\/.+$/, "This must be an IAM role ARN in the account."),
  /** Sent with every assumption of the provisioner role: the confused-deputy guard. */
  externalId: z.string().min(16).max(256),
  /** On every role that Drawbridge makes in the account. */
  boundaryArn: z
    .string()
    .regex(
      /^arn:[a-z-]+:iam::\d{12}:policy\/.+$/,
      "This must be the ARN of a managed policy in the account.",
    ),
});

export type Account = z.infer<typeof accountSchema>;
