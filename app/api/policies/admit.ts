import { currentActor } from "#lib/auth/actor.ts";
import { limitRequest } from "#lib/auth/rate-limit.ts";
import type { Outcome, Refusal } from "#lib/model/refusal.ts";
import { accepted, refusal, refused } from "#lib/model/refusal.ts";

/** Code of a refusal → HTTP status. */
const statuses: Record<string, number> = {
  "signed-out": 401,
  forbidden: 403,
  "rate-limit": 429,
};

/** Whoever is signed in may have policies checked, so many times a minute. */
export async function admitReader(): Promise<Outcome<null>> {
  const actor = await currentActor();
  if (!actor) return refused(signedOut);
  const limited = await limitRequest("policy", actor.id);
  return limited.ok ? accepted(null) : limited;
}

export function refuse(refusals: readonly Refusal[]): Response {
  return answer(statuses[refusals[0]?.code ?? ""] ?? 422, { refusals });
}

export function answer(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}

const signedOut = refusal(
  "signed-out",
  "",
  "Your session has ended.",
  "Sign in again in another tab and come back: what you typed is kept.",
);
