import type { Statement } from "#lib/model/policy-document.ts";
import { oidcProviderArn } from "#lib/model/resource-key.ts";
import { workloadSubject } from "#lib/model/workload.ts";
import type { WorkloadContext } from "./context.ts";

/**
 * The trust statements that Drawbridge writes; there are no others. Each names one service account exactly:
 * StringEquals, no wildcard, one principal. Source: domain reference §1, T1–T4, and its rulings 1–3.
 */

/** The audience of tokens for IAM; the same in every partition (aws-cn answers "Incorrect token audience" to .cn). */
export const stsAudience = "sts.amazonaws.com";

/** The six session tags of EKS Pod Identity, all transitive (EKS User Guide, "Grant Pods access with ABAC"). */
const podSessionTags = [
  "eks-cluster-arn",
  "eks-cluster-name",
  "kubernetes-namespace",
  "kubernetes-service-account",
  "kubernetes-pod-name",
  "kubernetes-pod-uid",
];

/** T1: pods of the service account, by the cluster's tokens. The provider is in the role's own account. */
export function webIdentityTrust(context: WorkloadContext, roleAccountId: string): Statement {
  const { issuer } = context.cluster;
  return {
    Effect: "Allow",
    Principal: { Federated: oidcProviderArn(context.partition, roleAccountId, issuer) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: stsAudience,
        [`${issuer}:sub`]: workloadSubject(context.workload),
      },
    },
  };
}

/** The request tags that name the workload. Without them every association of the account would match. */
function workloadRequestTags(context: WorkloadContext): Record<string, string> {
  return {
    "aws:RequestTag/eks-cluster-arn": context.clusterArn,
    "aws:RequestTag/kubernetes-namespace": context.workload.namespace,
    "aws:RequestTag/kubernetes-service-account": context.workload.serviceAccount,
  };
}

/** T3: EKS Pod Identity, for this service account. */
export function podIdentityTrust(context: WorkloadContext): Statement {
  return {
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: { StringEquals: workloadRequestTags(context) },
  };
}

/** T4: the role that EKS assumes on top of the association's role. Names the role's ARN, not `:root` (ruling 1). */
export function podIdentityTargetTrust(context: WorkloadContext, sourceRoleArn: string): Statement {
  return {
    Effect: "Allow",
    Principal: { AWS: sourceRoleArn },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: { StringEquals: workloadRequestTags(context) },
  };
}

/** T2: a chained role, assumed by exactly the workload's role. From IRSA, TagSession is never granted (ruling 2). */
export function chainedTrust(sourceRoleArn: string, externalId: string): Statement {
  return {
    Effect: "Allow",
    Principal: { AWS: sourceRoleArn },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": externalId } },
  };
}

/**
 * Ruling 2: a chain from a Pod Identity session carries its transitive tags, so the target must allow TagSession;
 * ExternalId is no key of TagSession, so this is a statement of its own. ForAllValues limits which tags may come
 * along; it is safe here because the same statement requires three of them to be present.
 */
export function chainedTagTrust(context: WorkloadContext, sourceRoleArn: string): Statement {
  return {
    Effect: "Allow",
    Principal: { AWS: sourceRoleArn },
    Action: "sts:TagSession",
    Condition: {
      StringEquals: workloadRequestTags(context),
      "ForAllValues:StringEquals": { "aws:TagKeys": podSessionTags },
    },
  };
}
