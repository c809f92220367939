import * as eks from "@aws-sdk/client-eks";
import { namespaceSchema, serviceAccountSchema } from "#lib/model/workload.ts";
import { type Access, requestTagContext, tagContext } from "../authorise.ts";
import { associationId } from "../identifiers.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import { limits } from "../quotas.ts";
import type { Association, Cluster } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import {
  clusterAccess,
  clusterArn,
  clusterOrThrow,
  findCluster,
  nextPage,
  partition,
} from "./eks-clusters.ts";

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message, 400);
}

/** The service account as AWS tells it to the target role: `REGION/ACCOUNT/CLUSTER/NAMESPACE/SERVICE-ACCOUNT`. */
export function externalIdOf(
  cluster: Cluster,
  association: Pick<Association, "namespace" | "serviceAccount">,
): string {
  const accountId = cluster.arn.split(":")[4];
  const { namespace, serviceAccount } = association;
  return [cluster.region, accountId, cluster.name, namespace, serviceAccount].join("/");
}

function present(cluster: Cluster, association: Association): eks.PodIdentityAssociation {
  return {
    clusterName: cluster.name,
    namespace: association.namespace,
    serviceAccount: association.serviceAccount,
    roleArn: association.roleArn,
    associationArn: association.arn,
    associationId: association.id,
    tags: association.tags,
    createdAt: new Date(association.createdAt),
    modifiedAt: new Date(association.modifiedAt),
    disableSessionTags: association.disableSessionTags,
    ...(association.ownerArn && { ownerArn: association.ownerArn }),
    ...(association.targetRoleArn && { targetRoleArn: association.targetRoleArn }),
    ...(association.externalId && { externalId: association.externalId }),
  };
}

function associationOrThrow(cluster: Cluster, id: string | undefined): Association {
  const association = cluster.associations[id ?? ""];
  if (association) return association;
  throw new AwsError("ResourceNotFoundException", `The specified association ${id} does not exist`, 404);
}

/** Describe, update and delete are scoped to the association, the rest to the cluster. */
function associationAccess(
  call: Call,
  action: string,
  clusterName: string | undefined,
  id: string | undefined,
): Access[] {
  const association = findCluster(call, clusterName)?.associations[id ?? ""];
  const arn = clusterArn(call, clusterName).replace(":cluster/", ":podidentityassociation/");
  return [
    {
      action: `eks:${action}`,
      resource: `${arn}/${id}`,
      resourceAccount: call.accountId,
      context: tagContext("aws:ResourceTag", association?.tags ?? {}),
    },
  ];
}

/** EKS hands the role on to its agent, so the caller needs to be allowed to pass it. */
function passRole(call: Call, clusterName: string | undefined, roleArn: string | undefined): Access[] {
  if (!roleArn) return [];
  return [
    {
      action: "iam:PassRole",
      resource: roleArn,
      resourceAccount: call.accountId,
      context: {
        "iam:PassedToService": "pods.eks.amazonaws.com",
        "iam:AssociatedResourceArn": clusterArn(call, clusterName),
        ...tagContext("aws:ResourceTag", call.sandbox.roleByArn(roleArn)?.tags ?? {}),
        ...tagContext("iam:ResourceTag", call.sandbox.roleByArn(roleArn)?.tags ?? {}),
      },
    },
  ];
}

/** The role must be of the cluster's account, and EKS must see it already. */
function checkRole(call: Call, roleArn: string | undefined): string {
  if (!roleArn || !/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(roleArn)) {
    throw invalid("The role ARN is not valid");
  }
  if (roleArn.split(":")[4] !== call.accountId) {
    throw new AwsError("AccessDeniedException", "Cross-account pass role is not allowed.", 403);
  }
  if (!call.sandbox.visibleRole(roleArn)) throw invalid("Role provided in the request does not exist");
  return roleArn;
}

function checkTarget(targetRoleArn: string | undefined): string | null {
  if (!targetRoleArn) return null;
  if (/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(targetRoleArn)) return targetRoleArn;
  throw invalid("The target role ARN is not valid");
}

function create(
  call: Call,
  input: eks.CreatePodIdentityAssociationCommandInput,
): Output<eks.CreatePodIdentityAssociationCommandOutput> {
  const cluster = clusterOrThrow(call, input.clusterName);
  const namespace = input.namespace ?? "";
  const serviceAccount = input.serviceAccount ?? "";
  if (!namespaceSchema.safeParse(namespace).success) throw invalid("The namespace is not valid");
  if (!serviceAccountSchema.safeParse(serviceAccount).success)
    throw invalid("The service account is not valid");
  const held = Object.values(cluster.associations);
  const { clientRequestToken: token = "" } = input;
  const repeated = cluster.associationTokens?.[token];
  // How long EKS remembers a token is documented nowhere: the worst that it may do.
  if (repeated) return { association: present(cluster, cluster.associations[repeated.id] ?? repeated) };
  const roleArn = checkRole(call, input.roleArn);
  const targetRoleArn = checkTarget(input.targetRoleArn);
  if (input.policy && !input.disableSessionTags) {
    throw invalid("A session policy requires session tags to be disabled");
  }
  const twin = held.find((one) => one.namespace === namespace && one.serviceAccount === serviceAccount);
  if (twin) {
    throw new AwsError("ResourceInUseException", `Association already exists: ${twin.id}`, 409, {
      clusterName: cluster.name,
    });
  }
  if (held.length >= limits.associationsPerCluster) {
    throw new AwsError("ResourceLimitExceededException", "The cluster has 1000 associations already", 400, {
      clusterName: cluster.name,
    });
  }
  const id = associationId();
  const association: Association = {
    id,
    arn: `arn:${partition(call)}:eks:${call.region}:${call.accountId}:podidentityassociation/${cluster.name}/${id}`,
    namespace,
    serviceAccount,
    roleArn,
    targetRoleArn,
    externalId: targetRoleArn ? externalIdOf(cluster, { namespace, serviceAccount }) : null,
    disableSessionTags: input.disableSessionTags ?? false,
    ownerArn: null,
    createdAt: call.now,
    modifiedAt: call.now,
    visibleAt: call.sandbox.visibleFrom(),
    tags: { ...input.tags },
  };
  cluster.associations[id] = association;
  cluster.associationTokens ??= {};
  if (token) cluster.associationTokens[token] = structuredClone(association);
  return { association: present(cluster, association) };
}

/** Namespace and service account never change; an empty target role takes the target away (ACK eks#164). */
function update(
  call: Call,
  input: eks.UpdatePodIdentityAssociationCommandInput,
): Output<eks.UpdatePodIdentityAssociationCommandOutput> {
  const cluster = clusterOrThrow(call, input.clusterName);
  const association = associationOrThrow(cluster, input.associationId);
  if (input.roleArn !== undefined) association.roleArn = checkRole(call, input.roleArn);
  if (input.targetRoleArn !== undefined) {
    association.targetRoleArn = checkTarget(input.targetRoleArn);
    association.externalId = association.targetRoleArn ? externalIdOf(cluster, association) : null;
  }
  if (input.disableSessionTags !== undefined) association.disableSessionTags = input.disableSessionTags;
  association.modifiedAt = call.now;
  return { association: present(cluster, association) };
}

function list(
  call: Call,
  input: eks.ListPodIdentityAssociationsCommandInput,
): Output<eks.ListPodIdentityAssociationsCommandOutput> {
  const found = Object.values(clusterOrThrow(call, input.clusterName).associations).filter(
    (one) =>
      (input.namespace === undefined || one.namespace === input.namespace) &&
      (input.serviceAccount === undefined || one.serviceAccount === input.serviceAccount),
  );
  const { items, nextToken } = nextPage(found, input.nextToken, input.maxResults);
  return {
    nextToken,
    // The list leaves out the roles: whoever looks for drift has to describe each (EKS API Reference).
    associations: items.map((one) => ({
      clusterName: input.clusterName,
      namespace: one.namespace,
      serviceAccount: one.serviceAccount,
      associationArn: one.arn,
      associationId: one.id,
      ...(one.ownerArn && { ownerArn: one.ownerArn }),
    })),
  };
}

export const associationOperations: Operation[] = [
  operation(eks.CreatePodIdentityAssociation$, {
    access: (call, input: eks.CreatePodIdentityAssociationCommandInput) => [
      ...clusterAccess(
        call,
        "CreatePodIdentityAssociation",
        input.clusterName,
        requestTagContext(input.tags ?? {}),
      ),
      ...passRole(call, input.clusterName, input.roleArn),
    ],
    handle: create,
  }),
  operation(eks.DescribePodIdentityAssociation$, {
    access: (call, input: eks.DescribePodIdentityAssociationCommandInput) =>
      associationAccess(call, "DescribePodIdentityAssociation", input.clusterName, input.associationId),
    handle: (
      call,
      input: eks.DescribePodIdentityAssociationCommandInput,
    ): Output<eks.DescribePodIdentityAssociationCommandOutput> => {
      const cluster = clusterOrThrow(call, input.clusterName);
      return { association: present(cluster, associationOrThrow(cluster, input.associationId)) };
    },
  }),
  operation(eks.ListPodIdentityAssociations$, {
    access: (call, input: eks.ListPodIdentityAssociationsCommandInput) =>
      clusterAccess(call, "ListPodIdentityAssociations", input.clusterName),
    handle: list,
  }),
  operation(eks.UpdatePodIdentityAssociation$, {
    access: (call, input: eks.UpdatePodIdentityAssociationCommandInput) => [
      ...associationAccess(call, "UpdatePodIdentityAssociation", input.clusterName, input.associationId),
      ...passRole(call, input.clusterName, input.roleArn),
    ],
    handle: update,
  }),
  operation(eks.DeletePodIdentityAssociation$, {
    access: (call, input: eks.DeletePodIdentityAssociationCommandInput) =>
      associationAccess(call, "DeletePodIdentityAssociation", input.clusterName, input.associationId),
    handle: (
      call,
      input: eks.DeletePodIdentityAssociationCommandInput,
    ): Output<eks.DeletePodIdentityAssociationCommandOutput> => {
      const cluster = clusterOrThrow(call, input.clusterName);
      const association = associationOrThrow(cluster, input.associationId);
      delete cluster.associations[association.id];
      return { association: present(cluster, association) };
    },
  }),
];
