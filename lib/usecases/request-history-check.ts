import { z } from "zod";
import { addJob } from "#lib/db/jobs.ts";
import { forbidden } from "#lib/db/refusals.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { Deps } from "./deps.ts";
import { mutate } from "./mutation.ts";

export const requestHistoryCheckSchema = z.strictObject({});

/** An admin or an auditor wants all of history checked now. Asked twice, it is still one job. */
export function requestHistoryCheck(
  deps: Deps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<Record<string, never>>> {
  return mutate(deps, actor, { schema: requestHistoryCheckSchema, input }, async ({ tx, scope, record }) => {
    if (!scope.everything)
      return refused(forbidden("Only admins and auditors may do this.", "Ask one of them."));
    await record({ type: "history.check-requested", data: {} }, { accountIds: [] });
    await addJob(tx, "check-history", {}, { key: "check-history" });
    return accepted({});
  });
}
