import { limitRequest } from "#lib/auth/rate-limit.ts";
import type { Refusal } from "#lib/model/refusal.ts";
import { recordVerification } from "#lib/usecases/record-verification.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { readJson, statuses } from "./body.ts";

/**
 * Where a verification Job says what its pod could and could not do. It has no session: the signed token in the
 * address names the one grant it may speak of.
 */
export async function POST(
  request: Request,
  { params }: { params: Promise<{ token: string }> },
): Promise<Response> {
  const limit = await limitRequest("report");
  if (!limit.ok) return refuse(limit.refusals);
  const body = await readJson(request);
  if (!body.ok) return refuse(body.refusals);
  const { token } = await params;
  const outcome = await recordVerification(webDeps(), token, body.value);
  return outcome.ok ? answer(200, { ok: outcome.value.ok }) : refuse(outcome.refusals);
}

function refuse(refusals: readonly Refusal[]): Response {
  return answer(statuses[refusals[0]?.code ?? ""] ?? 422, { refusals });
}

function answer(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
