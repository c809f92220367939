"use server";

import { requireActor } from "#lib/auth/actor.ts";
import { limitRequest } from "#lib/auth/rate-limit.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import { accepted, type Outcome } from "#lib/model/refusal.ts";
import { requestHistoryCheck } from "#lib/usecases/request-history-check.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

/** The page shows by itself what the worker finds. */
export async function checkHistoryAction(): Promise<Outcome<null>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor("/history");
  const limit = await limitRequest("history", actor.id);
  if (!limit.ok) return limit;
  const outcome = await requestHistoryCheck(webDeps(), actor, {});
  return outcome.ok ? accepted(null) : outcome;
}
