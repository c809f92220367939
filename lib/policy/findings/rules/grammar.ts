import { isRecord } from "../../conditions.ts";
import { foldCase } from "../../glob.ts";
import type { Path, Report } from "../finding.ts";
import { type CheckKind, hasPrincipal } from "../kinds.ts";
import { checkGrammarOfConditions } from "./grammar-conditions.ts";
import { checkGrammarOfPrincipal } from "./grammar-principal.ts";
import { checkGrammarOfActions, checkGrammarOfResources } from "./grammar-values.ts";

const documentElements = ["Version", "Id", "Statement"];
const statementElements = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

/**
 * The grammar of the IAM policy language: exact element and operator names, one of each element pair, no element in a
 * kind of policy where it has no place, well-formed values, Sids unique and of the permitted characters.
 *
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language" and the pages of each element.
 */
export function checkGrammar(value: unknown, kind: CheckKind, report: Report): void {
  if (!isRecord(value)) {
    report("json.not-an-object", [], "The document is not an object.");
    return;
  }
  checkNames(value, documentElements, [], "a policy", report);
  checkVersion(value.Version, report);
  if (value.Id !== undefined && typeof value.Id !== "string") {
    report("grammar.data-type", ["Id"], "Id is a string.");
  }
  checkCharacters(value, [], report);

  const single = !Array.isArray(value.Statement);
  const statements: unknown[] = Array.isArray(value.Statement) ? value.Statement : [value.Statement];
  if (statements.length === 0 || value.Statement === undefined) {
    report("grammar.missing-statement", ["Statement"], "A policy has at least one statement.");
    return;
  }
  const sids = new Set<string>();
  for (const [index, statement] of statements.entries()) {
    const path = single ? ["Statement"] : ["Statement", index];
    if (!isRecord(statement)) {
      report("grammar.data-type", path, "A statement is an object.");
      continue;
    }
    checkStatement(statement, kind, value.Version === "2012-10-17", path, report);
    const { Sid: sid } = statement;
    if (typeof sid === "string" && sid !== "") {
      if (sids.has(sid)) report("grammar.duplicate-sid", [...path, "Sid"], `The Sid ${sid} is used twice.`);
      sids.add(sid);
    }
  }
}

function checkNames(
  value: Record<string, unknown>,
  known: readonly string[],
  path: Path,
  where: string,
  report: Report,
): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const meant = known.find((one) => foldCase(one) === foldCase(name));
    if (meant === undefined) {
      const detail = `There is no element ${JSON.stringify(name)} in ${where}.`;
      report("grammar.unknown-element", [...path, name], detail, "key");
    } else {
      const detail = `${JSON.stringify(name)} is written "${meant}".`;
      report("grammar.element-case", [...path, name], detail, "key");
    }
  }
}

function checkVersion(version: unknown, report: Report): void {
  if (version === undefined) {
    report("grammar.missing-version", [], "The document has no Version.");
  } else if (version === "2008-10-17") {
    report("grammar.old-version", ["Version"], "The document has the Version 2008-10-17.");
  } else if (version !== "2012-10-17") {
    report("grammar.invalid-version", ["Version"], "Version is 2012-10-17 or 2008-10-17.");
  }
}

function checkStatement(
  statement: Record<string, unknown>,
  kind: CheckKind,
  variables: boolean,
  path: Path,
  report: Report,
): void {
  checkNames(statement, statementElements, path, "a statement", report);
  checkSid(statement.Sid, kind, path, report);
  if (statement.Effect === undefined) {
    report("grammar.missing-effect", path, "The statement has no Effect.");
  } else if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
    report("grammar.invalid-effect", [...path, "Effect"], "Effect is Allow or Deny.");
  }
  checkPrincipals(statement, kind, path, report);
  checkGrammarOfActions(statement, kind, path, report);
  checkGrammarOfResources(statement, kind, variables, path, report);
  checkGrammarOfConditions(statement.Condition, variables, [...path, "Condition"], report);
}

function checkSid(sid: unknown, kind: CheckKind, path: Path, report: Report): void {
  const at = [...path, "Sid"];
  if (sid === undefined) return;
  if (typeof sid !== "string") {
    report("grammar.data-type", at, "Sid is a string.");
  } else if (sid === "") {
    report("grammar.empty-sid", at, "The Sid is empty.");
  } else if (kind !== "resource" && !/^[A-Za-z0-9]*$/.test(sid)) {
    // S3 and SQS take spaces and more; IAM letters and digits only.
    report("grammar.sid-characters", at, `The Sid ${JSON.stringify(sid)} has more than letters and digits.`);
  }
}

function checkPrincipals(
  statement: Record<string, unknown>,
  kind: CheckKind,
  path: Path,
  report: Report,
): void {
  const { Principal: plain, NotPrincipal: negated } = statement;
  if (!hasPrincipal(kind)) {
    for (const name of ["Principal", "NotPrincipal"]) {
      if (statement[name] === undefined) continue;
      report("grammar.unsupported-principal", [...path, name], `This kind of policy has no ${name}.`, "key");
    }
    return;
  }
  if (negated !== undefined && (kind === "trust" || statement.Effect !== "Deny")) {
    const why =
      kind === "trust" ? "A trust policy has no NotPrincipal." : "NotPrincipal works with Deny only.";
    report("grammar.unsupported-not-principal", [...path, "NotPrincipal"], why, "key");
  }
  if (plain === undefined && negated === undefined) {
    report("grammar.missing-principal", path, "The statement has no Principal.");
  } else if (plain !== undefined && negated !== undefined) {
    report("grammar.element-pair", path, "The statement has both Principal and NotPrincipal.");
  }
  if (plain !== undefined) checkGrammarOfPrincipal(plain, kind, [...path, "Principal"], report);
  if (negated !== undefined) checkGrammarOfPrincipal(negated, kind, [...path, "NotPrincipal"], report);
}

/** IAM takes tab, line feed, carriage return and U+0020 to U+00FF. */
function checkCharacters(value: unknown, path: Path, report: Report): void {
  const check = (text: string, at: Path, onKey?: "key") => {
    const odd = /[^\t\n\r\u0020-\u00ff]/u.exec(text)?.[0];
    if (odd === undefined) return;
    const code = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    report("json.character", at, `The character U+${code} can't be stored.`, onKey);
  };
  if (typeof value === "string") check(value, path);
  else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) checkCharacters(item, [...path, at], report);
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      check(key, [...path, key], "key");
      checkCharacters(item, [...path, key], report);
    }
  }
}
