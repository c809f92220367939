import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { isRecord, textsOf } from "./conditions.ts";
import { actionFits } from "./elements.ts";
import { foldCase, hasWildcard } from "./glob.ts";
import { parseOperator, spellingOf, validValue } from "./operators.ts";
import type { Problem } from "./parse.ts";
import { validatePrincipal } from "./validate-principal.ts";

export { type ParsedJson, type Problem, parsePolicyJson } from "./parse.ts";

/** Where a document is to be stored; the grammar differs. */
export type DocumentKind = "identity" | "trust" | "resource";

export type Validation = { ok: true; document: PolicyDocument } | { ok: false; problems: Problem[] };

/** Collects what is wrong at a path. */
export type Report = (path: string, message: string) => void;

/**
 * Checks a document against the grammar of the IAM policy language before it is stored, as strictly as AWS or
 * stricter: exact element and operator names, one of each element pair, no element in a kind of policy where it
 * has no place, well-formed values, Sids unique and of the permitted characters.
 *
 * It does not check that principals exist, nor size quotas: those depend on the service.
 *
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language" and the pages of each element.
 */
export function validateDocument(value: unknown, kind: DocumentKind): Validation {
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  if (!isRecord(value))
    return { ok: false, problems: [{ path: "", message: "The document is not an object." }] };

  for (const name of Object.keys(value)) {
    if (!["Version", "Id", "Statement"].includes(name)) report(name, "There is no such element in a policy.");
  }
  if (value.Version !== undefined && value.Version !== "2012-10-17" && value.Version !== "2008-10-17") {
    report("Version", "Version is 2012-10-17 or 2008-10-17.");
  }
  if (value.Id !== undefined && typeof value.Id !== "string") report("Id", "Id is a string.");
  reportCharacters(value, "", report);

  const single = !Array.isArray(value.Statement);
  const statements: unknown[] = Array.isArray(value.Statement) ? value.Statement : [value.Statement];
  if (statements.length === 0) report("Statement", "A policy has at least one statement.");
  const sids = new Set<string>();
  for (const [index, statement] of statements.entries()) {
    const path = single ? "Statement" : `Statement[${index}]`;
    if (!isRecord(statement)) {
      report(path, "A statement is an object.");
      continue;
    }
    validateStatement(statement, kind, value.Version === "2012-10-17", (at, message) =>
      report(`${path}${at === "" ? "" : `.${at}`}`, message),
    );
    const { Sid: sid } = statement;
    if (typeof sid === "string" && sid !== "") {
      if (sids.has(sid)) report(`${path}.Sid`, `The Sid ${sid} is used twice.`);
      sids.add(sid);
    }
  }
  // Every element was checked above, so the value has the document's shape.
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, document: value as unknown as PolicyDocument };
}

const ELEMENTS = [
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

function validateStatement(
  statement: Record<string, unknown>,
  kind: DocumentKind,
  variables: boolean,
  report: Report,
): void {
  for (const name of Object.keys(statement)) {
    if (!ELEMENTS.includes(name)) report(name, "There is no such element in a statement.");
  }
  validateSid(statement.Sid, kind, report);
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny")
    report("Effect", "Effect is Allow or Deny.");
  validatePrincipals(statement, kind, report);
  validateActions(statement, kind, report);
  validateResources(statement, kind, variables, report);
  validateConditions(statement.Condition, variables, report);
}

function validateSid(sid: unknown, kind: DocumentKind, report: Report): void {
  if (sid === undefined) return;
  if (typeof sid !== "string") {
    report("Sid", "Sid is a string.");
    return;
  }
  // S3 and SQS take spaces and more; IAM letters and digits only.
  if (kind !== "resource" && !/^[A-Za-z0-9]*$/.test(sid)) report("Sid", "A Sid has letters and digits only.");
}

function validatePrincipals(statement: Record<string, unknown>, kind: DocumentKind, report: Report): void {
  const { Principal: plain, NotPrincipal: negated } = statement;
  if (kind === "identity") {
    if (plain !== undefined) report("Principal", "An identity policy has no Principal.");
    if (negated !== undefined) report("NotPrincipal", "An identity policy has no NotPrincipal.");
    return;
  }
  if (negated !== undefined && kind === "trust")
    report("NotPrincipal", "A trust policy has no NotPrincipal.");
  if (negated !== undefined && statement.Effect !== "Deny")
    report("NotPrincipal", "NotPrincipal works with Deny only.");
  if ((plain === undefined) === (negated === undefined)) {
    report("", "The statement needs exactly one of Principal and NotPrincipal.");
  }
  if (plain !== undefined) validatePrincipal(plain, kind, "Principal", report);
  if (negated !== undefined) validatePrincipal(negated, kind, "NotPrincipal", report);
}

/** "AssumeRole policy may only specify STS AssumeRole actions." */
const TRUST_ACTIONS = [
  "sts:AssumeRole",
  "sts:AssumeRoleWithSAML",
  "sts:AssumeRoleWithWebIdentity",
  "sts:TagSession",
  "sts:SetSourceIdentity",
  "sts:SetContext",
];

function validateActions(statement: Record<string, unknown>, kind: DocumentKind, report: Report): void {
  const [name, values] = onePair(statement, "Action", "NotAction", report);
  if (name === "NotAction" && kind === "trust") report(name, "A trust policy names its actions.");
  for (const value of values) {
    if (
      actionFits(value, "") === "indeterminate" ||
      !/^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+|\*:\*)$/.test(value)
    ) {
      report(name, `"${value}" is not an action: a service, a colon and a name.`);
    } else if (
      kind === "trust" &&
      (!foldCase(value).startsWith("sts:") ||
        !TRUST_ACTIONS.some((known) => actionFits(value, known) === "match"))
    ) {
      report(name, `"${value}" is not an action of a trust policy.`);
    }
  }
}

function validateResources(
  statement: Record<string, unknown>,
  kind: DocumentKind,
  variables: boolean,
  report: Report,
): void {
  if (kind === "trust") {
    if (statement.Resource !== undefined) report("Resource", "A trust policy has no Resource.");
    if (statement.NotResource !== undefined) report("NotResource", "A trust policy has no NotResource.");
    return;
  }
  const [name, values] = onePair(statement, "Resource", "NotResource", report);
  for (const value of values) {
    const parts = value.split(":");
    const [arn, partition, service] = parts;
    const shaped = arn === "arn" && partition !== undefined && service !== undefined && !hasWildcard(service);
    if (value !== "*" && !(shaped && (parts.length >= 6 || (parts.length >= 4 && value.endsWith("*"))))) {
      report(name, `"${value}" is neither an ARN nor "*".`);
    } else if (variables && parts.slice(0, 5).some((part) => part.includes("${"))) {
      report(name, "A policy variable stands in the resource part of an ARN only.");
    }
    if (variables) reportVariables(value, name, report);
  }
}

function validateConditions(block: unknown, variables: boolean, report: Report): void {
  if (block === undefined) return;
  if (!isRecord(block)) {
    report("Condition", "Condition is an object.");
    return;
  }
  for (const [written, keys] of Object.entries(block)) {
    const path = `Condition.${written}`;
    const parsed = parseOperator(written);
    if (parsed === null || spellingOf(parsed) !== written) {
      report(path, `"${written}" is not a condition operator.`);
      continue;
    }
    if (!isRecord(keys) || Object.keys(keys).length === 0) {
      report(path, "A condition operator has at least one key.");
      continue;
    }
    for (const [key, value] of Object.entries(keys)) {
      const at = `${path}.${key}`;
      if (!/^[^:]+:./.test(key)) report(at, "A condition key has a prefix, a colon and a name.");
      const texts = textsOf(value);
      if (texts === null) report(at, "The value is a string or a list of strings.");
      for (const text of texts ?? []) {
        if (!validValue(parsed, text)) report(at, `"${text}" is not a value for ${parsed.name}.`);
        if (variables) reportVariables(text, at, report);
      }
    }
  }
}

function onePair(
  statement: Record<string, unknown>,
  plain: string,
  negated: string,
  report: Report,
): [string, string[]] {
  const name = statement[plain] === undefined ? negated : plain;
  const value = statement[name];
  if ((statement[plain] === undefined) === (statement[negated] === undefined)) {
    report("", `The statement needs exactly one of ${plain} and ${negated}.`);
    if (value === undefined) return [name, []];
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.filter((item) => typeof item === "string");
  if (texts.length === 0 || texts.length < list.length)
    report(name, `${name} is a string or a list of strings.`);
  return [name, texts];
}

function reportVariables(text: string, path: string, report: Report): void {
  const rest = text.replace(/\$\{(?:[*?$]|[^{},'"$]+(?:,\s*'[^']*'\s*)?)\}/g, "");
  if (rest.includes("${")) report(path, `"${text}" holds a \${ that starts no policy variable.`);
}

/** IAM takes tab, line feed, carriage return and U+0020 to U+00FF. */
function reportCharacters(value: unknown, path: string, report: Report): void {
  if (typeof value === "string") {
    const odd = Array.from(value).find((char) => !/[\t\n\r\u0020-\u00ff]/u.test(char));
    if (odd !== undefined)
      report(path, `The character U+${(odd.codePointAt(0) ?? 0).toString(16)} can't be stored.`);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      reportCharacters(key, path, report);
      reportCharacters(item, path === "" ? key : `${path}.${key}`, report);
    }
  }
}
