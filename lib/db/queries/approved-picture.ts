import type { AccountId } from "#lib/model/arn.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Grant } from "#lib/model/grant.ts";
import type { PlanStep } from "#lib/plan/plan.ts";
import { json } from "../json.ts";
import type { Db, Tx } from "../types.ts";
import { proofOf, shownRows } from "./proof-view.ts";
import { type Compiled, planFromSnapshot } from "./proposal.ts";
import type { ProofView } from "./views/plan.ts";

/** Plan and proof as they were when the last approval was given. */
export interface ApprovedPicture {
  steps: PlanStep[];
  proof: ProofView[];
  snapshotAt: Date | null;
  at: Date;
}

/** Keeps what an approved request would do by what is known at that moment, in the transaction that approves it. */
export async function keepPicture(
  tx: Tx,
  { requestId, compiled, estate, at }: { requestId: string; compiled: Compiled; estate: Estate; at: Date },
): Promise<void> {
  // One after the other: a transaction has one connection.
  const { plan, snapshotAt } = await planFromSnapshot(tx, compiled);
  // Everything is kept; what a reader may see of it is decided when it is read.
  const proof = await proofOf(tx, compiled, estate, at, () => true);
  await tx.approvedPicture.create({
    data: { requestId, steps: json(plan.steps), proof: json(proof), snapshotAt, at },
  });
}

/** Null: it is not approved, or was before pictures were kept. */
export async function keptPicture(
  db: Db,
  requestId: string,
  grants: readonly Grant[],
  seesInside: (accountId: AccountId) => boolean,
): Promise<ApprovedPicture | null> {
  const row = await db.approvedPicture.findUnique({ where: { requestId } });
  if (!row) return null;
  // Only `keepPicture` writes these columns.
  const proof = row.proof as unknown as ProofView[];
  return {
    steps: row.steps as unknown as PlanStep[],
    proof: proof.flatMap(({ grantId, rows }) => {
      const grant = grants.find(({ id }) => id === grantId);
      return grant ? [{ grantId, rows: shownRows(grant, rows, seesInside) }] : [];
    }),
    snapshotAt: row.snapshotAt,
    at: row.at,
  };
}
