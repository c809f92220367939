import { z } from "zod";
import { accountIdSchema, regionSchema } from "./arn.ts";
import { clusterNameSchema } from "./cluster.ts";

/** RFC 1123 label: what Kubernetes accepts as a namespace. */
export const namespaceSchema = z
  .string()
  .max(63, "A namespace has at most 63 characters.")
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    "A namespace has lower-case letters, digits and hyphens, and starts and ends with a letter or digit (RFC 1123).",
  );

/** RFC 1123 subdomain: what Kubernetes accepts as a service account's name. */
export const serviceAccountSchema = z
  .string()
  .max(253, "A service account name has at most 253 characters.")
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "A service account name has lower-case letters, digits, hyphens and dots, and each part starts and ends with a letter or digit (RFC 1123).",
  );

export const clusterRefSchema = z.strictObject({
  accountId: accountIdSchema,
  region: regionSchema,
  name: clusterNameSchema,
});

export type ClusterRef = z.infer<typeof clusterRefSchema>;

/** A service account on a cluster: what asks for access. It has one identity, shared by all its grants. */
export const workloadSchema = z.strictObject({
  cluster: clusterRefSchema,
  namespace: namespaceSchema,
  serviceAccount: serviceAccountSchema,
});

export type Workload = z.infer<typeof workloadSchema>;

/** One unambiguous text for a workload: none of the parts can contain a slash. */
export function workloadKey(workload: Workload): string {
  const { cluster, namespace, serviceAccount } = workload;
  return [cluster.accountId, cluster.region, cluster.name, namespace, serviceAccount].join("/");
}

export function clusterKey(cluster: ClusterRef): string {
  return [cluster.accountId, cluster.region, cluster.name].join("/");
}

/** The `sub` claim of the tokens that Kubernetes issues to the service account. */
export function workloadSubject(workload: Workload): string {
  return `system:serviceaccount:${workload.namespace}:${workload.serviceAccount}`;
}
