import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type DecisionCase, ourDecision, type Verdict } from "./decision-case.ts";
import { decisionDisagreements, rulingOn } from "./disagreements.ts";
import { cases } from "./random-cases.ts";
import { type Difference, startSimulator } from "./simulator.ts";

const { TEST_DIFFERENTIAL_SIMULATOR: folder, TEST_DIFFERENTIAL_COUNT, TEST_DIFFERENTIAL_SEED } = process.env;
if (!folder) throw new Error("TEST_DIFFERENTIAL_SIMULATOR is missing: npm run test:differential sets it.");

const simulator = startSimulator(folder);
afterAll(simulator.stop);

/** What both sides decide. */
async function answersTo(list: readonly DecisionCase[]) {
  const theirs = await Promise.all(list.map(simulator.decide));
  return list.map((one, at) => ({ one, ours: ourDecision(one), theirs: theirs[at] ?? "refused" }));
}

/** Those that nobody has ruled on, in words that are enough to write a ruling. */
async function unexplained(answers: Awaited<ReturnType<typeof answersTo>>): Promise<string[]> {
  const found: string[] = [];
  for (const { one, ours, theirs } of answers) {
    if (theirs === "refused" || ours === theirs) continue;
    const difference = await simulator.reduce(one, ours, theirs);
    if (rulingOn(difference.features, ours, theirs) === undefined) found.push(described(difference));
  }
  return found;
}

function described({ case: { request, policies }, ours, theirs, features }: Difference): string {
  const said = `ours ${ours}, theirs ${theirs} (${[...features].join(", ")})`;
  return `${said}\n${JSON.stringify(request)}\n${JSON.stringify(policies)}`;
}

const count = Number(TEST_DIFFERENTIAL_COUNT ?? 600);
const seed = Number(TEST_DIFFERENTIAL_SEED ?? 4);
const generated = fc.sample(cases, { numRuns: count, seed });

const committed = readdirSync(new URL("../../lib/policy/cases/", import.meta.url))
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => {
    const text = readFileSync(new URL(`../../lib/policy/cases/${name}`, import.meta.url), "utf8");
    return (JSON.parse(text) as { cases: DecisionCase[] }).cases;
  });

describe("who may do what, by the product and by iam-simulate", () => {
  it(`is the same in ${count} generated cases (seed ${seed}) or ruled on`, async () => {
    const answers = await answersTo(generated);
    // Both answers and both denials come often, and little can't be compared; else there would be nothing in it.
    const given = (verdict: Verdict) => answers.filter(({ theirs }) => theirs === verdict).length;
    for (const verdict of ["allow", "implicit-deny", "explicit-deny"] as const) {
      expect(given(verdict), verdict).toBeGreaterThan(count / 10);
    }
    expect(given("refused")).toBeLessThan(count / 50);
    expect(await unexplained(answers)).toEqual([]);
  }, 600_000);

  it("is the same in the evaluator's own cases or ruled on", async () => {
    const answers = await answersTo(committed);
    expect(answers.filter(({ theirs }) => theirs !== "refused").length).toBeGreaterThan(committed.length / 2);
    expect(await unexplained(answers)).toEqual([]);
  }, 600_000);
});

describe("each ruling", () => {
  it.each(decisionDisagreements.map((one) => [one.id, one] as const))(
    "%s: the two sides still differ, and this is what explains it",
    async (id, { example, answers }) => {
      expect({ ours: ourDecision(example), theirs: await simulator.decide(example) }).toEqual(answers);
      const { features, ours, theirs } = await simulator.reduce(example, answers.ours, answers.theirs);
      expect(rulingOn(features, ours, theirs)?.id).toBe(id);
    },
  );
});
