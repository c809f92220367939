import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { currentActor } from "#lib/auth/actor.ts";
import { seesEverything } from "#lib/model/person.ts";

/**
 * Answers 404 to those for whom the administration does not exist, before any skeleton is sent. The pages check
 * again, since layouts are not asked at each navigation, and they lead to the sign-in page.
 */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  if (actor && !seesEverything(actor)) notFound();
  return children;
}
