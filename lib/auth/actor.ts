import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { decode } from "next-auth/jwt";
import { cache } from "react";
import { z } from "zod";
import { webEnv } from "#lib/env.ts";
import type { Actor } from "#lib/model/person.ts";
import { safeReturnPath } from "./return-path.ts";
import { sessionActor } from "./sessions.ts";
import { sessionCookie, sessionDeps } from "./settings.ts";

/**
 * Who makes this request: the session is checked against its row each time, so that it ends when it is revoked, and
 * roles and groups are those of the database, not those of a cookie. Read once a request.
 */
export const currentActor = cache(async (): Promise<Actor | null> => {
  const env = webEnv();
  const { name } = sessionCookie(env.APP_URL);
  const cookie = (await cookies()).get(name)?.value;
  if (!cookie) return null;
  const sessionId = await sessionIdOf(cookie, env.AUTH_SECRET, name);
  return sessionId ? sessionActor(sessionDeps(), sessionId) : null;
});

async function sessionIdOf(cookie: string, secret: string, salt: string): Promise<string | undefined> {
  try {
    const token = await decode({ token: cookie, secret, salt });
    return z.uuid().safeParse(token?.sid).data;
  } catch {
    // Forged, cut short, expired, or made with an older secret.
    return undefined;
  }
}

/**
 * The actor, or the sign-in page.
 *
 * @param here the path to come back to, with its query
 */
export async function requireActor(here = "/"): Promise<Actor> {
  const actor = await currentActor();
  if (actor) return actor;
  const next = safeReturnPath(here);
  redirect(next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`);
}
