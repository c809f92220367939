"use server";

import { redirect } from "next/navigation";
import { AuthError } from "next-auth";
import { oidcProvider, personaProvider, signIn } from "#lib/auth/config.ts";
import { limitRequest } from "#lib/auth/rate-limit.ts";
import { safeReturnPath } from "#lib/auth/return-path.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";

/** To the identity provider, and from there back to where the person wanted to go. */
export async function signInWithProvider(next: string): Promise<void> {
  await attempt(next, (redirectTo) => signIn(oidcProvider, { redirectTo }));
}

/** As one of the demo's people. The provider exists only beside a sandbox on this machine. */
export async function signInAsPersona(next: string, subject: string): Promise<void> {
  await attempt(next, (redirectTo) => signIn(personaProvider, { subject, redirectTo }));
}

async function attempt(next: string, start: (redirectTo: string) => Promise<unknown>): Promise<void> {
  const back = safeReturnPath(next);
  const origin = await requireSameOrigin();
  if (!origin.ok) redirect(failed("origin", back));
  const limit = await limitRequest("sign-in");
  if (!limit.ok) redirect(failed("rate-limit", back));
  try {
    await start(back);
  } catch (error) {
    // What next-auth throws to redirect is not one of its errors and goes on.
    if (!(error instanceof AuthError)) throw error;
    redirect(failed(error.type, back));
  }
}

function failed(error: string, next: string): string {
  return `/sign-in?${new URLSearchParams({ error, next })}`;
}
