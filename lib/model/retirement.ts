import type { Observed } from "./cloud-resource.ts";
import { tagKeys } from "./tags.ts";

/** The inline policy that cuts off the sessions of a role which is being deleted. */
export const revokedSessionsPolicyName = "drawbridge-revoke-older-sessions";

/** Whether a role's deletion was begun and did not come to its end: whoever wants the role has to take that back. */
export function isRetiring({ body, policies }: Extract<Observed, { state: "present" }>): boolean {
  const tagged = "tags" in body && tagKeys.retiring in body.tags;
  return tagged || (policies?.inline.includes(revokedSessionsPolicyName) ?? false);
}
