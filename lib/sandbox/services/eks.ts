import * as eks from "@aws-sdk/client-eks";
import { type Access, tagContext } from "../authorise.ts";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import type { Addon } from "../state.ts";
import { AwsError } from "../wire/error.ts";
import { associationOperations } from "./eks-associations.ts";
import {
  clusterAccess,
  clusterArn,
  clusterOrThrow,
  clustersOf,
  findCluster,
  nextPage,
} from "./eks-clusters.ts";

function describeCluster(call: Call, name: string | undefined): eks.Cluster {
  const cluster = clusterOrThrow(call, name);
  return {
    name: cluster.name,
    arn: cluster.arn,
    createdAt: new Date(cluster.createdAt),
    version: cluster.version,
    endpoint: `https://${cluster.issuer.slice(-32)}.gr7.${cluster.region}.eks.amazonaws.com`,
    identity: { oidc: { issuer: `https://${cluster.issuer}` } },
    status: "ACTIVE",
    platformVersion: "eks.1",
    tags: cluster.tags,
  };
}

function describeAddon(clusterName: string, addon: Addon): eks.Addon {
  return {
    addonName: addon.name,
    clusterName,
    status: addon.status,
    addonVersion: addon.version,
    addonArn: addon.arn,
    createdAt: new Date(addon.createdAt),
    modifiedAt: new Date(addon.createdAt),
    health: { issues: [] },
    tags: {},
  };
}

/** Tags of the two kinds of things the sandbox can tag: clusters and associations. */
function taggedThing(call: Call, arn: string | undefined): { tags: Record<string, string> } | undefined {
  for (const cluster of clustersOf(call)) {
    if (cluster.arn === arn) return cluster;
    const association = Object.values(cluster.associations).find((one) => one.arn === arn);
    if (association) return association;
  }
  return undefined;
}

function taggedOrThrow(call: Call, arn: string | undefined): { tags: Record<string, string> } {
  const found = taggedThing(call, arn);
  if (!found) throw new AwsError("NotFoundException", `Resource not found: ${arn}`, 404);
  return found;
}

function tagAccess(
  call: Call,
  action: string,
  arn: string | undefined,
  context: Access["context"],
): Access[] {
  const tags = taggedThing(call, arn)?.tags ?? {};
  return [
    {
      action: `eks:${action}`,
      resource: arn ?? "",
      resourceAccount: call.accountId,
      context: { ...tagContext("aws:ResourceTag", tags), ...context },
    },
  ];
}

export const eksOperations: Operation[] = [
  operation(eks.ListClusters$, {
    // Has no resource type, so policies must say `*` (Service Authorization Reference).
    access: (call) => [{ action: "eks:ListClusters", resource: "*", resourceAccount: call.accountId }],
    handle: (call, input: eks.ListClustersCommandInput): Output<eks.ListClustersCommandOutput> => {
      const names = clustersOf(call).map((cluster) => cluster.name);
      const { items: clusters, nextToken } = nextPage(names.sort(), input.nextToken, input.maxResults);
      return { clusters, nextToken };
    },
  }),
  operation(eks.DescribeCluster$, {
    access: (call, input: eks.DescribeClusterCommandInput) =>
      clusterAccess(call, "DescribeCluster", input.name),
    handle: (call, input: eks.DescribeClusterCommandInput): Output<eks.DescribeClusterCommandOutput> => ({
      cluster: describeCluster(call, input.name),
    }),
  }),
  operation(eks.ListAddons$, {
    access: (call, input: eks.ListAddonsCommandInput) => clusterAccess(call, "ListAddons", input.clusterName),
    handle: (call, input: eks.ListAddonsCommandInput): Output<eks.ListAddonsCommandOutput> => {
      const names = Object.keys(clusterOrThrow(call, input.clusterName).addons).sort();
      const { items: addons, nextToken } = nextPage(names, input.nextToken, input.maxResults);
      return { addons, nextToken };
    },
  }),
  operation(eks.DescribeAddon$, {
    access: (call, input: eks.DescribeAddonCommandInput) => {
      const cluster = findCluster(call, input.clusterName);
      const addon = cluster?.addons[input.addonName ?? ""];
      const fallback = `${clusterArn(call, input.clusterName).replace(":cluster/", ":addon/")}/${input.addonName}/*`;
      return [
        { action: "eks:DescribeAddon", resource: addon?.arn ?? fallback, resourceAccount: call.accountId },
      ];
    },
    handle: (call, input: eks.DescribeAddonCommandInput): Output<eks.DescribeAddonCommandOutput> => {
      const cluster = clusterOrThrow(call, input.clusterName);
      const addon = cluster.addons[input.addonName ?? ""];
      if (!addon) {
        throw new AwsError(
          "ResourceNotFoundException",
          `No addon: ${input.addonName} found in cluster: ${cluster.name}`,
          404,
        );
      }
      return { addon: describeAddon(cluster.name, addon) };
    },
  }),
  ...associationOperations,
  operation(eks.TagResource$, {
    access: (call, input: eks.TagResourceCommandInput) =>
      tagAccess(call, "TagResource", input.resourceArn, {
        ...tagContext("aws:RequestTag", input.tags ?? {}),
        "aws:TagKeys": Object.keys(input.tags ?? {}),
      }),
    handle: (call, input: eks.TagResourceCommandInput): object => {
      Object.assign(taggedOrThrow(call, input.resourceArn).tags, input.tags);
      return {};
    },
  }),
  operation(eks.UntagResource$, {
    access: (call, input: eks.UntagResourceCommandInput) =>
      tagAccess(call, "UntagResource", input.resourceArn, { "aws:TagKeys": input.tagKeys ?? [] }),
    handle: (call, input: eks.UntagResourceCommandInput): object => {
      const { tags } = taggedOrThrow(call, input.resourceArn);
      for (const key of input.tagKeys ?? []) delete tags[key];
      return {};
    },
  }),
  operation(eks.ListTagsForResource$, {
    access: (call, input: eks.ListTagsForResourceCommandInput) =>
      tagAccess(call, "ListTagsForResource", input.resourceArn, {}),
    handle: (
      call,
      input: eks.ListTagsForResourceCommandInput,
    ): Output<eks.ListTagsForResourceCommandOutput> => ({
      tags: taggedOrThrow(call, input.resourceArn).tags,
    }),
  }),
];
