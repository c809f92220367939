import { isRecord } from "../conditions.ts";
import { entryOf } from "./catalogue.ts";
import type { CheckContext, CheckOptions } from "./context.ts";
import { type Draft, type Finding, pointerOf, type Report, severities } from "./finding.ts";
import { type JsonSource, readJson } from "./json-source.ts";
import { resolveAction } from "./resolve-actions.ts";
import { checkActions } from "./rules/actions.ts";
import { checkConditionKeys } from "./rules/condition-keys.ts";
import { checkConditionValues } from "./rules/condition-values.ts";
import { checkEscalation } from "./rules/escalation.ts";
import { checkExposure } from "./rules/exposure.ts";
import { checkGrammar } from "./rules/grammar.ts";
import { checkPlaceholders, dropShadowed } from "./rules/placeholders.ts";
import { checkPrincipals } from "./rules/principals.ts";
import { checkRedundancy } from "./rules/redundancy.ts";
import { checkResources } from "./rules/resources.ts";
import { checkSizes } from "./rules/sizes.ts";
import { checkTrust } from "./rules/trust.ts";
import { checkUnseen } from "./rules/unseen.ts";
import { checkWebIdentity } from "./rules/web-identity.ts";
import { type StatementView, viewStatements } from "./view.ts";

export type { CheckOptions } from "./context.ts";

const rules: readonly ((context: CheckContext) => void)[] = [
  checkActions,
  checkResources,
  checkConditionKeys,
  checkConditionValues,
  checkPrincipals,
  checkTrust,
  checkWebIdentity,
  checkEscalation,
  checkExposure,
  checkRedundancy,
  checkSizes,
  checkUnseen,
];

/** No policy that AWS stores has as many; what more there are is not looked up, and the size of the document is said. */
const mostActions = 1_000;

/**
 * Everything that is wrong with a policy, as a text or already parsed, worst first, then by statement and path.
 * A text is checked as it is written: what parsing would hide is found, and each finding has its place in the text.
 * The same document always gives the same findings; nothing throws, whatever it holds.
 *
 * What has a syntax error is not looked at further; what breaks the grammar is, as far as it can be understood.
 */
export function checkPolicy(policy: unknown, options: CheckOptions): Finding[] {
  const source = typeof policy === "string" ? readJson(policy) : null;
  const drafts: Draft[] = [...(source?.problems ?? [])];
  const document = source === null ? policy : source.value?.json;
  const statements = viewStatements(document);
  if (source === null || source.value !== null) drafts.push(...checkDocument(document, statements, options));
  const byIndex = new Map(statements.map((statement) => [statement.index, statement]));
  const findings = drafts.map((draft) => toFinding(draft, source, byIndex));
  return inOrder(findings);
}

function checkDocument(document: unknown, views: readonly StatementView[], options: CheckOptions): Draft[] {
  const drafts: Draft[] = [];
  const report: Report = (id, path, detail, onKey) =>
    drafts.push({ id, path, detail, ...(onKey ? { onKey: true } : {}) });
  checkGrammar(document, options.kind, report);
  checkPlaceholders(document, report);
  if (isRecord(document)) {
    let left = mostActions;
    const statements = views.map((statement) => ({
      ...statement,
      resolved: statement.actions.map(({ text }) =>
        left-- > 0 ? resolveAction(text, options.metadata) : null,
      ),
    }));
    for (const rule of rules) rule({ ...options, document, statements, report });
  }
  return dropShadowed(drafts);
}

function toFinding(
  { id, path, detail, onKey, at }: Draft,
  source: JsonSource | null,
  statements: ReadonlyMap<number, StatementView>,
): Finding {
  const [root, place] = path;
  const lone = statements.get(0)?.path.length === 1;
  // Of a list of statements as a whole, no one is to blame.
  const index = root !== "Statement" ? undefined : typeof place === "number" ? place : lone ? 0 : undefined;
  const statement = index === undefined ? undefined : statements.get(index);
  return {
    id,
    severity: entryOf(id).severity,
    path: pointerOf(path),
    ...(statement
      ? { statement: { index: statement.index, ...(statement.sid ? { sid: statement.sid } : {}) } }
      : {}),
    ...(source === null ? {} : { range: at ? source.rangeAt(at) : source.rangeOf(path, onKey) }),
    detail: detail.replace(/[\p{Cc}\p{Cf}]/gu, escaped),
  };
}

/** What would not be seen in a sentence, or would turn it around. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** Severity, then the place, then the id: the same every time. */
function inOrder(findings: Finding[]): Finding[] {
  const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
  const rank = ({ severity }: Finding) => severities.indexOf(severity);
  // Numbers in pointers are places of lists: 10 comes after 9.
  const place = ({ path }: Finding) =>
    path.replace(/\/(\d+)(?=\/|$)/g, (_, digits: string) => `/${digits.padStart(6, "0")}`);
  const seen = new Set<string>();
  return findings
    .filter(({ id, path, detail }) => {
      const key = `${id} ${path} ${detail}`;
      return seen.has(key) ? false : seen.add(key);
    })
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        compare(place(a), place(b)) ||
        compare(a.id, b.id) ||
        compare(a.detail, b.detail),
    );
}
