"use server";

import { revalidatePath } from "next/cache";
import type { IssuedUrl } from "#components/access/apply-url.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { limitRequest } from "#lib/auth/rate-limit.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import { webEnv } from "#lib/env.ts";
import { accepted, type Outcome } from "#lib/model/refusal.ts";
import { checkDrift } from "#lib/usecases/check-drift.ts";
import { issueManifestUrl } from "#lib/usecases/issue-manifest-url.ts";
import { repairGrant } from "#lib/usecases/repair-grant.ts";
import { revokeGrant } from "#lib/usecases/revoke-grant.ts";
import { rollBackGrant } from "#lib/usecases/roll-back-grant.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

/** The run that takes it back can be followed. */
export async function revokeAction(grantId: string, reason: string): Promise<Outcome<{ runId: string }>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor(`/access/${grantId}`);
  const limit = await limitRequest("decide", actor.id);
  if (!limit.ok) return limit;
  const outcome = await revokeGrant(webDeps(), actor, { grantId, reason });
  if (outcome.ok) revalidatePath("/access", "layout");
  return outcome.ok ? accepted({ runId: outcome.value.runId }) : outcome;
}

/** The page shows by itself what the worker finds. */
export async function checkDriftAction(grantId: string): Promise<Outcome<null>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor(`/access/${grantId}`);
  const limit = await limitRequest("drift", actor.id);
  if (!limit.ok) return limit;
  const outcome = await checkDrift(webDeps(), actor, { grantId });
  return outcome.ok ? accepted(null) : outcome;
}

/** The run that puts back what was approved can be followed. */
export async function repairAction(grantId: string): Promise<Outcome<{ runId: string }>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor(`/access/${grantId}`);
  const limit = await limitRequest("decide", actor.id);
  if (!limit.ok) return limit;
  const outcome = await repairGrant(webDeps(), actor, { grantId });
  if (outcome.ok) revalidatePath("/access", "layout");
  return outcome.ok ? accepted({ runId: outcome.value.runId }) : outcome;
}

/** Undoes a change that failed; the run that does it can be followed. */
export async function rollBackAction(grantId: string): Promise<Outcome<{ runId: string }>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor(`/access/${grantId}`);
  const limit = await limitRequest("decide", actor.id);
  if (!limit.ok) return limit;
  const outcome = await rollBackGrant(webDeps(), actor, { grantId });
  if (outcome.ok) revalidatePath("/access", "layout");
  return outcome.ok ? accepted({ runId: outcome.value.runId }) : outcome;
}

/** An address for `kubectl apply -f`, with the seconds that it works by this server's clock. */
export async function issueUrlAction(grantId: string): Promise<Outcome<IssuedUrl>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor(`/access/${grantId}`);
  const limit = await limitRequest("manifest", actor.id);
  if (!limit.ok) return limit;
  const deps = webDeps();
  const outcome = await issueManifestUrl(deps, actor, { grantId });
  if (!outcome.ok) return outcome;
  const { token, expiresAt } = outcome.value;
  return accepted({
    url: new URL(`/k8s/${token}`, webEnv().APP_URL).href,
    seconds: (Date.parse(expiresAt) - deps.now().getTime()) / 1_000,
  });
}
