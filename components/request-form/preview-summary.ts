import { severityCounts } from "#components/findings/finding-data.ts";
import { shownVerb } from "#components/plan/plan-data.ts";
import { riskWords } from "#components/risk/risk-words.ts";
import type { Verb } from "#lib/plan/plan.ts";
import type { PreviewData, PreviewStep } from "./types.ts";

/** In the order in which they matter to a reader. */
const groups: { verbs: Verb[]; words: string }[] = [
  { verbs: ["conflict"], words: "in the way" },
  { verbs: ["create"], words: "to create" },
  { verbs: ["update"], words: "to change" },
  { verbs: ["delete"], words: "to remove" },
  { verbs: ["keep", "use"], words: "left alone" },
];

const rank = new Map(groups.flatMap(({ verbs }, index) => verbs.map((verb) => [verb, index] as const)));

export function inOrder(steps: readonly PreviewStep[]): PreviewStep[] {
  return [...steps].sort((a, b) => (rank.get(shownVerb(a)) ?? 0) - (rank.get(shownVerb(b)) ?? 0));
}

/** "3 to create", "1 left alone". */
export function stepCounts(steps: readonly PreviewStep[]): string[] {
  return groups.flatMap(({ verbs, words }) => {
    const count = steps.filter((step) => verbs.includes(shownVerb(step))).length;
    return count > 0 ? [`${count} ${words}`] : [];
  });
}

/** The whole preview in a line: "High risk · 1 warning · 3 to create · 1 left alone · 2 approvals". */
export function previewLine({ plan, approvals, refusals, risk, findings }: PreviewData): string {
  const steps = plan?.accounts.flatMap((account) => account.steps) ?? [];
  const counts = [
    ...(refusals.length > 0 ? [`${refusals.length} to mend`] : []),
    ...(risk ? [riskWords[risk.level].label] : []),
    ...(findings ? severityCounts(findings.items).map(({ text }) => text) : []),
    ...stepCounts(steps),
    ...(approvals.length > 0
      ? [`${approvals.length} ${approvals.length === 1 ? "approval" : "approvals"}`]
      : []),
  ];
  return counts.length > 0 ? counts.join(" · ") : "Nothing to do";
}
