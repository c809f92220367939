import { z } from "zod";
import { rollBackRunRefusal } from "#lib/db/permissions.ts";
import { grantStanding } from "#lib/db/queries/loaded-grant.ts";
import { leftOf, loadRun } from "#lib/db/queries/loaded-run.ts";
import { notFound } from "#lib/db/refusals.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";
import { revocationReasonSchema } from "./revoke-grant.ts";
import { takeBack } from "./take-back.ts";

export const rollBackRunSchema = z.strictObject({ runId: z.uuid(), reason: revocationReasonSchema });

/**
 * Undoes a first provisioning that failed: all grants of the run that are not taken back yet are revoked together, so
 * that the accounts are as they were before it.
 */
export function rollBackRun(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<{ runId: string }>> {
  return mutate(deps, actor, { schema: rollBackRunSchema, input }, async (mutation, { runId, reason }) => {
    const { tx, scope } = mutation;
    const run = await loadRun(tx, scope, runId);
    if (!run?.row.requestId) return refused(notFound("run"));
    const left = leftOf(run);
    const objection = rollBackRunRefusal(run.standing, left.map(grantStanding), scope);
    if (objection) return refused(objection);
    return accepted({ runId: await takeBack(mutation, run.row.requestId, left, reason) });
  });
}
