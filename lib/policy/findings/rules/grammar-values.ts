import { actionFits } from "../../elements.ts";
import { foldCase, hasWildcard } from "../../glob.ts";
import type { Path, Report } from "../finding.ts";
import type { CheckKind } from "../kinds.ts";
import { checkVariables } from "./grammar-conditions.ts";

/** "AssumeRole policy may only specify STS AssumeRole actions." */
const trustActions = [
  "sts:AssumeRole",
  "sts:AssumeRoleWithSAML",
  "sts:AssumeRoleWithWebIdentity",
  "sts:TagSession",
  "sts:SetSourceIdentity",
  "sts:SetContext",
];

/** The form of `Action` and `NotAction`. */
export function checkGrammarOfActions(
  statement: Record<string, unknown>,
  kind: CheckKind,
  path: Path,
  report: Report,
): void {
  const pair = onePair(statement, ["Action", "NotAction"], "grammar.missing-action", path, report);
  if (pair.name === "NotAction" && kind === "trust") {
    report(
      "grammar.unsupported-not-action",
      [...path, "NotAction"],
      "A trust policy names its actions.",
      "key",
    );
  }
  for (const { text, path: at } of pair.values) {
    if (!isAction(text)) {
      report("action.malformed", at, `"${text}" is not an action: a service, a colon and a name.`);
    } else if (kind === "trust" && !isTrustAction(text)) {
      report("action.not-in-trust", at, `"${text}" is not an action of a trust policy.`);
    }
  }
}

/** Whether the text has the form of an action, wildcards included. */
export function isAction(text: string): boolean {
  return actionFits(text, "") !== "indeterminate" && /^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+|\*:\*)$/.test(text);
}

function isTrustAction(text: string): boolean {
  return (
    foldCase(text).startsWith("sts:") && trustActions.some((known) => actionFits(text, known) === "match")
  );
}

/** The form of `Resource` and `NotResource`. */
export function checkGrammarOfResources(
  statement: Record<string, unknown>,
  kind: CheckKind,
  variables: boolean,
  path: Path,
  report: Report,
): void {
  if (kind === "trust") {
    for (const name of ["Resource", "NotResource"]) {
      if (statement[name] === undefined) continue;
      report("grammar.unsupported-resource", [...path, name], `A trust policy has no ${name}.`, "key");
    }
    return;
  }
  const pair = onePair(statement, ["Resource", "NotResource"], "grammar.missing-resource", path, report);
  for (const { text, path: at } of pair.values) {
    if (!isResource(text)) {
      report("resource.malformed", at, `"${text}" is neither an ARN nor "*".`);
    } else if (variables && text.split(":", 5).some((part) => part.includes("${"))) {
      report(
        "variable.before-resource",
        at,
        `The variable in "${text}" stands before the ARN's resource part.`,
      );
    }
    if (variables) checkVariables(text, at, report);
  }
}

/** Whether the text is `*` or has the form of an ARN, wildcards included. */
export function isResource(text: string): boolean {
  if (text === "*") return true;
  const parts = text.split(":");
  const [arn, partition, service] = parts;
  const shaped = arn === "arn" && partition !== undefined && service !== undefined && !hasWildcard(service);
  return shaped && (parts.length >= 6 || (parts.length >= 4 && text.endsWith("*")));
}

/** One of an element and its opposite: which it is, and its texts; what else is wrong is reported. */
function onePair(
  statement: Record<string, unknown>,
  [plain, negated]: readonly [string, string],
  missing: "grammar.missing-action" | "grammar.missing-resource",
  path: Path,
  report: Report,
): { name: string; list: boolean; values: { text: string; path: Path }[] } {
  const name = statement[plain] === undefined && statement[negated] !== undefined ? negated : plain;
  const value = statement[name];
  const at = [...path, name];
  const nothing = { name, list: false, values: [] };
  if (value === undefined) {
    report(missing, path, `The statement has neither ${plain} nor ${negated}.`);
    return nothing;
  }
  if (statement[plain] !== undefined && statement[negated] !== undefined) {
    report("grammar.element-pair", path, `The statement has both ${plain} and ${negated}.`);
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) report("grammar.empty-list", at, `${name} is an empty list.`);
  if (list.some((item) => typeof item !== "string")) {
    report("grammar.data-type", at, `${name} is a string or a list of strings.`);
  }
  const values = list.flatMap((text, index) =>
    typeof text === "string" ? [{ text, path: Array.isArray(value) ? [...at, index] : at }] : [],
  );
  return { name, list: Array.isArray(value), values };
}
