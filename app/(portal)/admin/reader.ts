import { notFound } from "next/navigation";
import { requireActor } from "#lib/auth/actor.ts";
import { type Actor, isAdmin, seesEverything } from "#lib/model/person.ts";

/** Who may see the administration: admins, who also change it, and auditors. For all others it does not exist. */
export async function requireAdminReader(here: string): Promise<{ actor: Actor; admin: boolean }> {
  const actor = await requireActor(here);
  if (!seesEverything(actor)) notFound();
  return { actor, admin: isAdmin(actor) };
}
