import { hasWildcard } from "../../glob.ts";
import { isPrivateRange, parseCidr } from "../../ip.ts";
import { parseDate, validValue } from "../../operators.ts";
import { type CheckContext, type CheckedStatement, limitOf } from "../context.ts";
import { emptyLimit } from "../limits.ts";
import type { ConditionView, Item } from "../view.ts";
import { keyMetadata } from "./condition-keys.ts";

/** Whether the values can be met at all, and not always. */
export function checkConditionValues(context: CheckContext): void {
  for (const statement of context.statements) {
    for (const condition of statement.conditions) {
      if (condition.parsed === null) continue;
      checkWildcards(condition, context);
      checkEmpty(condition, statement, context);
      checkSensitive(condition, context);
      checkPair(condition, statement, context);
      checkAddresses(condition, context);
      checkBooleans(condition, context);
      checkDates(condition, statement, context);
      for (const value of condition.values) checkVariables(value, statement, context);
    }
    for (const resource of statement.resources) checkVariables(resource, statement, context);
  }
}

/** Claims of OIDC providers are judged as part of the trust. */
function isTokenClaim({ folded }: ConditionView, kind: CheckContext["kind"]): boolean {
  return kind === "trust" && /[./].*:(sub|aud)$/.test(folded);
}

function checkWildcards(condition: ConditionView, { kind, report }: CheckContext): void {
  const { parsed, operator, values, path, key } = condition;
  if (!parsed?.operator || isTokenClaim(condition, kind)) return;
  const wild = values.filter(({ text }) => hasWildcard(text.replace(/\$\{[^{}]*\}/g, "")));
  if (/^String(Not)?Equals/.test(parsed.name)) {
    for (const { text, path: at } of wild) {
      const detail = `${operator} takes the wildcard in ${JSON.stringify(text)} as a character.`;
      report("condition.wildcard-taken-literally", at, detail);
    }
  } else if (/^String(Not)?Like$/.test(parsed.name) && values.length > 0) {
    const plain = wild.length === 0 && !values.some(({ text }) => text.includes("${"));
    if (plain) report("condition.like-without-wildcard", path, `No value of ${key} has a wildcard.`, "key");
  }
}

/** Whether every request that has the key meets the condition of an Allow. */
function checkEmpty(
  condition: ConditionView,
  { effect }: CheckedStatement,
  { kind, report }: CheckContext,
): void {
  const { parsed, key, values } = condition;
  if (effect !== "Allow" || isTokenClaim(condition, kind)) return;
  const empty = emptyLimit(limitOf(condition));
  const open = values.find(({ text }) => text === empty);
  // What an ARN operator can't read is no limit, and has a finding of its own.
  if (open === undefined || (parsed !== null && !validValue(parsed, open.text))) return;
  const detail = parsed?.name.endsWith("IpAddress")
    ? `The ranges of ${key} are all addresses.`
    : `Any value of ${key} meets ${JSON.stringify(open.text)}.`;
  report("condition.always-met", open.path, detail);
}

/**
 * "There are no valid use cases for wildcards in these condition keys, not even for a part of the value" (IAM User
 * Guide, "AWS global condition context keys", "Sensitive condition keys").
 */
const sensitive = new Set([
  "aws:principalaccount",
  "aws:principalorgid",
  "aws:resourceaccount",
  "aws:resourceorgid",
  "aws:sourceaccount",
  "aws:sourceorgid",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:vpceaccount",
  "aws:vpceorgid",
]);

function checkSensitive({ parsed, key, folded, values }: ConditionView, { report }: CheckContext): void {
  if (!sensitive.has(folded) || !parsed || !/Like$/.test(parsed.name)) return;
  for (const { text, path } of values) {
    if (!hasWildcard(text.replace(/\$\{[^{}]*\}/g, ""))) continue;
    report("condition.sensitive-wildcard", path, `${key} is compared with ${JSON.stringify(text)}.`);
  }
}

/** Private addresses say something only together with the network that they are of. */
function checkPair(
  { parsed, folded, key, path }: ConditionView,
  { conditions }: CheckedStatement,
  { report }: CheckContext,
): void {
  if (folded !== "aws:vpcsourceip" || !parsed?.operator) return;
  if (conditions.some((one) => /^aws:(sourcevpc|vpce)/.test(one.folded))) return;
  report("condition.missing-pair", path, `${key} stands without aws:SourceVpc or aws:SourceVpce.`, "key");
}

function checkAddresses({ parsed, folded, values }: ConditionView, { report }: CheckContext): void {
  if (!parsed?.name.endsWith("IpAddress")) return;
  for (const { text, path } of values) {
    const range = parseCidr(text);
    if (range === null) continue;
    const hostBits = BigInt(range.bits - range.prefix);
    if ((range.value >> hostBits) << hostBits !== range.value) {
      report("condition.host-bits", path, `${text} does not begin where its range does.`);
    }
    if (folded === "aws:sourceip" && isPrivateRange(text)) {
      report("condition.private-address", path, `${text} is private, and aws:SourceIp never is.`);
    }
  }
}

function checkBooleans({ parsed, key, values, path }: ConditionView, { report }: CheckContext): void {
  if (parsed?.name !== "Bool") return;
  if (new Set(values.map(({ text }) => text.toLowerCase())).size > 1) {
    report("condition.several-booleans", path, `${key} may be true and may be false.`);
  }
}

function checkDates(
  { parsed, folded, values }: ConditionView,
  { effect }: CheckedStatement,
  { now, report }: CheckContext,
): void {
  if (now === undefined || effect !== "Allow" || !parsed?.name.startsWith("DateLessThan")) return;
  if (folded !== "aws:currenttime" && folded !== "aws:epochtime") return;
  for (const { text, path } of values) {
    const end = parseDate(text);
    if (end !== null && end <= now.getTime()) report("condition.past-date", path, `${text} is over.`);
  }
}

const variable = /\$\{([^{},'"$\s]+)(?:,\s*'[^']*'\s*)?\}/g;

/** Variables that the Version does not know, or that nothing fills in. */
function checkVariables({ text, path }: Item, statement: CheckedStatement, context: CheckContext): void {
  if (!text.includes("${")) return;
  for (const [written, key = ""] of text.matchAll(variable)) {
    if (/^[*?$]$/.test(key)) continue;
    if (context.document.Version !== "2012-10-17") {
      context.report("variable.old-version", path, `${written} is plain text without Version 2012-10-17.`);
      return;
    }
    if (keyMetadata(key, statement, context.metadata) === null) {
      context.report("variable.unknown", path, `No request has a key ${key}.`);
    }
  }
}
