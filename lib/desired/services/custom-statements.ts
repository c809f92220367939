import { type CustomCondition, type CustomStatement, customActions } from "#lib/model/custom-permissions.ts";
import type { ConditionBlock } from "#lib/model/policy-document.ts";
import { inCidr } from "#lib/policy/ip.ts";
import type { CustomAction } from "./custom-actions.ts";
import type { AccessStatement, BeyondRequest, TargetScope } from "./service.ts";

/** Where an action applies, with the conditions that are always ours. */
export type Place = Pick<AccessStatement, "Resource" | "Condition">;

/**
 * The statements of custom access: one for each statement that was asked for and kind of resource that its actions
 * take. Ours (resource and conditions) stand beside what was asked for, which can only narrow them.
 *
 * @param maxActions a service's limit on the actions of one statement
 * @throws RangeError for what `admit` refuses: an action that is not in the table, a condition in the place of ours
 */
export function customStatements(
  { custom = [] }: TargetScope,
  actions: readonly CustomAction[],
  placeOf: (on: string) => Place,
  maxActions = Number.POSITIVE_INFINITY,
): AccessStatement[] {
  return custom.flatMap((asked) => {
    const listed = new Set(asked.actions);
    const known = actions.filter(({ action }) => listed.has(action));
    if (known.length !== listed.size)
      throw new RangeError("Custom access lists an action that is not known.");
    return [...new Set(known.map(({ on }) => on))].flatMap((on) => {
      const { Resource, Condition: ours = {} } = placeOf(on);
      const Condition = withConditions(ours, asked.conditions);
      return chunks(
        known.filter((one) => one.on === on).map(({ action }) => action),
        maxActions,
      ).map((Action) => ({
        Action,
        Resource,
        ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
      }));
    });
  });
}

function withConditions(ours: ConditionBlock, asked: readonly CustomCondition[]): ConditionBlock {
  const block = structuredClone(ours);
  for (const { operator, key, values } of asked) {
    // Neither is a name that every object has.
    if (!/^[A-Z][A-Za-z]+$/.test(operator) || !/^[a-z0-9]+:/.test(key))
      throw new RangeError("Custom access has a condition that is none.");
    const { [operator]: keys = {} } = block;
    if (Object.hasOwn(keys, key))
      throw new RangeError(`Custom access has a second condition ${operator} on ${key}.`);
    const [only, ...others] = values;
    block[operator] = { ...keys, [key]: only !== undefined && others.length === 0 ? only : [...values] };
  }
  return block;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size) || 1;
  return Array.from({ length: count }, (_, index) =>
    size === Number.POSITIVE_INFINITY ? [...items] : items.slice(index * size, (index + 1) * size),
  );
}

/** What the service does with a key behind the target to carry the listed actions out, each once. */
export function keyActionsOf({ custom }: TargetScope, keyActions: (action: string) => string[]): string[] {
  return [...new Set(customActions(custom).flatMap(keyActions))].sort();
}

/** Every action of the table that is not listed, on a resource of its kind. */
export function unlisted(
  { custom }: TargetScope,
  actions: readonly CustomAction[],
  example: (on: string) => string,
): BeyondRequest[] {
  const listed = new Set(customActions(custom));
  return actions.flatMap(({ action, on }) => (listed.has(action) ? [] : [{ action, resource: example(on) }]));
}

/** The listed actions under other circumstances than asked for: each condition broken by itself, the others kept. */
export function circumvented(
  { custom = [] }: TargetScope,
  actions: readonly CustomAction[],
  example: (on: string) => string,
  ours: (on: string) => Record<string, string> = () => ({}),
): BeyondRequest[] {
  return actions.flatMap(({ action, on }) => {
    const listing = custom.filter((one) => one.actions.includes(action));
    const [only, ...others] = listing;
    // Where two statements list it, what one refuses the other may give.
    if (!only || others.length > 0) return [];
    return only.conditions.flatMap((broken) => {
      const value = unfitting(broken);
      if (value === undefined) return [];
      const context = { ...ours(on), ...kept(only, broken), [broken.key]: value };
      return [{ action, resource: example(on), context, label: `${action} with another ${broken.key}` }];
    });
  });
}

function kept({ conditions }: CustomStatement, broken: CustomCondition): Record<string, string> {
  return Object.fromEntries(
    conditions.flatMap((one) => (one === broken ? [] : [[one.key, fitting(one)] as const])),
  );
}

/** A value that the condition takes. */
export function fitting({ operator, values }: Pick<CustomCondition, "operator" | "values">): string {
  const [first = ""] = values;
  if (operator === "IpAddress") return first.split("/")[0] ?? first;
  return operator === "StringLike" ? first.replaceAll(/[*?]/g, "x") : first;
}

/** Documentation addresses (RFC 5737, RFC 3849). */
const strangers = ["192.0.2.1", "198.51.100.1", "2001:db8::1"];

/** A value that the condition does not take; undefined: none comes to mind. */
function unfitting({ operator, values }: CustomCondition): string | undefined {
  const highest = Math.max(...values.map(Number));
  const lowest = Math.min(...values.map(Number));
  if (operator === "IpAddress") return strangers.find((one) => !values.some((range) => inCidr(range, one)));
  if (operator === "Bool") return values.includes("false") ? undefined : "false";
  if (operator === "NumericGreaterThanEquals") return lowest > 0 ? "0" : undefined;
  if (operator.startsWith("Numeric")) return String(highest + 1);
  // Wildcards could fit anything; without one, a text that nobody lists does not.
  return values.some((value) => /^[*?]/.test(value)) ? undefined : "another-value";
}

/** The statements of the scope that list an action. */
export function listing({ custom = [] }: TargetScope, action: string): CustomStatement[] {
  return custom.filter(({ actions }) => actions.includes(action));
}
