"use server";

import { redirect } from "next/navigation";
import { signOut } from "#lib/auth/config.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";

/** Ends the session on the server, whichever browser has its cookie. */
export async function signOutAction(): Promise<void> {
  const origin = await requireSameOrigin();
  if (!origin.ok) redirect("/");
  await signOut({ redirectTo: "/sign-in" });
}
