import { headers } from "next/headers";
import { webEnv } from "#lib/env.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";

/**
 * Whether a request that changes something was made by our own pages. `Origin` must be there and be ours exactly
 * (Next lets an absent one pass, and `null` is what sandboxed frames send); `Sec-Fetch-Site`, where the browser sends
 * it, must say so too.
 */
export function isSameOrigin(
  given: { origin: string | null; fetchSite: string | null },
  appUrl: string,
): boolean {
  if (given.origin !== new URL(appUrl).origin) return false;
  return given.fetchSite === null || given.fetchSite === "same-origin";
}

/** For server actions and route handlers that change something. */
export async function requireSameOrigin(): Promise<Outcome<null>> {
  const sent = await headers();
  const given = { origin: sent.get("origin"), fetchSite: sent.get("sec-fetch-site") };
  return isSameOrigin(given, webEnv().APP_URL) ? accepted(null) : refused(otherOrigin);
}

const otherOrigin = refusal(
  "forbidden",
  "",
  "This did not come from a page of Drawbridge.",
  "Open Drawbridge at its own address and try again.",
);
