import type { FindingId } from "./catalogue.ts";

/**
 * As IAM Access Analyzer grades its findings: a part that does not work or that AWS would refuse (`error`), access that
 * is wider than it should be (`security-warning`), what is probably not meant (`warning`), what could be written better
 * and changes no access (`suggestion`).
 */
export const severities = ["error", "security-warning", "warning", "suggestion"] as const;
export type Severity = (typeof severities)[number];

/** One thing that is wrong with one place of a document. */
export interface Finding {
  /** A row of the catalogue, which says why it matters and how to mend it. */
  id: FindingId;
  severity: Severity;
  /** JSON pointer (RFC 6901) of the place; empty: the whole document. */
  path: string;
  /** The statement it lies in: its place from 0, and its Sid if it has one. */
  statement?: { index: number; sid?: string };
  /** Where that is in the text, when a text was checked. */
  range?: TextRange;
  /** What is wrong in this document, in words. */
  detail: string;
}

/** From `start` up to, not including, `end`. */
export interface TextRange {
  start: TextPosition;
  end: TextPosition;
}

export interface TextPosition {
  /** from 0, in UTF-16 code units */
  offset: number;
  /** from 1 */
  line: number;
  /** from 1 */
  column: number;
}

/** Object keys and list places from the document's root. */
export type Path = readonly (string | number)[];

/** A finding as a rule reports it. */
export interface Draft {
  id: FindingId;
  path: Path;
  detail: string;
  /** The place is the key of the element and not its value. */
  onKey?: boolean;
  /** Where the text itself shows it better than the path does. */
  at?: { offset: number; length: number };
}

export type Report = (id: FindingId, path: Path, detail: string, onKey?: "key") => void;

/** RFC 6901: `~` and `/` are escaped. */
export function pointerOf(path: Path): string {
  let pointer = "";
  for (const part of path) {
    const text = String(part);
    pointer += /[~/]/.test(text) ? `/${text.replaceAll("~", "~0").replaceAll("/", "~1")}` : `/${text}`;
  }
  return pointer;
}

/** The steps of a JSON pointer, list places as texts. */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
