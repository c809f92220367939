import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { entryOf, type FindingId } from "./findings/catalogue.ts";
import { checkGrammar } from "./findings/rules/grammar.ts";
import { dotted, type Problem } from "./parse.ts";

export { type ParsedJson, type Problem, parsePolicyJson } from "./parse.ts";

/** Where a document is to be stored; the grammar differs. */
export type DocumentKind = "identity" | "trust" | "resource";

export type Validation = { ok: true; document: PolicyDocument } | { ok: false; problems: Problem[] };

/** What Access Analyzer only suggests to mend, and some services refuse. */
const refusedToo = new Set<FindingId>(["grammar.empty-list", "condition.operator-without-keys"]);

/**
 * Checks a document against the grammar of the IAM policy language before it is stored, as strictly as AWS or
 * stricter. It does not check that principals exist, nor size quotas: those depend on the service. The same rules make
 * the grammar's findings.
 */
export function validateDocument(value: unknown, kind: DocumentKind): Validation {
  const problems: Problem[] = [];
  checkGrammar(value, kind, (id, path, message) => {
    if (entryOf(id).severity === "error" || refusedToo.has(id))
      problems.push({ path: dotted(path), message });
  });
  // Every element was checked above, so the value has the document's shape.
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, document: value as unknown as PolicyDocument };
}
