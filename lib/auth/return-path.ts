const home = "/";

/** Where nobody is sent after signing in: back to the sign-in page, or to what is not a page. */
const notPages = /^\/(?:api|sign-in|sign-out|_next)(?:[/?#]|$)/;

/**
 * The path to return to after signing in, if it is one of ours. An open redirect would lend our address to a phishing
 * page, so anything but a plain path on this host becomes the home page: `//evil.example`, `/\evil.example`, schemes.
 */
export function safeReturnPath(text: unknown): string {
  if (typeof text !== "string" || text.length > 2_000) return home;
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(text) || notPages.test(text)) return home;
  const base = "http://drawbridge.invalid";
  const url = URL.parse(text, base);
  if (!url || url.origin !== base || url.pathname.startsWith("//") || notPages.test(url.pathname))
    return home;
  return `${url.pathname}${url.search}`;
}
