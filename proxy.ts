import { type NextRequest, NextResponse } from "next/server";
import { webEnv } from "#lib/env.ts";

/**
 * Sets the Content-Security-Policy with a fresh nonce for every page. It decides nothing about who may do what: each
 * page, action and route checks that itself (a proxy can be bypassed: CVE-2025-29927).
 */
export function proxy(request: NextRequest) {
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > maxBody) return tooLarge(length);
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  // Next reads the nonce for its own scripts from the policy on the request.
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

/** As much as a server action takes (next.config.ts), whose own refusal of more says nothing. */
const maxBody = 256 * 1024;

function tooLarge(length: number): Response {
  const kilobytes = Math.ceil(length / 1024);
  return new Response(
    `The request body has ${kilobytes} kB; at most ${maxBody / 1024} kB are read. Nothing was stored. Shorten the longest field and send it again.\n`,
    { status: 413, headers: { "content-type": "text/plain; charset=utf-8", connection: "close" } },
  );
}

function contentSecurityPolicy(nonce: string): string {
  const development = process.env.NODE_ENV === "development";
  return [
    "default-src 'self'",
    // React's development build needs eval for its stack traces.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // Positioned popups and graphs set style attributes, which nonces can't cover.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    // Signing in posts a form that redirects to the identity provider, which browsers check here too.
    `form-action 'self'${identityProviderOrigin()}`,
  ].join("; ");
}

function identityProviderOrigin(): string {
  const issuer = webEnv().AUTH_OIDC_ISSUER;
  return issuer ? ` ${new URL(issuer).origin}` : "";
}

export const config = {
  matcher: [
    {
      source: "/((?!_next/static|_next/image|icon.svg).*)",
      missing: [{ type: "header", key: "next-router-prefetch" }],
    },
  ],
};
