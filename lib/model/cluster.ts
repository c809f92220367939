import { z } from "zod";
import { accountIdSchema, type Partition, regionSchema } from "./arn.ts";

/** EKS: 1–100 characters, letters, digits, hyphen and underscore, starting with a letter or digit. */
export const clusterNameSchema = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/, "An EKS cluster name has letters, digits, - and _ only.");

/** The status, beside EKS's own, of one that was there and is not any more. */
export const deletedCluster = "DELETED";

/** An EKS cluster. Its issuer comes from `eks:DescribeCluster` alone, never from a person (issuer spoofing). */
export const clusterSchema = z.strictObject({
  accountId: accountIdSchema,
  region: regionSchema,
  name: clusterNameSchema,
  /** The OIDC issuer without `https://`; null until EKS has told us. */
  issuer: z
    .string()
    .regex(/^oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/id\/[0-9A-F]{1,64}$/)
    .nullable(),
  /** The `eks-pod-identity-agent` add-on runs (or Auto Mode, which carries it), as the inventory last saw it. */
  podIdentityAgent: z.boolean(),
});

export type Cluster = z.infer<typeof clusterSchema>;

export function clusterArn(cluster: Pick<Cluster, "accountId" | "region" | "name">, partition: Partition) {
  return `arn:${partition}:eks:${cluster.region}:${cluster.accountId}:cluster/${cluster.name}`;
}
