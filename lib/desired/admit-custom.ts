import type { CustomCondition, CustomPermissions, CustomStatement } from "#lib/model/custom-permissions.ts";
import type { AccessLevel } from "#lib/model/grant.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import { closest } from "#lib/policy/closest.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { findKey, operatorsFor, valueProblem, valuesProblem } from "./services/condition-keys.ts";
import type { TargetService } from "./services/service.ts";

export interface CustomProposal {
  level: AccessLevel;
  custom?: CustomPermissions | undefined;
  subResource: string | null;
}

/**
 * Whether the actions and conditions that are asked for are among those that may be, and say what they mean. Pure and
 * of the service's tables alone, so that the form judges by it as one types and the server once more.
 */
export function customProblems(
  { level, custom, subResource }: CustomProposal,
  service: TargetService,
): Refusal[] {
  if (level !== "custom")
    return custom === undefined
      ? []
      : [
          no(
            "not-custom",
            "",
            "Actions are listed for a level that has its own.",
            "Choose the level Custom, or list none.",
          ),
        ];
  if (!custom || custom.length === 0)
    return [no("empty", "", "Custom access lists no action.", "Choose at least one action.")];
  return [
    ...custom.flatMap((statement, index) => [
      ...actionProblems(statement, index, service, subResource),
      ...conditionProblems(statement, index, service, subResource),
    ]),
    ...overlaps(custom),
    ...tagTricks(custom),
  ];
}

function no(code: string, place: string, reason: string, nextStep: string): Refusal {
  return refusal(`custom.${code}`, place === "" ? "custom" : `custom.${place}`, reason, nextStep);
}

function actionProblems(
  { actions }: CustomStatement,
  index: number,
  service: TargetService,
  subResource: string | null,
): Refusal[] {
  const place = `${index}.actions`;
  if (actions.length === 0)
    return [
      no("empty", place, `Statement ${index + 1} lists no action.`, "Choose one, or remove the statement."),
    ];
  return actions.flatMap((action, at) => {
    if (actions.indexOf(action) < at)
      return [no("duplicate", place, `${action} is listed twice.`, "List it once.")];
    const known = service.actions.find((one) => one.action === action);
    if (!known) return [unknownAction(action, place, service)];
    return known.wholeOnly && subResource !== null
      ? [
          no(
            "whole-only",
            place,
            `${action} is about the whole ${service.noun} and can't be limited to ${subResource}/.`,
            `Leave it out, or ask for the whole ${service.noun}.`,
          ),
        ]
      : [];
  });
}

function unknownAction(action: string, place: string, service: TargetService): Refusal {
  const shown = action.slice(0, 80);
  const choose = "Choose from the list of actions.";
  if (/[*?]/.test(action))
    return no(
      "wildcard",
      place,
      `"${shown}" has a wildcard, and nobody could say what AWS lets it stand for tomorrow.`,
      "List each action by its name.",
    );
  const meant = service.actions.find((one) => one.action.toLowerCase() === action.toLowerCase());
  if (meant) return no("spelling", place, `"${shown}" is spelled otherwise.`, `Write ${meant.action}.`);
  if (!action.startsWith(`${service.id}:`))
    return no("other-service", place, `"${shown}" is no action of ${service.name}.`, choose);
  const near = closest(
    action.toLowerCase(),
    service.actions.map((one) => one.action.toLowerCase()),
  );
  const offered = service.actions.find((one) => one.action.toLowerCase() === near);
  return no(
    "not-offered",
    place,
    `${shown} can't be asked for: it is unknown, or it changes permissions, protection or the ${service.noun} itself.`,
    offered ? `Write ${offered.action}, if that is meant; else choose from the list.` : choose,
  );
}

/** Keys that stand in what every grant gets, each with where it comes from. */
function oursProblem(key: string, subResource: string | null): string | undefined {
  const folded = key.toLowerCase();
  if (folded === "aws:currenttime" || folded === "aws:epochtime") return "The end date says until when.";
  if (folded === "aws:resourceaccount" || folded === "s3:resourceaccount")
    return "The target says whose it is.";
  return folded === "s3:prefix" && subResource !== null
    ? `The prefix field says it: ${subResource}/.`
    : undefined;
}

function conditionProblems(
  { actions, conditions }: CustomStatement,
  index: number,
  service: TargetService,
  subResource: string | null,
): Refusal[] {
  const place = `${index}.conditions`;
  return conditions.flatMap((condition, at) => {
    const { key } = condition;
    // Keys have no case, and both would have to hold: what IAM makes of two spellings, or of values that exclude each
    // other, is nothing that anybody meant.
    const twin = conditions.findIndex((one) => foldCase(one.key) === foldCase(key));
    if (twin < at)
      return [
        no(
          "condition-twice",
          place,
          `A statement has two conditions on ${key}, which might never hold together.`,
          "Put all its values into one condition: one of them has to fit.",
        ),
      ];
    const ours = oursProblem(key, subResource);
    if (ours) return [no("condition-ours", place, `${key} is set by Drawbridge.`, ours)];
    const { with: partners } = findKey(service.conditionKeys, key) ?? {};
    if (partners && !conditions.some((one) => partners.includes(one.key)))
      return [
        no(
          "condition-unpaired",
          place,
          `Every network has the same private addresses, so that ${key} alone limits nothing.`,
          `Add a condition on ${partners.join(" or ")}.`,
        ),
      ];
    return oneCondition(condition, actions, place, service);
  });
}

function oneCondition(
  { operator, key, values }: CustomCondition,
  actions: readonly string[],
  place: string,
  service: TargetService,
): Refusal[] {
  if (key.endsWith("/") && service.conditionKeys.some((one) => one.key === key))
    return [
      no("condition-empty", place, `${key} lacks the tag's name.`, `Write it after the key: ${key}team.`),
    ];
  const known = findKey(service.conditionKeys, key);
  if (!known) {
    const names = service.conditionKeys.map((one) => (one.key.endsWith("/") ? `${one.key}…` : one.key));
    return [
      no(
        "condition-key",
        place,
        `"${key.slice(0, 80)}" is no condition key that can be asked for.`,
        `There are ${names.join(", ")}.`,
      ),
    ];
  }
  const operators = operatorsFor(known);
  if (!operators.includes(operator))
    return [
      no(
        "condition-operator",
        place,
        `${operator.slice(0, 64) || "No operator"} can't be used with ${key}.`,
        `Use ${operators.join(" or ")}: it refuses requests that do not carry the key.`,
      ),
    ];
  const without = actions.filter((action) => known.actions && !known.actions.includes(action));
  const [first] = without;
  if (first !== undefined)
    return [
      no(
        "condition-not-carried",
        place,
        `Requests for ${without.join(", ")} do not carry ${key}, so that they would always be refused.`,
        "Put them into a statement of their own.",
      ),
    ];
  if (values.length === 0)
    return [
      no(
        "condition-empty",
        place,
        `The condition on ${key} has no value.`,
        `Name one, such as ${known.example}.`,
      ),
    ];
  const problem =
    values.map((value) => valueProblem(known, operator, value)).find((one) => one !== undefined) ??
    valuesProblem(key, operator, values);
  return problem
    ? [no("condition-value", place, `${key}: ${problem}`, `A value looks like ${known.example}.`)]
    : [];
}

/** What each of these reads or lists of the current objects, the other does too, by their version. */
const byVersion: ReadonlyMap<string, string> = new Map([
  ["s3:GetObject", "s3:GetObjectVersion"],
  ["s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"],
  ["s3:GetObjectTagging", "s3:GetObjectVersionTagging"],
  ["s3:ListBucket", "s3:ListBucketVersions"],
]);

/** Two statements are joined by "or": one without conditions makes the other's pointless, and that is easily overlooked. */
function overlaps(custom: CustomPermissions): Refusal[] {
  return custom.flatMap(({ actions, conditions }, index) => {
    const free = (action: string | undefined) =>
      action !== undefined &&
      custom.some(
        (other, at) =>
          other.conditions.length === 0 &&
          other.actions.includes(action) &&
          (conditions.length > 0 ? at !== index : at < index),
      );
    const place = `${index}.actions`;
    const moot = actions.find(free);
    if (moot !== undefined)
      return [
        no(
          "overlap",
          place,
          `${moot} is also in a statement without conditions, so that this one adds and limits nothing.`,
          "List it in one of the two.",
        ),
      ];
    const around = conditions.length > 0 ? actions.find((action) => free(byVersion.get(action))) : undefined;
    if (around === undefined) return [];
    return [
      no(
        "overlap",
        place,
        `${byVersion.get(around)} is in a statement without conditions and gives the current objects too, so that the conditions on ${around} limit nothing.`,
        "List both under the conditions.",
      ),
    ];
  });
}

/** Whoever may set the tag that a condition asks for has no such condition. */
function tagTricks(custom: CustomPermissions): Refusal[] {
  const tags = custom.some(({ conditions }) =>
    conditions.some(({ key }) => key.startsWith("s3:ExistingObjectTag/")),
  );
  return custom.flatMap(({ actions }, index) => {
    const sets = actions.find((action) => /:(Put|Delete)Object(Version)?Tagging$/.test(action));
    return tags && sets
      ? [
          no(
            "lifts-condition",
            `${index}.actions`,
            `With ${sets} the workload could set the tag that a condition here asks for.`,
            "Leave out the one or the other.",
          ),
        ]
      : [];
  });
}
