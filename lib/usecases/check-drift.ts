import { z } from "zod";
import { addJob } from "#lib/db/jobs.ts";
import { conflict, notFound } from "#lib/db/refusals.ts";
import { grantsVisible } from "#lib/db/visibility.ts";
import { grantIdSchema } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";

export const checkDriftSchema = z.strictObject({ grantId: grantIdSchema });

/**
 * Somebody who sees an access wants to know now whether it is in AWS as approved. The worker only reads for that, so
 * auditors may ask too. Asked twice, it is still one job.
 */
export function checkDrift(deps: Deps, actor: Actor, input: unknown): Promise<Outcome<{ grantId: string }>> {
  return mutate(deps, actor, { schema: checkDriftSchema, input }, async ({ tx, scope }, { grantId }) => {
    const grant = await tx.grant.findFirst({ where: { AND: [{ id: grantId }, grantsVisible(scope)] } });
    if (!grant) return refused(notFound("access"));
    if (grant.state !== "active")
      return refused(conflict(`This access is ${grant.state}: there is nothing to compare.`));
    await addJob(tx, "check-drift", { grantId }, { key: `check-drift:${grantId}` });
    return accepted({ grantId });
  });
}
