import { startRespondent } from "./ask.ts";
import type { FindingCase } from "./disagreements.ts";
import { documentFeatures } from "./document-features.ts";
import {
  differencesOf,
  ourSubjects,
  type ParliamentAnswer,
  parliamentSubjects,
  type Reported,
  simplerFindingCases,
  textOf,
} from "./finding-case.ts";
import { reduced } from "./reduce.ts";

/** A document reduced to what one side alone reports about it. */
export interface FindingDifference {
  case: FindingCase;
  subject: string;
  by: "ours" | "theirs";
  features: Set<string>;
}

export interface Parliament {
  /** What parliament reports; null if it ended on the document. */
  report(one: FindingCase): Promise<Reported | null>;
  /** What one side alone reports, each with the smallest document that shows it. */
  differences(one: FindingCase): Promise<FindingDifference[]>;
  stop(): void;
}

/** @param python of the environment in which parliament is installed */
export function startParliament(python: string): Parliament {
  const script = new URL("../../scripts/differential/lint_policy.py", import.meta.url).pathname;
  const program = startRespondent<string, ParliamentAnswer>(python, [script]);
  const report = async (one: FindingCase) => parliamentSubjects(await program.ask(textOf(one)));

  async function differences(one: FindingCase): Promise<FindingDifference[]> {
    const [ours, theirs] = [ourSubjects(one), await report(one)];
    if (theirs === null) return [];
    const found: FindingDifference[] = [];
    for (const [subject, by] of differencesOf(ours, theirs)) {
      // What is left out must not break what was right.
      const holds = async (simpler: FindingCase) => {
        const mine = ourSubjects(simpler);
        if (!within(mine, ours) || mine.has(subject) !== (by === "ours")) return false;
        const other = await report(simpler);
        return (
          other !== null &&
          within(other.subjects, theirs.subjects) &&
          differencesOf(mine, other).get(subject) === by
        );
      };
      const smallest = await reduced(one, simplerFindingCases, holds);
      found.push({ case: smallest, subject, by, features: documentFeatures(subject, smallest) });
    }
    return found;
  }

  return { report, differences, stop: program.stop };
}

function within(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one));
}
