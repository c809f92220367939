"use server";

import { revalidatePath } from "next/cache";
import type { Decision } from "#components/requests/request-data.ts";
import { requireActor } from "#lib/auth/actor.ts";
import { limitRequest } from "#lib/auth/rate-limit.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import type { Actor } from "#lib/model/person.ts";
import type { Outcome } from "#lib/model/refusal.ts";
import { commentRequest } from "#lib/usecases/comment-request.ts";
import type { Deps } from "#lib/usecases/deps.ts";
import { type ReviewedRequest, reviewRequest } from "#lib/usecases/review-request.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { withdrawRequest } from "#lib/usecases/withdraw-request.ts";

/** The reviewer sends the version and the digest that the page showed: anything newer is refused. */
export async function reviewAction(
  number: number,
  review: { version: number; digest: string; decision: Decision; comment: string; confirmation: string },
): Promise<Outcome<ReviewedRequest>> {
  return act(number, (deps, actor) => reviewRequest(deps, actor, { ...review, number }));
}

export async function commentAction(number: number, body: string): Promise<Outcome<{ id: string }>> {
  return act(number, (deps, actor) => commentRequest(deps, actor, { number, body }));
}

export async function withdrawAction(number: number): Promise<Outcome<{ number: number }>> {
  return act(number, (deps, actor) => withdrawRequest(deps, actor, { number }));
}

async function act<T>(
  number: number,
  work: (deps: Deps, actor: Actor) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor(`/requests/${number}`);
  const limit = await limitRequest("decide", actor.id);
  if (!limit.ok) return limit;
  const outcome = await work(webDeps(), actor);
  // The counts beside the navigation change too.
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}
