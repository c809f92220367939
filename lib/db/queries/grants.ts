import { grantSchema } from "#lib/model/grant.ts";
import { troubleOf } from "#lib/model/grant-trouble.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Asker } from "#lib/model/proven-access.ts";
import type { GrantState, RunState } from "#lib/model/states.ts";
import { asDrift } from "#lib/plan/drift.ts";
import { workloadOf } from "../estate.ts";
import { type Db, Prisma, type Reader } from "../types.ts";
import { grantsVisible, type Scope, scopeOf } from "../visibility.ts";
import { beyond, idPatterns, pageSize, readPosition, toPage } from "./keyset.ts";
import { accountNames, peopleById } from "./people-views.ts";
import { containing, searchWords } from "./search-text.ts";
import { targetView } from "./target-view.ts";
import type { Page } from "./views/common.ts";
import type { GrantRow } from "./views/grant.ts";

export interface GrantFilter {
  /** `live`: all but revoked. */
  state?: GrantState | "live" | undefined;
  who?: "mine" | undefined;
  accountId?: string | undefined;
  /** In the service account's, the namespace's, the cluster's or the target's name, or the id. */
  text?: string | undefined;
  after?: string | undefined;
  limit?: number | undefined;
}

/** Newest first. */
export async function grantList(reader: Reader, actor: Actor, filter: GrantFilter): Promise<Page<GrantRow>> {
  const scope = await scopeOf(reader.prisma, actor);
  const size = pageSize(filter.limit);
  const rows = await reader.prisma.grant.findMany({
    where: {
      AND: [
        grantsVisible(scope),
        ...conditions(filter, scope),
        ...beyond("createdAt", readPosition(filter.after, idPatterns.grant), String),
      ],
    },
    include: withRequest,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: size + 1,
  });
  const views = await grantRows(reader.prisma, rows);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return toPage(
    views,
    size,
    (view) => ({ at: byId.get(view.id)?.createdAt ?? new Date(view.createdAt), id: view.id }),
    (view) => view,
  );
}

function conditions({ state, who, accountId, text }: GrantFilter, scope: Scope): Prisma.GrantWhereInput[] {
  const list: Prisma.GrantWhereInput[] = [];
  if (state === "live") list.push({ state: { not: "revoked" } });
  else if (state) list.push({ state });
  if (who === "mine") list.push({ ownerId: scope.personId });
  if (accountId && idPatterns.account.test(accountId))
    list.push({ OR: [{ clusterAccountId: accountId }, { targetAccountId: accountId }] });
  const words = searchWords(text);
  if (words) {
    const contains = containing(words);
    list.push({
      OR: [
        { serviceAccount: contains },
        { namespace: contains },
        { clusterName: contains },
        { targetArn: contains },
        { id: words },
      ],
    });
  }
  return list;
}

export const withRequest = {
  request: { select: { number: true } },
  changeRun: { select: { state: true } },
} satisfies Prisma.GrantInclude;

export type GrantWithRequest = Prisma.GrantGetPayload<{ include: typeof withRequest }>;

interface LatestVerification {
  grantId: string;
  source: string;
  ok: boolean;
  at: Date;
  letsIn: Asker[];
  refuses: boolean;
  differs: boolean;
}

/** Who may do what they should not, by a verification's report; but for what a key's policy lets the workload do. */
const letsIn = Prisma.sql`
  ARRAY(
    SELECT DISTINCT row->>'who'
    FROM jsonb_path_query(v."report", '$.evaluated[*] ? (@.ok == false && @.outcome == "allowed")') AS row
    WHERE row->>'who' <> 'workload-beyond' OR row->>'byOthers' IS NULL
  )`;

/** With it, whether the workload is refused and whether something was not as approved. A report of a pod has none of it. */
const told = Prisma.sql`
  ${letsIn} AS "letsIn",
  jsonb_path_exists(
    v."report", '$.evaluated[*] ? (@.ok == false && @.outcome == "refused" && @.who == "workload")'
  ) AS "refuses",
  jsonb_path_exists(v."report", '$.resources[*] ? (@.ok == false)') AS "differs"`;

/** The last verification of each grant from each source, the newest first. */
async function latestVerifications(db: Db, ids: readonly string[]): Promise<LatestVerification[]> {
  if (ids.length === 0) return [];
  const rows = await db.$queryRaw<LatestVerification[]>`
    SELECT g."id" AS "grantId", s."source", v."ok", v."at", ${told}
    FROM unnest(${[...ids]}::text[]) AS g("id")
    CROSS JOIN (VALUES ('documents'), ('pod')) AS s("source")
    CROSS JOIN LATERAL (
      SELECT "ok", "at", "report" FROM "Verification"
      WHERE "grantId" = g."id" AND "source" = s."source" ORDER BY "at" DESC LIMIT 1
    ) AS v`;
  return rows.sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** Rows of the grants, in the order given. The caller has checked that they may be seen. */
export async function grantRows(db: Db, rows: readonly GrantWithRequest[]): Promise<GrantRow[]> {
  const [verified, names, owner] = await Promise.all([
    latestVerifications(
      db,
      rows.map((row) => row.id),
    ),
    accountNames(db),
    peopleById(
      db,
      rows.map((row) => row.ownerId),
    ),
  ]);
  return rows.map((row): GrantRow => {
    const own = verified.filter((one) => one.grantId === row.id);
    // What was read while it was active says nothing of what is left.
    const last = row.state === "given_up" ? undefined : own[0];
    const active = row.state === "active";
    const drift = asDrift(row.drift);
    const lastFrom = (source: string) => own.find((one) => one.source === source) ?? null;
    return {
      id: row.id,
      // A CHECK constraint holds this column to the states of lib/model.
      state: row.state as GrantState,
      requestNumber: row.request.number,
      workload: workloadOf(row),
      target: targetView(grantSchema.parse(row.spec), names),
      owner: owner(row.ownerId),
      createdAt: row.createdAt.toISOString(),
      activatedAt: row.activatedAt?.toISOString() ?? null,
      revokedAt: row.revokedAt?.toISOString() ?? null,
      expiresAt: row.expiresAt?.toISOString() ?? null,
      lastVerified: last ? { at: last.at.toISOString(), ok: last.ok, source: last.source } : null,
      // A CHECK constraint holds this column to the states of lib/model.
      changeState: (row.changeRun?.state as RunState | undefined) ?? null,
      drifted: active && drift?.verdict === "drifted",
      trouble: active ? troubleOf({ drift, documents: lastFrom("documents"), pod: lastFrom("pod") }) : null,
    };
  });
}

/** What is in AWS is known to be something else than was approved. */
export const driftedGrants = {
  state: "active",
  drift: { path: ["verdict"], equals: "drifted" },
} satisfies Prisma.GrantWhereInput;

/** Ids of active grants whose last verification, from either source, was not good, or shows that others get in. */
export async function unverifiedGrantIds(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT g."id"
    FROM "Grant" AS g
    CROSS JOIN (VALUES ('documents'), ('pod')) AS s("source")
    CROSS JOIN LATERAL (
      SELECT "ok", "report" FROM "Verification"
      WHERE "grantId" = g."id" AND "source" = s."source" ORDER BY "at" DESC LIMIT 1
    ) AS v
    WHERE g."state" = 'active' AND (NOT v."ok" OR cardinality(${letsIn}) > 0)`;
  return rows.map((row) => row.id);
}
