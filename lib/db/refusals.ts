import { type Refusal, refusal } from "#lib/model/refusal.ts";

/** Refusals that queries and use cases share. */

/** Also for what exists but may not be seen: the answer must not tell the two apart. */
export function notFound(noun: string): Refusal {
  return refusal(
    "not-found",
    "",
    `There is no such ${noun}, or you may not see it.`,
    "Check the address, or ask someone who can see it.",
  );
}

export function forbidden(reason: string, nextStep: string): Refusal {
  return refusal("forbidden", "", reason, nextStep);
}

/** Something has changed since the page was made, or at this very moment. */
export function conflict(reason: string): Refusal {
  return refusal("conflict", "", reason, "Reload the page to see how it stands now.");
}

export const adminsOnly = forbidden("Only admins may do this.", "Ask an admin.");
