import { limitRequest } from "#lib/auth/rate-limit.ts";
import { webEnv } from "#lib/env.ts";
import type { Refusal } from "#lib/model/refusal.ts";
import { renderManifest } from "#lib/render/kubernetes.ts";
import { readManifest } from "#lib/usecases/read-manifest.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

/** What `kubectl apply -f <address>` reads: one grant's manifest, for whoever holds the signed address. */
export async function GET(
  _request: Request,
  { params }: { params: Promise<{ token: string }> },
): Promise<Response> {
  const limit = await limitRequest("manifest");
  if (!limit.ok) return refuse(429, limit.refusals);
  const { token } = await params;
  const manifest = await readManifest(webDeps(), token);
  if (!manifest.ok) return refuse(statusOf(manifest.refusals), manifest.refusals);
  const { grant, access, reportToken } = manifest.value;
  const yaml = renderManifest(access, {
    grantId: grant.id,
    ...(reportToken ? { reportUrl: new URL(`/api/reports/${reportToken}`, webEnv().APP_URL).href } : {}),
    ...(grant.expiresAt ? { expires: grant.expiresAt } : {}),
  });
  return new Response(yaml, {
    headers: {
      "content-type": "application/yaml; charset=utf-8",
      "content-disposition": `inline; filename="drawbridge-${grant.id}.yaml"`,
      "cache-control": "no-store",
    },
  });
}

/** Gone: it worked once. Not found: it never did, or we don't say. */
function statusOf(refusals: readonly Refusal[]): number {
  const gone = refusals.some((one) => one.code === "token.expired" || one.code === "grant.not-active");
  return gone ? 410 : 404;
}

/** In plain text: it is read in a terminal. */
function refuse(status: number, refusals: readonly Refusal[]): Response {
  const lines = refusals.map(({ reason, nextStep }) => `${reason} ${nextStep}\n`);
  return new Response(lines.join(""), {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
