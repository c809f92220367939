import { failuresBeforeGivingUp } from "#lib/model/giving-up.ts";
import type { GrantState, RunState } from "#lib/model/states.ts";
import type { RunStanding } from "../permissions.ts";
import type { Db, Prisma } from "../types.ts";
import { runsVisible, type Scope } from "../visibility.ts";

const parts = { request: true } satisfies Prisma.RunInclude;

export interface LoadedRun {
  row: Prisma.RunGetPayload<{ include: typeof parts }>;
  grants: Prisma.GrantGetPayload<object>[];
  /** Those of them that a later revocation is about. */
  takenOver: ReadonlySet<string>;
  standing: RunStanding;
}

/** Null when there is none or the scope does not see it. */
export async function loadRun(db: Db, scope: Scope, id: string): Promise<LoadedRun | null> {
  const row = await db.run.findFirst({ where: { AND: [{ id }, runsVisible(scope)] }, include: parts });
  if (!row) return null;
  const grants = await db.grant.findMany({ where: { id: { in: row.grantIds } } });
  const others = await db.run.findMany({
    where: { grantIds: { hasSome: row.grantIds }, state: { in: ["queued", "running"] } },
    select: { id: true },
  });
  const takenOver = await takenOverFrom(db, row);
  const failures = await db.auditEvent.findMany({
    where: { runId: id, type: "run.failed" },
    select: { id: true },
    take: failuresBeforeGivingUp,
  });
  const accountIds = grants.flatMap((grant) => [grant.clusterAccountId, grant.targetAccountId]);
  return {
    row,
    grants,
    takenOver,
    standing: {
      // CHECK constraints hold these columns to the states of lib/model.
      state: row.state as RunState,
      kind: row.kind,
      requesterId: row.request?.requesterId ?? null,
      accountIds: [...new Set(accountIds)],
      busy: others.length > 0,
      failures: failures.length,
      grants: grants.map(({ id: grantId, state, wanted, changeRunId }) => ({
        state: state as GrantState,
        wanted,
        changing: changeRunId === row.id,
        takenOver: takenOver.has(grantId),
      })),
    },
  };
}

/** A grant that was given up is revoked once more by a run of its own: what became of that one counts from then on. */
async function takenOverFrom(db: Db, { kind, grantIds, createdAt }: LoadedRun["row"]): Promise<Set<string>> {
  if (kind !== "revoke") return new Set();
  const later = await db.run.findMany({
    where: { kind, grantIds: { hasSome: grantIds }, createdAt: { gt: createdAt } },
    select: { grantIds: true },
  });
  return new Set(later.flatMap((run) => run.grantIds));
}

/** The grants that the run failed to make, and that nobody has taken back yet. */
export function leftOf({ grants }: LoadedRun): LoadedRun["grants"] {
  return grants.filter(({ state, wanted }) => state === "failed" && wanted);
}

/** The grants that the run failed to take back, and no other has taken over. */
export function revocationsLeft({ grants, takenOver }: LoadedRun): LoadedRun["grants"] {
  return grants.filter(({ id, state, wanted }) => state === "failed" && !wanted && !takenOver.has(id));
}
