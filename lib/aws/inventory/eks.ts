import {
  type AddonStatus,
  DescribeAddonCommand,
  DescribeClusterCommand,
  DescribePodIdentityAssociationCommand,
  type EKSClient,
  type PodIdentityAssociationSummary,
  paginateListAddons,
  paginateListClusters,
  paginateListPodIdentityAssociations,
} from "@aws-sdk/client-eks";
import { type Cluster, clusterArn, clusterSchema } from "#lib/model/cluster.ts";
import { associationKey, associationKeyPrefix } from "#lib/model/resource-key.ts";
import { observedAssociation } from "../controllers/pod-identity-association.ts";
import { isKind } from "../errors.ts";
import { mapLimited } from "../limiter.ts";
import { type Gap, readsAtATime, type SectionContext } from "./section.ts";

const agentAddon = "eks-pod-identity-agent";

/** The clusters in each of the account's Regions. The issuer comes from here alone, never from a person. */
export async function readClusters(context: SectionContext): Promise<void> {
  for (const region of context.account.regions) {
    const client = context.clients.eks(region);
    const names: string[] = [];
    // Registered clusters are brought up to date by what is read, and never dropped.
    const gap: Gap = { of: "detail" };
    await context.attempt({ section: "clusters", gap, region }, async () => {
      for await (const page of paginateListClusters({ client }, {})) names.push(...(page.clusters ?? []));
      context.snapshot.clusterNames[region] = names;
    });
    await mapLimited(names, readsAtATime, async (name) => {
      const ref = { accountId: context.account.id, region, name };
      const subject = clusterArn(ref, context.account.partition);
      await context.attempt({ section: "clusters", subject, gap, region }, async () => {
        const { cluster } = await client.send(new DescribeClusterCommand({ name }));
        const agent =
          cluster?.computeConfig?.enabled === true ||
          (await context.attempt({ section: "add-ons", subject, gap, region }, () => hasAgent(client, name)));
        context.snapshot.clusters.push({
          ref,
          status: cluster?.status ?? "UNKNOWN",
          issuer: issuerOf(cluster?.identity?.oidc?.issuer),
          ...(agent !== undefined && { podIdentityAgent: agent }),
        });
      });
    });
  }
}

/** The cluster's issuer as EKS has it now, without `https://`. A cluster that is not there throws `not-found`. */
export async function readIssuer(client: EKSClient, name: string): Promise<string | null> {
  const { cluster } = await client.send(new DescribeClusterCommand({ name }));
  return issuerOf(cluster?.identity?.oidc?.issuer);
}

/**
 * Null for one of a form that we don't know (a new kind of endpoint): the provisioner may make no provider for it,
 * and trust policies name issuers of the known forms only.
 */
function issuerOf(url: string | undefined): string | null {
  return clusterSchema.shape.issuer.safeParse(url?.replace(/^https:\/\//, "")).data ?? null;
}

/**
 * Those in which its pods run: while it is updated, after an update that failed, and where some of them have trouble.
 * Not CREATING, CREATE_FAILED, DELETING and DELETE_FAILED (EKS API reference, `Addon.status`).
 */
const runningStatuses: ReadonlySet<string | undefined> = new Set<AddonStatus>([
  "ACTIVE",
  "UPDATING",
  "UPDATE_FAILED",
  "DEGRADED",
]);

async function hasAgent(client: EKSClient, clusterName: string): Promise<boolean> {
  for await (const page of paginateListAddons({ client }, { clusterName })) {
    if (!page.addons?.includes(agentAddon)) continue;
    const { addon } = await client.send(new DescribeAddonCommand({ clusterName, addonName: agentAddon }));
    return runningStatuses.has(addon?.status);
  }
  return false;
}

/**
 * All Pod Identity associations of the clusters, of others too: a service account that has one is bound. List leaves
 * out the roles, so each is described.
 */
export async function readAssociations(context: SectionContext, clusters: readonly Cluster[]): Promise<void> {
  const section = "pod-identity-associations";
  for (const cluster of clusters) {
    const { region, name: clusterName } = cluster;
    const client = context.clients.eks(region);
    const listed: PodIdentityAssociationSummary[] = [];
    const all: Gap = { of: "list", prefix: associationKeyPrefix(cluster) };
    await context.attempt({ section, subject: clusterName, gap: all, region }, () =>
      // A cluster that was deleted took its associations along: there are none, which is no failure to read them.
      unlessGone(async () => {
        for await (const page of paginateListPodIdentityAssociations({ client }, { clusterName })) {
          listed.push(...(page.associations ?? []));
        }
      }),
    );
    await mapLimited(listed, readsAtATime, async ({ associationId, namespace = "", serviceAccount = "" }) => {
      const subject = `${clusterName}/${associationId}`;
      const gap: Gap = { of: "resource", key: associationKey(cluster, namespace, serviceAccount) };
      await context.attempt({ section, subject, gap, region }, () =>
        // Deleted since it was listed.
        unlessGone(async () => {
          const { association } = await client.send(
            new DescribePodIdentityAssociationCommand({ clusterName, associationId }),
          );
          if (!association) return;
          const observed = observedAssociation(association, context.installation);
          const { namespace, serviceAccount } = observed.body;
          context.snapshot.observed[associationKey(cluster, namespace, serviceAccount)] = observed;
        }),
      );
    });
  }
}

/** Reads what may not be there any more. */
async function unlessGone(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!isKind(error, "not-found")) throw error;
  }
}
