/** The issuer of the demo's personas. No identity provider can have it: issuers are URLs. */
export const demoIssuer = "demo";

/** Written out in full, so that no other spelling of an address can pass: `0x7f.1`, `127.0.0.1@evil.example`. */
const loopback = /^https?:\/\/(?:localhost|\[::1\]|127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}))(?::\d{1,5})?\/?$/;

/**
 * Whether the demo's one-click sign-in exists at all: only beside the sandbox, and only with a sandbox on this very
 * machine, since whoever can reach the page can be anyone.
 */
export function demoSignInAllowed(env: {
  DRAWBRIDGE_AWS?: string | undefined;
  DRAWBRIDGE_SANDBOX_ENDPOINT?: string | undefined;
}): boolean {
  const match = loopback.exec(env.DRAWBRIDGE_SANDBOX_ENDPOINT ?? "");
  if (env.DRAWBRIDGE_AWS !== "sandbox" || !match) return false;
  return match.slice(1).every((octet) => octet === undefined || Number(octet) <= 255);
}
