import { beyond } from "#lib/policy/within.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { classify, isKind } from "../errors.ts";
import { explain } from "../explain.ts";
import { managedPolicy } from "../managed-policy.ts";
import { about, ofKind, type PreflightContext, type PreflightFinding } from "./finding.ts";

/** How many of a list are named. */
const shown = 3;

/**
 * The account's permissions boundary, which limits every role that is made, must allow nothing beyond what the
 * onboarding template gave it: it is what the owners agreed to. One that can't be read counts as wider.
 */
export async function checkBoundary(context: PreflightContext): Promise<PreflightFinding[]> {
  if (ofKind(context.resources, "role").length === 0) return [];
  const { account } = context.clients;
  const key = account.boundaryArn;
  const subject = { kind: "boundary", accountId: account.id, key };
  try {
    const found = await context.patiently(() => managedPolicy(context.clients.iam(), key));
    const excess = beyond(found, boundaryPolicy(account, context.installation));
    if (excess.length === 0) return [];
    const more = excess.length > shown ? ` and ${excess.length - shown} more` : "";
    return [
      about(subject, {
        id: "boundary.wider",
        severity: "error",
        title: "The permissions boundary allows more than was agreed",
        detail: `${key} allows ${excess.slice(0, shown).join(", ")}${more}, which the onboarding template does not.`,
        nextStep: "Ask the account's owner to deploy the onboarding template again, then retry.",
      }),
    ];
  } catch (error) {
    const { cause } = explain(classify(error), subject);
    const missing = isKind(error, "not-found");
    return [
      about(subject, {
        id: missing ? "boundary.missing" : "boundary.unread",
        severity: "error",
        title: missing ? "The permissions boundary is not there" : "The permissions boundary can't be read",
        detail: missing
          ? `There is no policy ${key}, and no role is made without it.`
          : `Without it nobody knows what the roles made here could do at most. ${cause}`,
        nextStep: "Ask the account's owner to deploy the onboarding template again, then retry.",
      }),
    ];
  }
}
