import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { canonicalStatement } from "./canonical.ts";
import { fits, foldCase, globPattern } from "./glob.ts";

/**
 * What a document allows beyond another, as `action on resource`; empty when it certainly allows nothing beyond it.
 * Compares the texts and never guesses: each pair of action and resource has to lie within one statement of `limit`
 * whose conditions the statement repeats. It may so call wider what is not, and never the other way round.
 *
 * For documents that say who may do what on which resource, such as a permissions boundary; principals are not
 * compared.
 */
export function beyond(found: PolicyDocument, limit: PolicyDocument): string[] {
  const within = statementsOf(limit).filter(({ Effect }) => Effect === "Allow");
  const excess = statementsOf(found)
    .filter(({ Effect }) => Effect !== "Deny")
    .flatMap((statement) => excessOf(statement, within));
  const denials = statementsOf(found).filter(({ Effect }) => Effect === "Deny");
  const lost = statementsOf(limit)
    .filter(({ Effect }) => Effect === "Deny")
    .filter((denied) => !denials.some((one) => sameMeaning(one, denied)))
    .map(({ Sid }) => `what the Deny ${Sid ?? "of the original"} kept out`);
  return [...new Set([...excess, ...lost])];
}

function excessOf(statement: Statement, within: readonly Statement[]): string[] {
  const { NotAction, NotResource } = statement;
  if (NotAction !== undefined || NotResource !== undefined)
    return [`everything but ${[...listOf(NotAction), ...listOf(NotResource)].join(", ")}`];
  const covering = within.filter((one) => repeatsConditions(statement, one));
  return listOf(statement.Action).flatMap((action) =>
    listOf(statement.Resource).flatMap((resource) =>
      covering.some((one) => covers(one, action, resource)) ? [] : [`${action} on ${resource}`],
    ),
  );
}

function covers({ Action, Resource, NotAction, NotResource }: Statement, action: string, resource: string) {
  if (NotAction !== undefined || NotResource !== undefined) return false;
  return (
    listOf(Action).some((one) => patternWithin(foldCase(action), foldCase(one))) &&
    listOf(Resource).some((one) => patternWithin(resource, one))
  );
}

/** Whether all that `pattern` matches is matched by `limit`: a `*` lies within a `*` only. */
export function patternWithin(pattern: string, limit: string): boolean {
  return fits(globPattern(limit), pattern, "*".charCodeAt(0));
}

/** All conditions of a statement have to hold, so one that has those of the other and more allows less. */
function repeatsConditions(statement: Statement, limit: Statement): boolean {
  const wanted = conditionsOf(limit);
  const found = new Set(conditionsOf(statement));
  return wanted.every((one) => found.has(one));
}

function conditionsOf(statement: Statement): string[] {
  const { Condition = {} } = canonicalStatement(statement);
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => JSON.stringify([foldCase(operator), foldCase(key), values])),
  );
}

function sameMeaning(left: Statement, right: Statement): boolean {
  const text = (one: Statement) => JSON.stringify({ ...canonicalStatement(one), Sid: undefined });
  return text(left) === text(right);
}
