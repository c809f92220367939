"use server";

import { revalidatePath } from "next/cache";
import { requireActor } from "#lib/auth/actor.ts";
import { limitRequest } from "#lib/auth/rate-limit.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import { retryRun } from "#lib/usecases/retry-run.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

export async function retryAction(runId: string): Promise<Outcome<{ runId: string }>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor(`/runs/${runId}`);
  const limit = await limitRequest("decide", actor.id);
  if (!limit.ok) return limit;
  const outcome = await retryRun(webDeps(), actor, { runId });
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}
