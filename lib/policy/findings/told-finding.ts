import { entryOf } from "./catalogue.ts";
import type { Finding } from "./finding.ts";

/** A finding with what the catalogue says of it: all that a person needs to mend it. */
export interface ToldFinding extends Finding {
  title: string;
  why: string;
  mend: string;
  /** Address of the page of AWS or Kubernetes that says so. */
  reference: string;
}

export function toldFinding(finding: Finding): ToldFinding {
  const { title, why, mend, reference } = entryOf(finding.id);
  return { ...finding, title, why, mend, reference };
}
