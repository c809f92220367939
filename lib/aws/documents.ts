import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { parsePolicyJson } from "#lib/policy/parse.ts";
import { UnreadableDocumentError } from "./errors.ts";

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStatement(value: unknown): value is Statement {
  return isRecord(value) && (value.Effect === "Allow" || value.Effect === "Deny");
}

function isPolicyDocument(value: unknown): value is PolicyDocument {
  if (!isRecord(value)) return false;
  const { Statement: statements } = value;
  return Array.isArray(statements) ? statements.every(isStatement) : isStatement(statements);
}

/**
 * A policy as AWS stored it. Only its outline is checked, since AWS has validated it; whatever else is in it is
 * kept as it is. Throws `UnreadableDocumentError`: what we can't read without loss (an object with the same key
 * twice, say) we must not write back.
 */
export function parseDocument(text: string, what: string): PolicyDocument {
  const parsed = parsePolicyJson(text);
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    throw new UnreadableDocumentError(`The policy of ${what} can't be read. ${problems.join(" ")}`);
  }
  if (!isPolicyDocument(parsed.value)) {
    throw new UnreadableDocumentError(`The policy of ${what} has no list of statements.`);
  }
  return parsed.value;
}

/** IAM answers documents URL-encoded (RFC 3986). Source: GetRole, "Policies returned by this operation". */
export function parseIamDocument(text: string, what: string): PolicyDocument {
  return parseDocument(decodeURIComponent(text), what);
}

/** Whether a trust policy names the OIDC provider. */
export function trusts(document: PolicyDocument, providerArn: string): boolean {
  return statementsOf(document).some(
    ({ Principal: principal }) =>
      typeof principal === "object" && listOf(principal.Federated).includes(providerArn),
  );
}
