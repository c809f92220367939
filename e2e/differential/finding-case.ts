import { isRecord } from "#lib/policy/conditions.ts";
import { checkPolicy } from "#lib/policy/findings/check-policy.ts";
import { awsMetadata } from "#lib/policy/metadata/aws.ts";
import type { FindingCase } from "./disagreements.ts";
import { without, withoutField } from "./reduce.ts";
import { subjects } from "./subjects.ts";

/** What parliament gives to a text. */
export type ParliamentAnswer = { issues: string[] } | { refused: string };

/** The subjects that the product reports. */
export function ourSubjects({ kind, document }: FindingCase): Set<string> {
  const ids = new Set<string>(checkPolicy(document, { kind, metadata: awsMetadata }).map(({ id }) => id));
  return named(({ findings }) => findings.some((id) => ids.has(id)));
}

/** What parliament reports; `stopped`: it has looked no further into a statement, or into anything. */
export interface Reported {
  subjects: Set<string>;
  stopped: boolean;
}

/** Issues after which parliament looks no further. */
const LAST = [
  "MALFORMED_JSON",
  "MALFORMED",
  "INVALID_SID",
  "UNKNOWN_ACTION",
  "UNKNOWN_PREFIX",
  "UNKNOWN_OPERATOR",
  "INVALID_ARN",
];

/** The subjects that parliament reports; null if it ended on the document. */
export function parliamentSubjects(answer: ParliamentAnswer): Reported | null {
  if ("refused" in answer || answer.issues.includes("EXCEPTION")) return null;
  return {
    subjects: named(({ issues }) => issues.some((issue) => answer.issues.includes(issue))),
    stopped: LAST.some((issue) => answer.issues.includes(issue)),
  };
}

/** The subjects that one side alone reports. What parliament has not come to is no difference. */
export function differencesOf(ours: Set<string>, theirs: Reported): Map<string, "ours" | "theirs"> {
  const differences = new Map<string, "ours" | "theirs">();
  for (const subject of ours) {
    if (!theirs.subjects.has(subject) && !theirs.stopped) differences.set(subject, "ours");
  }
  for (const subject of theirs.subjects) if (!ours.has(subject)) differences.set(subject, "theirs");
  return differences;
}

function named(reported: (subject: (typeof subjects)[string]) => boolean): Set<string> {
  return new Set(Object.entries(subjects).flatMap(([name, subject]) => (reported(subject) ? [name] : [])));
}

/** The document as parliament is given it. */
export function textOf({ document }: FindingCase): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

/** The document with a statement, an element, a key or a value less. */
export function* simplerFindingCases({ kind, document }: FindingCase): Iterable<FindingCase> {
  for (const simpler of simplerValues(document)) yield { kind, document: simpler };
}

function* simplerValues(value: unknown): Iterable<unknown> {
  if (Array.isArray(value)) {
    if (value.length > 1) yield* without(value);
    for (const [at, member] of value.entries()) {
      for (const simpler of simplerValues(member)) yield value.with(at, simpler);
    }
  } else if (isRecord(value)) {
    yield* withoutField(value);
    for (const [key, member] of Object.entries(value)) {
      for (const simpler of simplerValues(member)) yield { ...value, [key]: simpler };
    }
  }
}
