import { addJob } from "#lib/db/jobs.ts";
import { json } from "#lib/db/json.ts";
import { notify } from "#lib/db/notify.ts";
import { Prisma, type Tx } from "#lib/db/types.ts";
import { canonicalJson } from "#lib/model/digest.ts";
import { type DriftFinding, verdictOf } from "#lib/model/drift.ts";
import { asDrift, type Drift } from "#lib/plan/drift.ts";
import { type LiveProof, storeProof } from "./drift-proof.ts";
import { type RunHistory, record } from "./history.ts";
import type { RunContext } from "./run-context.ts";
import type { SeenResource } from "./snapshot.ts";

/** What one look has found of a grant. `blind`: nothing could be looked at. */
export type FoundDrift = Pick<Drift, "findings" | "steps"> & {
  blind?: boolean;
  proof?: LiveProof;
  /** What was read of its resources. */
  seen?: readonly SeenResource[];
};

interface DriftedGrant {
  id: string;
  targetArn: string;
  drift: unknown;
}

/** Where and when the grant's row is written. The caller holds the row, and it is active. */
export interface DriftContext {
  tx: Tx;
  history: RunHistory;
  at: Date;
  /** A repair has just read it back, which is on record by itself. */
  repaired: boolean;
}

/**
 * Stores what a look at AWS has found, with an event where it is news. What could not be read ends no drift that was
 * found before.
 *
 * @returns whether anything has changed for readers
 */
export async function recordDrift(
  { tx, history, at, repaired }: DriftContext,
  grant: DriftedGrant,
  found: FoundDrift,
): Promise<boolean> {
  const before = asDrift(grant.drift);
  const drift = after(before, found);
  await tx.grant.updateMany({
    where: { id: grant.id, state: "active", wanted: true },
    data: { driftCheckedAt: at, drift: drift ? json(drift) : Prisma.DbNull },
  });
  const findings = drift?.findings.filter(isKnown) ?? [];
  const known = outline(before, "known") !== outline(drift, "known");
  const cleared = before?.verdict === "drifted" && !drift;
  const verified =
    // That nothing differs any more proves nothing by itself: without an evaluation the last one stands.
    !repaired && (found.proof || (known && findings.length > 0))
      ? await storeProof(tx, grant.id, { proof: found.proof, findings, at })
      : false;
  const changed = outline(before) !== outline(drift);
  if (!changed && !verified) return false;
  const target = grant.targetArn;
  if (drift?.verdict === "drifted" && known) {
    const titles = findings.map(({ title }) => title);
    await record(tx, history, { type: "grant.drifted", data: { target, findings: titles } }, grant.id);
  } else if (cleared) {
    await record(tx, history, { type: "grant.drift-cleared", data: { target, repaired } }, grant.id);
  }
  await notify(tx, { topic: "grant", id: grant.id });
  return true;
}

/**
 * The run has read back that its grants are as approved. What was wrong with a role concerns the workload's other grants
 * too: they are looked at next.
 */
export async function driftRepaired(tx: Tx, ctx: RunContext, at: Date): Promise<void> {
  const { grantIds } = ctx.lease.run;
  const grants = await tx.grant.findMany({ where: { id: { in: grantIds }, state: "active", wanted: true } });
  for (const grant of grants) {
    await recordDrift({ tx, history: ctx.history, at, repaired: true }, grant, asApproved);
    await lookAgain(tx, grant.id);
  }
}

/** The grant's workload is compared with AWS next, or after a while. It takes the place of no look that a person waits for. */
export async function lookAgain(tx: Tx, grantId: string, inMs = 0): Promise<void> {
  await addJob(tx, "check-drift", { grantId, after: "run" }, { key: `check-drift:${grantId}:after`, inMs });
}

const asApproved = { findings: [], steps: [] };

function isKnown({ effect }: DriftFinding): boolean {
  return effect !== "unknown";
}

/** Of what could not be read now, what was known before still stands. */
function after(before: Drift | null, { findings, steps, blind }: FoundDrift): Drift | null {
  const unread = new Set(findings.filter((one) => !isKnown(one)).map(({ key }) => key));
  const stands = ({ key }: { key: string }) => blind || unread.has(key);
  const known = (before?.findings ?? []).filter(
    (one) => isKnown(one) && stands(one) && !findings.some(({ id, key }) => id === one.id && key === one.key),
  );
  const all = [...known, ...findings];
  const verdict = verdictOf(all);
  const old = (before?.steps ?? []).filter((one) => stands(one) && !steps.some(({ key }) => key === one.key));
  return verdict && { verdict, findings: all, steps: [...old, ...steps] };
}

/** What makes two drifts the same to people, whatever the plan's steps observed beside it. */
function outline(drift: Drift | null, which: "all" | "known" = "all"): string {
  const findings = (drift?.findings ?? []).filter((one) => which === "all" || isKnown(one));
  return canonicalJson(findings.map(({ id, key, approved, now }) => [id, key, approved, now]));
}
