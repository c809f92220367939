import type { DecisionCase, Verdict } from "./decision-case.ts";
import list from "./disagreements.json" with { type: "json" };

/** A ruling on what the product and another implementation differ about. */
export interface Disagreement {
  id: string;
  /** What a disagreement has, once it is reduced, to be this one. */
  has: string[];
  title: string;
  ours: string;
  theirs: string;
  /** Who is right by AWS's documentation; `open` where it does not say. */
  right: "ours" | "theirs" | "open";
  why: string;
  /** AWS's page. */
  cites: string;
}

/** About who may do what. */
export interface DecisionDisagreement extends Disagreement {
  /** Which of the two is nearer to an Allow. */
  wider: ("ours" | "theirs")[];
  /** A smallest case of it, which has to go on being one. */
  example: DecisionCase;
  answers: { ours: Verdict; theirs: Verdict };
}

/** About what is wrong with a document. */
export interface FindingDisagreement extends Disagreement {
  /** Who reports it. */
  by: "ours" | "theirs";
  example: FindingCase;
}

/** A document to be checked and where it hangs. */
export interface FindingCase {
  kind: "identity" | "resource" | "trust";
  document: unknown;
}

export const decisionDisagreements = list.decisions as unknown as DecisionDisagreement[];
export const findingDisagreements = list.findings as unknown as FindingDisagreement[];

const WIDTH: Partial<Record<Verdict, number>> = { "explicit-deny": 0, "implicit-deny": 1, allow: 2 };

/** Which of two different answers is nearer to an Allow. */
export function widerOf(ours: Verdict, theirs: Verdict): "ours" | "theirs" {
  return (WIDTH[ours] ?? 0) > (WIDTH[theirs] ?? 0) ? "ours" : "theirs";
}

/** The first ruling on it; undefined: nobody has ruled on this. */
export function rulingOn(
  features: ReadonlySet<string>,
  ours: Verdict,
  theirs: Verdict,
): DecisionDisagreement | undefined {
  const wider = widerOf(ours, theirs);
  return decisionDisagreements.find(
    (one) => one.wider.includes(wider) && one.has.every((feature) => features.has(feature)),
  );
}

/** The same for what one side alone reports. */
export function rulingOnFinding(
  features: ReadonlySet<string>,
  by: "ours" | "theirs",
): FindingDisagreement | undefined {
  return findingDisagreements.find(
    (one) => one.by === by && one.has.every((feature) => features.has(feature)),
  );
}
