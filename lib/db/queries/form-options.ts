import { services } from "#lib/desired/services/catalogue.ts";
import type { Actor } from "#lib/model/person.ts";
import { clusterKey } from "#lib/model/workload.ts";
import { maxGrantDays } from "../rules.ts";
import type { Prisma, Reader } from "../types.ts";
import { grantsVisible, scopeOf } from "../visibility.ts";
import { containing, searchWords } from "./search-text.ts";
import type { FormOptions, TargetSuggestion } from "./views/form.ts";

const sentTargets = 500;
const foundTargets = 20;

/** What the new-request form offers. Anyone signed in may ask for anything that is registered. */
export async function formOptions(reader: Reader, actor: Actor): Promise<FormOptions> {
  const { prisma } = reader;
  const [accounts, clusters, items, namespaces] = await Promise.all([
    prisma.account.findMany({
      select: { id: true, name: true, environment: true, partition: true, ownerGroup: true },
      orderBy: [{ name: "asc" }, { id: "asc" }],
    }),
    prisma.cluster.findMany({
      include: { account: true, namespaceOwners: true },
      orderBy: [{ name: "asc" }, { accountId: "asc" }, { region: "asc" }],
    }),
    suggestions(reader, {}, sentTargets + 1),
    namespacesInUse(reader, actor),
  ]);
  return {
    accounts,
    clusters: clusters.map((cluster) => {
      const { accountId, region, name, account, issuer, podIdentityAgent, namespaceOwners } = cluster;
      const owners = new Map(namespaceOwners.map((owner) => [owner.namespace, owner.groupName]));
      const names = new Set([...owners.keys(), ...(namespaces.get(clusterKey(cluster)) ?? [])]);
      return {
        accountId,
        region,
        name,
        accountName: account.name,
        environment: account.environment,
        ready: issuer !== null,
        podIdentityAgent,
        namespaces: [...names].sort().map((one) => ({ name: one, ownerGroup: owners.get(one) ?? null })),
      };
    }),
    targets: items.slice(0, sentTargets),
    moreTargets: items.length > sentTargets,
    services: Object.values(services).map((service) => ({
      id: service.id,
      name: service.name,
      noun: service.noun,
      exampleArn: service.exampleArn,
      levels: service.levels,
      subResource: service.subResource
        ? { label: service.subResource.label, hint: service.subResource.hint }
        : null,
    })),
    maxDays: maxGrantDays,
  };
}

/** Targets whose ARN has the words in it, for the form's typeahead. Names of resources are open to whoever may ask. */
export async function searchTargets(
  reader: Reader,
  _actor: Actor,
  filter: { text: string; accountId?: string | undefined },
): Promise<TargetSuggestion[]> {
  const words = searchWords(filter.text);
  return suggestions(
    reader,
    {
      ...(words ? { arn: containing(words) } : {}),
      ...(filter.accountId ? { accountId: filter.accountId } : {}),
    },
    foundTargets,
  );
}

async function suggestions(
  { prisma }: Reader,
  where: Prisma.InventoryItemWhereInput,
  take: number,
): Promise<TargetSuggestion[]> {
  const items = await prisma.inventoryItem.findMany({
    where: { AND: [where, { service: { in: Object.keys(services) } }] },
    include: { account: { select: { name: true } } },
    orderBy: [{ name: "asc" }, { arn: "asc" }],
    take,
  });
  return items.map(({ arn, accountId, service, name, region, classification, account }) => ({
    arn,
    accountId,
    service,
    name,
    region,
    accountName: account.name,
    noun: services[service]?.noun ?? "resource",
    classification,
  }));
}

/** Cluster → namespaces with grants that the actor may see. */
async function namespacesInUse({ prisma }: Reader, actor: Actor): Promise<Map<string, Set<string>>> {
  const rows = await prisma.grant.groupBy({
    by: ["clusterAccountId", "clusterRegion", "clusterName", "namespace"],
    where: grantsVisible(await scopeOf(prisma, actor)),
  });
  const byCluster = new Map<string, Set<string>>();
  for (const row of rows) {
    const key = clusterKey({
      accountId: row.clusterAccountId,
      region: row.clusterRegion,
      name: row.clusterName,
    });
    byCluster.set(key, (byCluster.get(key) ?? new Set()).add(row.namespace));
  }
  return byCluster;
}
