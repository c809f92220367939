import { z } from "zod";

/**
 * Quotas an account may have raised, and the ones that can't be. Source: IAM User Guide, "IAM and STS quotas";
 * EKS User Guide, "View and manage service quotas".
 */
export const quotasSchema = z.strictObject({
  roles: z.number().int().positive().default(1000),
  oidcProviders: z.number().int().positive().default(100),
  managedPolicies: z.number().int().positive().default(1500),
  attachedPoliciesPerRole: z.number().int().positive().default(10),
  trustPolicySize: z.number().int().positive().default(2048),
});

export type Quotas = z.infer<typeof quotasSchema>;

export const limits = {
  inlinePoliciesPerRole: 10_240,
  managedPolicySize: 6_144,
  clientIdsPerProvider: 100,
  associationsPerCluster: 1_000,
  sessionPolicySize: 2_048,
  sessionTags: 50,
  roleTags: 50,
  bucketPolicyBytes: 20 * 1024,
  queuePolicyBytes: 8_192,
  queuePolicyStatements: 20,
  queueStatementActions: 7,
  /** Sessions that one role opens on another. */
  chainedSessionSeconds: 3_600,
} as const;

/** IAM does not count white space against the size of a policy. */
export function sizeWithoutWhitespace(text: string): number {
  return text.replace(/\s/g, "").length;
}
