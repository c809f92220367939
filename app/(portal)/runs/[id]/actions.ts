"use server";

import { revalidatePath } from "next/cache";
import { requireActor } from "#lib/auth/actor.ts";
import { limitRequest } from "#lib/auth/rate-limit.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "#lib/usecases/deps.ts";
import { giveUpRevocation } from "#lib/usecases/give-up-revocation.ts";
import { retryRun } from "#lib/usecases/retry-run.ts";
import { rollBackRun } from "#lib/usecases/roll-back-run.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

export async function retryAction(runId: string): Promise<Outcome<{ runId: string }>> {
  return act(runId, (deps, actor) => retryRun(deps, actor, { runId }));
}

export async function rollBackAction(runId: string, reason: string): Promise<Outcome<{ runId: string }>> {
  return act(runId, (deps, actor) => rollBackRun(deps, actor, { runId, reason }));
}

export async function giveUpAction(
  runId: string,
  reason: string,
  confirmation: string,
): Promise<Outcome<{ runId: string }>> {
  return act(runId, (deps, actor) => giveUpRevocation(deps, actor, { runId, reason, confirmation }));
}

async function act<T>(
  runId: string,
  work: (deps: Deps, actor: Actor) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor(`/runs/${runId}`);
  const limit = await limitRequest("decide", actor.id);
  if (!limit.ok) return limit;
  const outcome = await work(webDeps(), actor);
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}
