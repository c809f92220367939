import type { FindingId } from "../catalogue.ts";
import { type CheckContext, type CheckedStatement, demands, demandsKey, several } from "../context.ts";
import { globFits } from "../overlap.ts";
import type { ResolvedAction } from "../resolve-actions.ts";
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
    for (const { item } of holding(statement, new Set(["iam:PassRole"]))) {
      checkPassRole(item, statement, held, context);
    }
    for (const { item } of holding(statement, new Set(["sts:AssumeRole"]))) {
      if (reachesAny(statement) || reachesEveryRole(statement)) {
        context.report("escalation.assume-any-role", item.path, `${item.text} on any role.`);
      }
    }
  }
}

/** The entries of Action with those of the wanted actions that each stands for. */
function holding(
  statement: CheckedStatement,
  wanted: ReadonlySet<string>,
): { item: Item; found: ResolvedAction[] }[] {
  return statement.actions.flatMap((item, at) => {
    const found = (statement.resolved[at] ?? []).filter(({ name }) => wanted.has(name));
    return found.length > 0 ? [{ item, found }] : [];
  });
}

function checkSingle(single: Single, statement: CheckedStatement, { report }: CheckContext): void {
  const { id, actions, anyResource, unless = [], ownUser } = single;
  if (demandsKey(statement.conditions, unless) && !anyBoundary(statement)) return;
  if (ownUser && statement.resources.length > 0 && statement.resources.every(({ text }) => isOwnUser(text)))
    return;
  for (const { item, found } of holding(statement, actions)) {
    const names = found.filter((one) => !anyResource || reachesAny(statement, one)).map(({ name }) => name);
    if (names.length > 0) report(id satisfies FindingId, item.path, `This allows ${several(names)}.`);
  }
}

/** Whether iam:PermissionsBoundary is demanded, and a boundary that holds nothing back will do. */
function anyBoundary({ conditions }: CheckedStatement): boolean {
  const demanded = demands(conditions).filter(({ folded }) => folded === "iam:permissionsboundary");
  return (
    demanded.length > 0 &&
    demanded.every(({ values }) =>
      values.some(({ text }) =>
        ["aws", "aws-cn", "aws-us-gov"].some((partition) =>
          globFits(text, `arn:${partition}:iam::aws:policy/AdministratorAccess`),
        ),
      ),
    )
  );
}

function isOwnUser(resource: string): boolean {
  return resource.endsWith(["$", "{aws:username}"].join(""));
}

/** `role/*`, of one account or of all. */
function reachesEveryRole({ resources }: CheckedStatement): boolean {
  return resources.some(({ text }) => {
    const { service, resource } = splitResource(text);
    return service === "iam" && /^(role\/)?\?*\*[*?]*$/.test(resource);
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
      (services === null || services.some((one) => globFits(one, service))),
  );
  if (ways.length > 0) {
    const names = several(ways.map(({ actions }) => actions.join(" with ")));
    report("escalation.pass-role-and-run", item.path, `Together with ${names}.`);
  }
}

/** The services that a condition limits the passing of roles to, as patterns; null: to none. */
function passedTo({ conditions }: CheckedStatement): string[] | null {
  const limiting = demands(conditions).filter(({ folded }) => folded === "iam:passedtoservice");
  if (limiting.length === 0) return null;
  // Nothing is said of what a variable stands for: any service.
  return limiting.flatMap(({ values }) => values.map(({ text }) => text.replace(/\$\{[^{}]*\}/g, "*")));
}
