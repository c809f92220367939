import { z } from "zod";
import type { Actor } from "#lib/model/person.ts";
import type { Reader } from "../types.ts";
import { type Scope, scopeOf } from "../visibility.ts";
import { personView } from "./people-views.ts";
import type { AccountView, ClusterView } from "./views/admin.ts";

/** What the worker notes of a part of an account that it could not read. */
const syncErrorSchema = z.object({
  section: z.string().default(""),
  subject: z.string().default(""),
  cause: z.string().default(""),
  nextStep: z.string().default(""),
});

const shownOwners = 5;

function owned(scope: Scope) {
  return scope.everything ? {} : { id: { in: scope.accountIds } };
}

/** Every account for admins and auditors; for others those that their groups own. */
export async function accountsView(reader: Reader, actor: Actor): Promise<AccountView[]> {
  const { prisma } = reader;
  const scope = await scopeOf(prisma, actor);
  const [accounts, live] = await Promise.all([
    prisma.account.findMany({
      where: owned(scope),
      include: {
        _count: { select: { clusters: true, inventory: true } },
        owner: {
          include: {
            memberships: {
              include: { person: true },
              orderBy: { person: { name: "asc" } },
              take: shownOwners,
            },
          },
        },
      },
      orderBy: [{ name: "asc" }, { id: "asc" }],
    }),
    prisma.grant.groupBy({ by: ["targetAccountId"], where: { wanted: true }, _count: true }),
  ]);
  const grants = new Map(live.map((count) => [count.targetAccountId, count._count]));
  return accounts.map((account) => ({
    id: account.id,
    name: account.name,
    partition: account.partition,
    environment: account.environment,
    ownerGroup: account.ownerGroup,
    owners: account.owner.memberships.map(({ person }) => personView(person)),
    regions: account.regions,
    provisionerRoleArn: account.provisionerRoleArn,
    externalId: scope.admin ? account.externalId : null,
    boundaryArn: account.boundaryArn,
    registeredAt: account.registeredAt.toISOString(),
    syncedAt: account.syncedAt?.toISOString() ?? null,
    syncRequestedAt: account.syncRequestedAt?.toISOString() ?? null,
    syncErrors: z.array(syncErrorSchema).safeParse(account.syncErrors).data ?? [],
    clusters: account._count.clusters,
    targets: account._count.inventory,
    liveGrants: grants.get(account.id) ?? 0,
  }));
}

/** The clusters of the accounts that `accountsView` shows. */
export async function clustersView(reader: Reader, actor: Actor): Promise<ClusterView[]> {
  const { prisma } = reader;
  const scope = await scopeOf(prisma, actor);
  const [clusters, live] = await Promise.all([
    prisma.cluster.findMany({
      where: { account: { is: owned(scope) } },
      include: { account: { select: { name: true } }, namespaceOwners: { orderBy: { namespace: "asc" } } },
      orderBy: [{ name: "asc" }, { accountId: "asc" }, { region: "asc" }],
    }),
    prisma.grant.groupBy({
      by: ["clusterAccountId", "clusterRegion", "clusterName"],
      where: { wanted: true },
      _count: true,
    }),
  ]);
  return clusters.map((cluster) => ({
    accountId: cluster.accountId,
    region: cluster.region,
    name: cluster.name,
    accountName: cluster.account.name,
    issuer: cluster.issuer,
    status: cluster.status,
    podIdentityAgent: cluster.podIdentityAgent,
    registeredAt: cluster.registeredAt.toISOString(),
    seenAt: cluster.seenAt?.toISOString() ?? null,
    namespaceOwners: cluster.namespaceOwners.map(({ namespace, groupName }) => ({
      namespace,
      group: groupName,
    })),
    liveGrants:
      live.find(
        (count) =>
          count.clusterAccountId === cluster.accountId &&
          count.clusterRegion === cluster.region &&
          count.clusterName === cluster.name,
      )?._count ?? 0,
  }));
}
