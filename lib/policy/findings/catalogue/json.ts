import { analyzer, type FindingEntry, guide } from "../entry.ts";

const grammar = guide("reference_policies_grammar.html");

/** What is wrong with the text before it is a policy. */
export const json = {
  "json.too-long": {
    severity: "error",
    group: "json",
    title: "Longer than any policy",
    why: "No service of AWS stores a policy of this length (KMS takes the longest, 32 KB). It was not read.",
    mend: "Paste the policy alone.",
    reference: guide("reference_iam-quotas.html"),
  },
  "json.too-deep": {
    severity: "error",
    group: "json",
    title: "Nested deeper than any policy",
    why: "A policy needs six levels. Text that is nested much deeper is no policy, and it was not read.",
    mend: "Paste the policy alone.",
    reference: grammar,
  },
  "json.syntax": {
    severity: "error",
    group: "json",
    title: "Not JSON",
    why: "AWS refuses the text, and nothing else in it can be checked.",
    mend: "Correct the text where it is marked.",
    reference: analyzer("error-json-syntax-error"),
  },
  "json.trailing-comma": {
    severity: "error",
    group: "json",
    title: "A comma before a closing bracket",
    why: "JSON has commas between things only. Many editors let it pass; AWS refuses it.",
    mend: "Take the comma away.",
    reference: analyzer("error-json-syntax-error"),
  },
  "json.comment": {
    severity: "error",
    group: "json",
    title: "A comment",
    why: "JSON has no comments; AWS refuses the document.",
    mend: "Say it in the statement's Sid, or where the document is kept.",
    reference: analyzer("error-json-syntax-error"),
  },
  "json.duplicate-key": {
    severity: "error",
    group: "json",
    title: "The same key twice",
    why: "Most readers silently keep the last one, so that what a person read above it does not count.",
    mend: "Keep one of them. Several values of one condition key stand in one list.",
    reference: guide("reference_policies_grammar.html#policies-grammar-json"),
  },
  "json.case-variant-key": {
    severity: "error",
    group: "json",
    title: "Two keys that differ in case only",
    why: "Which of them counts depends on the reader: condition keys are compared without case, elements with it.",
    mend: "Keep one of them.",
    reference: analyzer("error-duplicate-keys-with-different-case"),
  },
  "json.not-an-object": {
    severity: "error",
    group: "json",
    title: "Not an object",
    why: "A policy is an object with Version and Statement.",
    mend: 'Put the statements into {"Version": "2012-10-17", "Statement": [ … ]}.',
    reference: grammar,
  },
  "json.character": {
    severity: "error",
    group: "json",
    title: "A character that IAM can't store",
    why: "IAM takes tab, line breaks and U+0020 to U+00FF. Others, such as typographic quotes or letters that look like Latin ones, make names differ that seem equal.",
    mend: "Type the character anew.",
    reference: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html",
  },
  "json.unseen-character": {
    severity: "warning",
    group: "json",
    title: "A character that is not seen",
    why: "A soft hyphen, a hard space or a control character makes a name another one that looks the same: a Deny with it protects nothing.",
    mend: "Delete it, or write a plain space.",
    reference: guide("reference_policies_grammar.html"),
  },
} satisfies Record<string, FindingEntry>;
