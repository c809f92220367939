import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { type GrantId, grantIdSchema } from "#lib/model/grant.ts";
import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";

/**
 * Tokens for what has no session: `kubectl apply -f <url>` and the verification Job's callback. Each opens one thing
 * of one grant until it expires. Shape: base64url(payload) + "." + base64url(HMAC-SHA256 of that text).
 */

export const tokenPurposes = ["manifest", "report"] as const;
export type TokenPurpose = (typeof tokenPurposes)[number];

const payloadSchema = z.strictObject({
  purpose: z.enum(tokenPurposes),
  grantId: grantIdSchema,
  /** Seconds since 1970. */
  exp: z.int().positive(),
});

/** Longer than any token of ours: what is longer is not even hashed. */
const maxLength = 512;

export function issueToken(
  key: string,
  claims: { purpose: TokenPurpose; grantId: GrantId; expiresAt: Date },
): string {
  const { purpose, grantId, expiresAt } = claims;
  const payload = payloadSchema.parse({ purpose, grantId, exp: Math.floor(expiresAt.getTime() / 1000) });
  const text = Buffer.from(JSON.stringify(payload)).toString("base64url");
  return `${text}.${sign(key, text).toString("base64url")}`;
}

/** The answer does not say what is wrong with a token, only whether it has run out. */
export function readToken(
  key: string,
  token: string,
  purpose: TokenPurpose,
  now: Date,
): Outcome<{ grantId: GrantId }> {
  const [text, signature, ...rest] = token.length > maxLength ? [] : token.split(".");
  if (!text || !signature || rest.length > 0) return refused(invalid);
  const given = Buffer.from(signature, "base64url");
  const expected = sign(key, text);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return refused(invalid);
  const payload = payloadSchema.safeParse(parseJson(Buffer.from(text, "base64url").toString("utf8")));
  if (!payload.success || payload.data.purpose !== purpose) return refused(invalid);
  if (payload.data.exp * 1000 <= now.getTime()) return refused(expired);
  return accepted({ grantId: payload.data.grantId });
}

const invalid = refusal(
  "token.invalid",
  "",
  "This address is not valid.",
  "Copy it again from the access page of the grant.",
);

const expired = refusal(
  "token.expired",
  "",
  "This address has expired.",
  "Make a new one on the access page of the grant.",
);

function sign(key: string, text: string): Buffer {
  return createHmac("sha256", key).update(`drawbridge signed address v1\n${text}`).digest();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
