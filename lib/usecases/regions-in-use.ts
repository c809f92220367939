import { z } from "zod";
import type { Tx } from "#lib/db/types.ts";
import { type AccountId, parseArn } from "#lib/model/arn.ts";
import { grantSchema } from "#lib/model/grant.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import { overStates } from "#lib/model/states.ts";
import { type Uses, usesInWords, waysOutOfUse } from "./in-use.ts";

/** What an account has in a Region. */
interface Held extends Uses {
  region: string;
  clusters: string[];
}

/**
 * Why Regions can't leave an account's list: what is there would be read no more, and the provisioner of a new
 * template could not take it away. A bucket's ARN has no Region, and buckets are listed and reached without the list.
 *
 * @param tx with the account locked, so that no cluster is registered meanwhile
 */
export async function regionsInUse(
  tx: Tx,
  accountId: AccountId,
  removed: readonly string[],
): Promise<Refusal[]> {
  if (removed.length === 0) return [];
  const clusters = await tx.cluster.findMany({
    where: { accountId, region: { in: [...removed] } },
    orderBy: { name: "asc" },
  });
  // Requests before grants: one that is approved meanwhile is met as the one or as the other.
  const requests = await openRequests(tx, accountId);
  const accesses = await standingAccesses(tx, accountId);
  const held = removed
    .map((region) => ({
      region,
      clusters: clusters.filter((one) => one.region === region).map(({ name }) => name),
      accesses: accesses.filter((regions) => regions.has(region)).length,
      requests: requests.filter((regions) => regions.has(region)).length,
    }))
    .filter((one) => one.clusters.length + one.accesses + one.requests > 0);
  if (held.length === 0) return [];
  return [refusal("account.region-in-use", "regions", held.map(inWords).join(" "), nextStep(held))];
}

/** Of each open request the Regions of the account that it would make something in. */
async function openRequests(tx: Tx, accountId: AccountId): Promise<Set<string>[]> {
  const rows = await tx.request.findMany({
    where: { state: { in: ["in_review", "changes_requested"] }, accountIds: { has: accountId } },
    include: { versions: { select: { number: true, grants: true } } },
  });
  return rows.map(({ currentVersion, versions, ...row }) => {
    const version = versions.find(({ number }) => number === currentVersion);
    const grants = z.array(grantSchema).parse(version?.grants ?? []);
    return regionsOf(
      accountId,
      row,
      grants.map(({ target }) => target),
    );
  });
}

/** The same of each access that is neither revoked nor given up. */
async function standingAccesses(tx: Tx, accountId: AccountId): Promise<Set<string>[]> {
  const rows = await tx.grant.findMany({
    where: {
      state: { notIn: [...overStates] },
      OR: [{ clusterAccountId: accountId }, { targetAccountId: accountId }],
    },
  });
  return rows.map((row) =>
    regionsOf(accountId, row, [{ arn: row.targetArn, accountId: row.targetAccountId }]),
  );
}

function regionsOf(
  accountId: AccountId,
  cluster: { clusterAccountId: string; clusterRegion: string },
  targets: readonly { arn: string; accountId: string }[],
): Set<string> {
  const own = targets.filter((target) => target.accountId === accountId);
  return new Set([
    ...(cluster.clusterAccountId === accountId ? [cluster.clusterRegion] : []),
    ...own.map(({ arn }) => parseArn(arn)?.region ?? ""),
  ]);
}

function inWords({ region, clusters, ...uses }: Held): string {
  const things = [...clusters.map((name) => `cluster ${name}`), ...usesInWords(uses)];
  return `${region} is in use: ${new Intl.ListFormat("en").format(things)}.`;
}

function nextStep(held: readonly Held[]): string {
  return [
    ...(held.some(({ clusters }) => clusters.length > 0)
      ? ["Keep the Region of a cluster for as long as it is registered."]
      : []),
    ...new Set(held.flatMap(waysOutOfUse)),
  ].join(" ");
}
