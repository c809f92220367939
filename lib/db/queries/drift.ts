import { asDrift } from "#lib/plan/drift.ts";
import { loadEstate } from "../estate.ts";
import type { DriftStanding } from "../permissions.ts";
import type { Db, Prisma, Reader } from "../types.ts";
import { type Scope, seesInside } from "../visibility.ts";
import { planView } from "./plan-view.ts";
import type { DriftView } from "./views/grant.ts";

type GrantRow = Prisma.GrantGetPayload<object>;

/** How a grant stands, as far as it decides whether it may be repaired. */
export async function driftStanding(db: Db, row: GrantRow): Promise<DriftStanding> {
  const working = { grantIds: { has: row.id }, state: { in: ["queued", "running"] } };
  const concerned = { id: { in: [row.clusterAccountId, row.targetAccountId] } };
  return {
    findings: asDrift(row.drift)?.findings ?? [],
    accounts: await db.account.findMany({
      where: concerned,
      select: { id: true, name: true, ownerGroup: true },
    }),
    busy: (await db.run.count({ where: working })) > 0,
    changing: row.changeRunId !== null,
  };
}

/** What the last comparison with AWS has found, with the plan that leads back. Null: there is nothing to compare. */
export async function driftView(
  { prisma, installation }: Reader,
  scope: Scope,
  row: GrantRow,
): Promise<DriftView | null> {
  if (row.state !== "active") return null;
  const drift = asDrift(row.drift);
  const repair = await prisma.run.findFirst({
    where: { kind: "repair", grantIds: { has: row.id }, state: { in: ["queued", "running"] } },
    select: { id: true },
  });
  const steps = drift?.steps ?? [];
  const estate = steps.length > 0 ? await loadEstate(prisma, installation, { arns: [] }) : null;
  return {
    checkedAt: row.driftCheckedAt?.toISOString() ?? null,
    verdict: drift?.verdict ?? null,
    findings: drift?.findings ?? [],
    plan:
      estate &&
      planView({ plan: { steps }, snapshotAt: row.driftCheckedAt }, estate, (id) => seesInside(scope, id)),
    repairRunId: repair?.id ?? null,
  };
}
