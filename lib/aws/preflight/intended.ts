import { type IntendedRequest, intendedRequests, roleSession } from "#lib/policy/intended.ts";
import type { CallerPrincipal } from "#lib/policy/principals.ts";
import { ofKind, type PreflightContext } from "./finding.ts";
import type { CheckedTarget } from "./targets.ts";

/** One request that the plan is to make possible. */
export interface Intended extends IntendedRequest {
  principal: CallerPrincipal;
}

/** What the plan's roles are to do with the target: one request for each action and resource of their permissions. */
export function intendedOn({ plan }: PreflightContext, { arn, accountId }: CheckedTarget): Intended[] {
  return ofKind(plan, "role-policy").flatMap(({ key, body }) => {
    const principal = roleSession(key.split("#")[0] ?? "", "preflight");
    return intendedRequests(body.document, arn).map((request) => ({
      ...request,
      principal,
      context: { ...request.context, "aws:SecureTransport": "true", "aws:ResourceAccount": accountId },
    }));
  });
}
