"use server";

import { revalidatePath } from "next/cache";
import { requireActor } from "#lib/auth/actor.ts";
import { requireSameOrigin } from "#lib/auth/same-origin.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome } from "#lib/model/refusal.ts";
import type { Deps } from "#lib/usecases/deps.ts";
import { registerAccount } from "#lib/usecases/register-account.ts";
import { requestSync } from "#lib/usecases/request-sync.ts";
import { updateAccount } from "#lib/usecases/update-account.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

type UseCase<T> = (deps: Deps, actor: Actor, input: unknown) => Promise<Outcome<T>>;

async function run<T>(act: UseCase<T>, input: unknown): Promise<Outcome<T>> {
  const origin = await requireSameOrigin();
  if (!origin.ok) return origin;
  const actor = await requireActor("/admin/accounts");
  const outcome = await act(webDeps(), actor, input);
  if (outcome.ok) revalidatePath("/admin", "layout");
  return outcome;
}

/** The ExternalId is made here and never sent by the browser: it must be random. */
export async function registerAccountAction(input: unknown): Promise<Outcome<{ id: string }>> {
  const outcome = await run(registerAccount, input);
  return outcome.ok ? accepted({ id: outcome.value.id }) : outcome;
}

export async function updateAccountAction(input: unknown): Promise<Outcome<{ id: string }>> {
  return run(updateAccount, input);
}

export async function syncAction(accountId: string): Promise<Outcome<{ accountId: string }>> {
  return run(requestSync, { accountId });
}
