import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ourDecision } from "./decision-case.ts";
import { decisionDisagreements, findingDisagreements } from "./disagreements.ts";
import { disagreementsPage } from "./page.ts";

const all = [...decisionDisagreements, ...findingDisagreements];

it("is what docs/disagreements.md says; node scripts/disagreements-page.ts writes it anew", () => {
  const page = readFileSync(new URL("../../docs/disagreements.md", import.meta.url), "utf8");
  expect(page).toBe(disagreementsPage());
});

it("has each ruling once, with a page of AWS's documentation", () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  for (const { cites, id } of all) expect(cites, id).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
});

it.each(decisionDisagreements.map((one) => [one.id, one] as const))(
  "%s: the product decides as the ruling says",
  (_, { example, answers }) => {
    expect(ourDecision(example)).toBe(answers.ours);
  },
);
