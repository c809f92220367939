import type { Partition } from "#lib/model/arn.ts";
import { clusterArn } from "#lib/model/cluster.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { NamedPolicy } from "#lib/policy/evaluate.ts";

const everything: NamedPolicy = {
  name: "AdministratorAccess",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
};

/** What an administrator may do, who can let anybody else of the account do the same. */
export const administrator = { identity: [everything] };

/** Source: EKS User Guide, "Grant Pods access to AWS resources based on tags": the agent's six session tags. */
export function podTags(pod: Workload, partition: Partition): Record<string, string> {
  return {
    "eks-cluster-arn": clusterArn(pod.cluster, partition),
    "eks-cluster-name": pod.cluster.name,
    "kubernetes-namespace": pod.namespace,
    "kubernetes-service-account": pod.serviceAccount,
    "kubernetes-pod-name": "pod-1",
    "kubernetes-pod-uid": "uid-1",
  };
}
