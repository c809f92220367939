import { randomUUID } from "node:crypto";
import type { NextAuthConfig } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { database } from "#lib/db/client.ts";
import type { WebEnv } from "#lib/env.ts";
import { demoIssuer, demoSignInAllowed } from "./demo-sign-in.ts";
import { authLogger } from "./log.ts";
import {
  endSession,
  type SessionDeps,
  sessionSeconds,
  signInByIdentity,
  signInByPerson,
} from "./sessions.ts";

/** Ids of the providers, for the sign-in page: `signIn(oidcProvider)`, `signIn(personaProvider, { subject })`. */
export const oidcProvider = "oidc";
export const personaProvider = "persona";

/** `__Host-` binds the cookie to this very host; browsers take it with https only. */
export function sessionCookie(appUrl: string): { name: string; secure: boolean } {
  const secure = new URL(appUrl).protocol === "https:";
  return { name: `${secure ? "__Host-" : ""}drawbridge.session`, secure };
}

export function sessionDeps(): SessionDeps {
  return { prisma: database().prisma, now: () => new Date(), correlationId: randomUUID };
}

/** Which ways to sign in this installation offers. */
export function signInOptions(env: WebEnv): { oidc: boolean; persona: boolean } {
  return { oidc: env.AUTH_OIDC_ISSUER !== undefined, persona: demoSignInAllowed(env) };
}

/** The settings of next-auth. Cookies carry an encrypted token whose one content is the id of a session row. */
export function authConfig(env: WebEnv, deps: SessionDeps): NextAuthConfig {
  const { name, secure } = sessionCookie(env.APP_URL);
  return {
    secret: env.AUTH_SECRET,
    trustHost: true,
    basePath: "/api/auth",
    logger: authLogger,
    useSecureCookies: secure,
    session: { strategy: "jwt", maxAge: sessionSeconds },
    pages: { signIn: "/sign-in", error: "/sign-in", signOut: "/sign-in" },
    cookies: {
      sessionToken: { name, options: { httpOnly: true, sameSite: "lax", path: "/", secure } },
    },
    providers: [...oidc(env), ...personas(env, deps)],
    callbacks: {
      async jwt({ token, account, profile, user }) {
        // Without an account this is a later request: the token stays what it is.
        if (!account) return token;
        const sid =
          account.provider === personaProvider
            ? await signInByPerson(deps, z.uuid().parse(user.id))
            : await signInByIdentity(deps, identityOf(profile, env.AUTH_OIDC_GROUPS_CLAIM));
        return { sid };
      },
      // What /api/auth/session tells scripts of the page: nothing.
      session: ({ session }) => ({ expires: session.expires }),
    },
    events: {
      async signOut(message) {
        const sid = "token" in message ? z.uuid().safeParse(message.token?.sid).data : undefined;
        if (sid) await endSession(deps, sid);
      },
    },
  };
}

function oidc(env: WebEnv): NextAuthConfig["providers"] {
  const { AUTH_OIDC_ISSUER: issuer, AUTH_OIDC_CLIENT_ID, AUTH_OIDC_CLIENT_SECRET } = env;
  if (!issuer || !AUTH_OIDC_CLIENT_ID || !AUTH_OIDC_CLIENT_SECRET) return [];
  return [
    {
      id: oidcProvider,
      name: "Single sign-on",
      type: "oidc",
      issuer,
      clientId: AUTH_OIDC_CLIENT_ID,
      clientSecret: AUTH_OIDC_CLIENT_SECRET,
      checks: ["pkce", "state", "nonce"],
      authorization: { params: { scope: "openid email profile" } },
    },
  ];
}

const personaSchema = z.object({ subject: z.string().min(1).max(100) });

function personas(env: WebEnv, { prisma }: SessionDeps): NextAuthConfig["providers"] {
  if (!demoSignInAllowed(env)) return [];
  return [
    Credentials({
      id: personaProvider,
      name: "Demo persona",
      credentials: { subject: {} },
      async authorize(credentials) {
        const given = personaSchema.safeParse(credentials);
        if (!given.success) return null;
        return prisma.person.findUnique({
          where: { issuer_subject: { issuer: demoIssuer, subject: given.data.subject } },
          select: { id: true, name: true, email: true },
        });
      },
    }),
  ];
}

/** The claims of the id token, which next-auth has verified. */
const claimsSchema = z.looseObject({
  iss: z.string().min(1),
  sub: z.string().min(1),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.string().optional(),
});

function identityOf(profile: unknown, groupsClaim: string) {
  const claims = claimsSchema.parse(profile);
  const email = claims.email ?? "";
  return {
    issuer: claims.iss,
    subject: claims.sub,
    name: claims.name || claims.preferred_username || email || claims.sub,
    email,
    groups: claims[groupsClaim],
  };
}
