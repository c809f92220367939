import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { type DocumentKind, parsePolicyJson, validateDocument } from "#lib/policy/validate.ts";
import { renderPrincipals, resolvePrincipals } from "./principals.ts";
import type { Sandbox } from "./sandbox.ts";
import { AwsError } from "./wire/error.ts";

/** How a service words its refusals of a document. */
export interface DocumentErrors {
  malformed: (detail: string) => AwsError;
  invalidPrincipal: (principal: string) => AwsError;
}

export const iamDocumentErrors: DocumentErrors = {
  malformed: (detail) => new AwsError("MalformedPolicyDocument", detail),
  invalidPrincipal: (principal) =>
    new AwsError("MalformedPolicyDocument", `Invalid principal in policy: "AWS":"${principal}"`),
};

export const s3DocumentErrors: DocumentErrors = {
  malformed: (detail) => new AwsError("MalformedPolicy", detail),
  invalidPrincipal: (principal) =>
    new AwsError("MalformedPolicy", "Invalid principal in policy", 400, { Detail: `"AWS" : "${principal}"` }),
};

export const sqsDocumentErrors: DocumentErrors = {
  malformed: (detail) =>
    new AwsError("InvalidAttributeValue", `Invalid value for the parameter Policy. ${detail}`),
  invalidPrincipal: (principal) =>
    new AwsError(
      "InvalidAttributeValue",
      `Invalid value for the parameter Policy. Reason: invalid principal "${principal}"`,
    ),
};

/** Text to a document ready to be stored: grammar checked, principals resolved to unique ids. @throws AwsError */
export function readDocument(
  sandbox: Sandbox,
  text: string,
  kind: DocumentKind,
  errors: DocumentErrors,
): PolicyDocument {
  const parsed = parsePolicyJson(text);
  if (!parsed.ok) throw errors.malformed(problemText(parsed.problems));
  return checkDocument(sandbox, parsed.value, kind, errors);
}

/** The same for a document that is JSON already. A seed may hold ids of deleted roles. @throws AwsError */
export function checkDocument(
  sandbox: Sandbox,
  value: unknown,
  kind: DocumentKind,
  errors: DocumentErrors,
  keepDangling = false,
): PolicyDocument {
  const validation = validateDocument(value, kind);
  if (!validation.ok) throw errors.malformed(problemText(validation.problems));
  const resolved = resolvePrincipals(sandbox, validation.document, keepDangling);
  if (!resolved.ok) throw errors.invalidPrincipal(resolved.principal);
  return resolved.document;
}

function problemText(problems: { path: string; message: string }[]): string {
  const [first] = problems;
  return first ? `${first.path ? `${first.path}: ` : ""}${first.message}` : "Syntax errors in policy.";
}

/** A stored document as a caller reads it. */
export function documentText(sandbox: Sandbox, document: PolicyDocument): string {
  return JSON.stringify(renderPrincipals(sandbox, document));
}

/** IAM hands documents out percent-encoded (RFC 3986). */
export function encodedDocument(sandbox: Sandbox, document: PolicyDocument): string {
  return encodeURIComponent(documentText(sandbox, document)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
