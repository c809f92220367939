import type { AccountId } from "#lib/model/arn.ts";
import { type Actor, isAdmin, seesEverything } from "#lib/model/person.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { Db, Prisma } from "./types.ts";

/**
 * Who sees what, as conditions of the queries themselves: the requester, the namespace's owners, the owners of the
 * accounts concerned, admins and auditors. A row that is filtered out does not exist for the reader.
 */

export interface Scope {
  personId: string;
  admin: boolean;
  /** Admins and auditors. */
  everything: boolean;
  /** Accounts that the person's groups own. */
  accountIds: AccountId[];
  /** Namespaces that the person's groups own. */
  namespaces: { clusterAccountId: string; clusterRegion: string; clusterName: string; namespace: string }[];
}

/** What the actor's groups own now. */
export async function scopeOf(db: Db, actor: Actor): Promise<Scope> {
  const accounts = await db.account.findMany({
    where: { ownerGroup: { in: actor.groups } },
    select: { id: true },
  });
  const namespaces = await db.namespaceOwner.findMany({ where: { groupName: { in: actor.groups } } });
  return {
    personId: actor.id,
    admin: isAdmin(actor),
    everything: seesEverything(actor),
    accountIds: accounts.map((account) => account.id),
    namespaces: namespaces.map((owner) => ({
      clusterAccountId: owner.accountId,
      clusterRegion: owner.region,
      clusterName: owner.clusterName,
      namespace: owner.namespace,
    })),
  };
}

export function ownsAccount(scope: Scope, accountId: AccountId): boolean {
  return scope.accountIds.includes(accountId);
}

export function ownsNamespace(scope: Scope, { cluster, namespace }: Workload): boolean {
  return scope.namespaces.some(
    (owned) =>
      owned.clusterAccountId === cluster.accountId &&
      owned.clusterRegion === cluster.region &&
      owned.clusterName === cluster.name &&
      owned.namespace === namespace,
  );
}

/** Whether their word counts as that of the account's owners. */
export function speaksFor(scope: Scope, accountId: AccountId): boolean {
  return scope.admin || ownsAccount(scope, accountId);
}

/** Whether they may read what others have put into the account's policies. */
export function seesInside(scope: Scope, accountId: AccountId): boolean {
  return scope.everything || ownsAccount(scope, accountId);
}

export function requestsVisible(scope: Scope): Prisma.RequestWhereInput {
  if (scope.everything) return {};
  return {
    OR: [{ requesterId: scope.personId }, { accountIds: { hasSome: scope.accountIds } }, ...scope.namespaces],
  };
}

export function grantsVisible(scope: Scope): Prisma.GrantWhereInput {
  if (scope.everything) return {};
  return {
    OR: [
      { ownerId: scope.personId },
      { clusterAccountId: { in: scope.accountIds } },
      { targetAccountId: { in: scope.accountIds } },
      ...scope.namespaces,
    ],
  };
}

/** A run is seen by whoever sees the request that its grants come from. */
export function runsVisible(scope: Scope): Prisma.RunWhereInput {
  return scope.everything ? {} : { request: { is: requestsVisible(scope) } };
}

/**
 * Events have no relation to requests, since history outlives what it is about, so the requests that the actor sees
 * for themselves (theirs, their namespaces') are looked up first.
 */
export async function eventsVisible(db: Db, scope: Scope): Promise<Prisma.AuditEventWhereInput> {
  if (scope.everything) return {};
  const own = await db.request.findMany({
    where: { OR: [{ requesterId: scope.personId }, ...scope.namespaces] },
    select: { id: true },
  });
  return {
    OR: [
      { actorId: scope.personId },
      { accountIds: { hasSome: scope.accountIds } },
      { requestId: { in: own.map((request) => request.id) } },
    ],
  };
}
