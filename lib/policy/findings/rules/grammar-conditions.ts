import { isRecord, textsOf } from "../../conditions.ts";
import { foldCase } from "../../glob.ts";
import { type ParsedOperator, parseOperator, spellingOf, validValue } from "../../operators.ts";
import type { Path, Report } from "../finding.ts";

/** The form of a `Condition`: operators, keys and the values that each operator takes. */
export function checkGrammarOfConditions(
  block: unknown,
  variables: boolean,
  path: Path,
  report: Report,
): void {
  if (block === undefined) return;
  if (!isRecord(block)) {
    report("grammar.data-type", path, "Condition is an object.");
    return;
  }
  if (Object.keys(block).length === 0) report("grammar.empty-condition", path, "The Condition is empty.");
  for (const [written, keys] of Object.entries(block)) {
    const at = [...path, written];
    const parsed = parseOperator(written);
    if (parsed === null || spellingOf(parsed) !== written) {
      reportOperator(written, parsed, at, report);
      continue;
    }
    if (!isRecord(keys)) {
      report("grammar.data-type", at, "A condition operator holds an object of keys.");
      continue;
    }
    if (Object.keys(keys).length === 0) {
      report("condition.operator-without-keys", at, `${written} has no key.`);
    }
    for (const [key, value] of Object.entries(keys))
      checkKey(parsed, key, value, variables, [...at, key], report);
  }
}

function reportOperator(written: string, parsed: ParsedOperator | null, path: Path, report: Report): void {
  if (/^(for(any|all)values?:)?null(ifexists)?$/.test(foldCase(written)) && foldCase(written) !== "null") {
    const detail = `${written}: Null already asks whether the key is there, and takes no qualifier.`;
    report("condition.null-qualified", path, detail, "key");
    return;
  }
  const meant = parsed === null ? "" : `; it is written ${spellingOf(parsed)}`;
  report("condition.unknown-operator", path, `"${written}" is not a condition operator${meant}.`, "key");
}

function checkKey(
  parsed: ParsedOperator,
  key: string,
  value: unknown,
  variables: boolean,
  path: Path,
  report: Report,
): void {
  if (!/^[^:]+:./.test(key)) {
    report("condition.malformed-key", path, `"${key}" has no prefix: keys look like aws:SourceArn.`, "key");
  }
  const texts = conditionTexts(value, path, report) ?? [];
  for (const [index, text] of texts.entries()) {
    const at = Array.isArray(value) ? [...path, index] : path;
    if (!validValue(parsed, text))
      report(invalidValue(parsed, text), at, `"${text}" is not a value for ${parsed.name}.`);
    if (variables) checkVariables(text, at, report);
  }
}

function invalidValue(parsed: ParsedOperator, text: string) {
  if (text.includes("${")) return "variable.not-for-operator";
  if (parsed.name.startsWith("Date")) return "condition.invalid-date";
  return parsed.name.endsWith("IpAddress") ? "condition.invalid-cidr" : "condition.invalid-value";
}

/** `${…}` has to be a variable, `${*}`, `${?}` or `${$}`; `${aws:username, 'nobody'}` has a default. */
export function checkVariables(text: string, path: Path, report: Report): void {
  const rest = text.replace(/\$\{(?:[*?$]|[^{},'"$\s]+(?:,\s*'[^']*'\s*)?)\}/g, "");
  if (rest.includes("${"))
    report("variable.malformed", path, `"${text}" holds a \${ that starts no policy variable.`);
}

/** The texts of a condition's value, or null when it has the wrong type; an empty list is reported as such. */
function conditionTexts(value: unknown, path: Path, report: Report): string[] | null {
  if (Array.isArray(value) && value.length === 0) {
    report("grammar.empty-list", path, "The list of values is empty.");
    return [];
  }
  const texts = textsOf(value);
  if (texts === null) report("grammar.data-type", path, "The value is a string or a list of strings.");
  return texts;
}
