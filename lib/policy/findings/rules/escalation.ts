import { listOf } from "#lib/model/policy-document.ts";
import type { FindingId } from "../catalogue.ts";
import { type CheckContext, type CheckedStatement, demandsKey, several } from "../context.ts";
import type { Item } from "../view.ts";
import { type Single, singles, withPassedRole } from "./escalation-paths.ts";
import { reachesAny } from "./exposure.ts";
import { splitResource } from "./resource-types.ts";

/**
 * Permissions by which their holder gets more of them. Each action is looked for by itself; passing a role counts
 * together with what starts something, wherever in the document that stands.
 */
export function checkEscalation(context: CheckContext): void {
  if (context.kind !== "identity") return;
  const allows = context.statements.filter(
    ({ effect, actionElement }) => effect === "Allow" && actionElement === "Action",
  );
  const held = new Set(
    allows.flatMap(({ resolved }) =>
      [...new Set(resolved)].flatMap((all) => all?.map(({ name }) => name) ?? []),
    ),
  );
  for (const statement of allows) {
    for (const single of singles) checkSingle(single, statement, context);
    for (const { item, names } of holding(statement, new Set(["iam:PassRole"]))) {
      if (names.length > 0) checkPassRole(item, statement, held, context);
    }
    for (const { item, names } of holding(statement, new Set(["sts:AssumeRole"]))) {
      if (names.length > 0 && (reachesAny(statement) || reachesEveryRole(statement))) {
        context.report("escalation.assume-any-role", item.path, `${item.text} on any role.`);
      }
    }
  }
}

/** The entries of Action with those of the wanted actions that each stands for. */
function holding(
  statement: CheckedStatement,
  wanted: ReadonlySet<string>,
): { item: Item; names: string[] }[] {
  return statement.actions.flatMap((item, at) => {
    const names = (statement.resolved[at] ?? [])
      .filter(({ name }) => wanted.has(name))
      .map(({ name }) => name);
    return names.length > 0 ? [{ item, names }] : [];
  });
}

function checkSingle(single: Single, statement: CheckedStatement, { report }: CheckContext): void {
  const { id, actions, anyResource, unless = [], ownUser } = single;
  if (anyResource && !reachesAny(statement)) return;
  if (unless.length > 0 && demandsKey(statement.conditions, unless)) return;
  if (ownUser && statement.resources.length > 0 && statement.resources.every(({ text }) => isOwnUser(text)))
    return;
  for (const { item, names } of holding(statement, actions)) {
    report(id satisfies FindingId, item.path, `This allows ${several(names)}.`);
  }
}

function isOwnUser(resource: string): boolean {
  return resource.endsWith(["$", "{aws:username}"].join(""));
}

/** `role/*`, of one account or of all. */
function reachesEveryRole({ resources }: CheckedStatement): boolean {
  return resources.some(({ text }) => {
    const { service, resource } = splitResource(text);
    return service === "iam" && /^(role\/)?\*+$/.test(resource);
  });
}

/** @param held all that the document allows, by name */
function checkPassRole(
  item: Item,
  statement: CheckedStatement,
  held: ReadonlySet<string>,
  { report }: CheckContext,
): void {
  const services = passedTo(statement);
  if (reachesAny(statement) || reachesEveryRole(statement)) {
    report("escalation.pass-role-any", item.path, `${item.text} on any role.`);
  }
  if (services === null) {
    report("escalation.pass-role-anywhere", item.path, "No condition on iam:PassedToService.");
  }
  const ways = withPassedRole.filter(
    ({ service, actions }) =>
      actions.every((name) => held.has(name)) &&
      (services === null || services.some((one) => one === service)),
  );
  if (ways.length > 0) {
    const names = several(ways.map(({ actions }) => actions.join(" with ")));
    report("escalation.pass-role-and-run", item.path, `Together with ${names}.`);
  }
}

/** The services that a condition limits the passing of roles to; null: to none. */
function passedTo({ conditions }: CheckedStatement): string[] | null {
  const limiting = conditions.filter(
    ({ folded, parsed }) =>
      folded === "iam:passedtoservice" && parsed?.operator && !parsed.operator.negated && !parsed.ifExists,
  );
  if (limiting.length === 0) return null;
  return limiting.flatMap(({ values }) => listOf(values).map(({ text }) => text));
}
