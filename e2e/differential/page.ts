import { type Disagreement, decisionDisagreements, findingDisagreements } from "./disagreements.ts";

const RIGHT = { ours: "ours", theirs: "theirs", open: "AWS does not say" };

/** docs/disagreements.md, from the list. Written by scripts/disagreements-page.ts. */
export function disagreementsPage(): string {
  return [
    "# Disagreements",
    "",
    "<!-- Written by scripts/disagreements-page.ts from e2e/differential/disagreements.json: change that. -->",
    "",
    "So that the policy evaluator and the findings are not only compared with themselves, they are compared with programs by others, which are no dependencies of the product ([decision 0013](decisions/0013-compared-with-others.md)). Whatever the two sides differ about is reduced to the smallest case that still shows it, and has to be in this list: a disagreement that is not fails the test, and so does an entry whose example is none any more.",
    "",
    "```console",
    "$ npm run test:differential                          # a sample; also a stage of npm test",
    "$ npm run test:differential -- --count 20000 --seed 7",
    "```",
    "",
    "## Decisions, against iam-simulate 0.1.173",
    "",
    "Generated requests with identity, resource, boundary, session, service and resource control policies, and the evaluator's [own cases](../lib/policy/cases/README.md) as far as iam-simulate can be told them. *Undecided* is the evaluator's word for what AWS would have refused to store or leaves undefined.",
    "",
    ...table(decisionDisagreements),
    "",
    "## Findings, against parliament 1.6.4",
    "",
    "Generated documents and the findings' [own fixtures](../lib/policy/findings/README.md). Compared is whether a subject is reported at all; which of parliament's issues and of our findings are about the same subject is in `e2e/differential/subjects.ts`.",
    "",
    ...table(findingDisagreements),
    "",
  ].join("\n");
}

function table(list: readonly Disagreement[]): string[] {
  return [
    "| about | ours | theirs | who is right | why |",
    "|---|---|---|---|---|",
    ...list.map(({ id, title, ours, theirs, right, why, cites }) =>
      row([`<a id="${id}"></a>${title}`, ours, theirs, RIGHT[right], `${why} ([AWS](${cites}))`]),
    ),
  ];
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
