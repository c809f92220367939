import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { listOf, statementsOf } from "#lib/model/policy-document.ts";
import type { ProvenTerm } from "#lib/model/proven-access.ts";
import { conditionPhrases } from "#lib/policy/describe.ts";

/** What the grant's own permissions say of these actions on the target: where, and only if what. */
export function termsOf(
  grant: Grant,
  desired: readonly CloudResource[],
  actions: readonly string[],
): ProvenTerm[] {
  const { arn } = grant.target;
  return desired
    .flatMap((one) =>
      one.kind === "role-policy" && one.owners.includes(grant.id) ? statementsOf(one.body.document) : [],
    )
    .map((statement) => ({
      actions: listOf(statement.Action).filter((action) => actions.includes(action)),
      on: listOf(statement.Resource).filter((one) => one === arn || one.startsWith(`${arn}/`)),
      onlyIf: conditionPhrases(statement),
    }))
    .filter((term) => term.actions.length > 0 && term.on.length > 0);
}
