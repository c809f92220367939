import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { listOf, statementsOf } from "#lib/model/policy-document.ts";
import type { ProvenTerm } from "#lib/model/proven-access.ts";
import { conditionPhrases } from "#lib/policy/describe.ts";
import type { FinalCall } from "#lib/policy/path.ts";

/**
 * What the grant's own permissions say of these actions on the target, and of what its service then does with the key
 * behind it: where, and only if what.
 *
 * @param keyCalls the calls on the key that these actions need
 */
export function termsOf(
  grant: Grant,
  desired: readonly CloudResource[],
  actions: readonly string[],
  keyCalls: readonly FinalCall[],
): ProvenTerm[] {
  const { arn } = grant.target;
  const onKey = (action: string, resource: string) =>
    keyCalls.some((call) => call.action === action && call.on.arn === resource);
  const onTarget = (action: string, resource: string) =>
    actions.includes(action) && (resource === arn || resource.startsWith(`${arn}/`));
  return desired
    .flatMap((one) =>
      one.kind === "role-policy" && one.owners.includes(grant.id) ? statementsOf(one.body.document) : [],
    )
    .flatMap((statement) =>
      [onTarget, onKey].map((isOf) => ({
        actions: listOf(statement.Action).filter((action) =>
          listOf(statement.Resource).some((resource) => isOf(action, resource)),
        ),
        on: listOf(statement.Resource).filter((resource) =>
          listOf(statement.Action).some((action) => isOf(action, resource)),
        ),
        onlyIf: conditionPhrases(statement),
      })),
    )
    .filter((term) => term.actions.length > 0);
}
