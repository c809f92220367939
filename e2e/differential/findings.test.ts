import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type FindingCase, findingDisagreements, rulingOnFinding } from "./disagreements.ts";
import { ourSubjects } from "./finding-case.ts";
import { startParliament } from "./parliament.ts";
import { documents } from "./random-documents.ts";
import { subjects } from "./subjects.ts";

const { TEST_DIFFERENTIAL_PYTHON: python, TEST_DIFFERENTIAL_COUNT, TEST_DIFFERENTIAL_SEED } = process.env;
if (!python) throw new Error("TEST_DIFFERENTIAL_PYTHON is missing: npm run test:differential sets it.");

const parliament = startParliament(python);
afterAll(parliament.stop);

/** What one side alone reports and nobody has ruled on, in words that are enough to write a ruling. */
async function unexplained(list: readonly FindingCase[]): Promise<string[]> {
  const found: string[] = [];
  for (const one of list) {
    for (const { case: smallest, by, features } of await parliament.differences(one)) {
      if (rulingOnFinding(features, by) !== undefined) continue;
      found.push(`${by} only (${[...features].join(", ")})\n${JSON.stringify(smallest)}`);
    }
  }
  return found;
}

const count = Math.ceil(Number(TEST_DIFFERENTIAL_COUNT ?? 600) / 4);
const seed = Number(TEST_DIFFERENTIAL_SEED ?? 4);
const generated = fc.sample(documents, { numRuns: count, seed });

interface Fixture {
  kind: string;
  hit: unknown;
  near: unknown;
}

const folder = new URL("../../lib/policy/findings/cases/", import.meta.url);
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => (JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { cases: Fixture[] }).cases)
  .flatMap(({ kind, hit, near }): FindingCase[] =>
    kind === "identity" || kind === "resource" || kind === "trust"
      ? [hit, near].map((fixture) => ({ kind, document: wholeOf(fixture) }))
      : [],
  );

/** Fixtures may be a text, a whole document, one statement or several. */
function wholeOf(fixture: unknown): unknown {
  const whole =
    typeof fixture === "object" && fixture !== null && ("Version" in fixture || "Statement" in fixture);
  return typeof fixture === "string" || whole ? fixture : { Version: "2012-10-17", Statement: fixture };
}

describe("what is wrong with a policy, by the product and by parliament", () => {
  it(`is the same in ${count} generated documents (seed ${seed}) or ruled on`, async () => {
    expect(await unexplained(generated)).toEqual([]);
  }, 600_000);

  it("is the same in the findings' own fixtures or ruled on", async () => {
    expect(await unexplained(fixtures)).toEqual([]);
  }, 600_000);

  it("is compared: each subject that both know is reported by both for one document at least", async () => {
    const both = new Set<string>();
    for (const one of [...generated, ...fixtures]) {
      const theirs = await parliament.report(one);
      for (const subject of ourSubjects(one)) if (theirs?.subjects.has(subject)) both.add(subject);
    }
    const shared = Object.entries(subjects).filter(([, { findings }]) => findings.length > 0);
    expect([...both].sort()).toEqual(shared.map(([name]) => name).sort());
  }, 600_000);
});

describe("each ruling", () => {
  it.each(findingDisagreements.map((one) => [one.id, one] as const))(
    "%s: the two sides still differ, and this is what explains it",
    async (id, { example }) => {
      const rulings = (await parliament.differences(example)).map(
        ({ features, by }) => rulingOnFinding(features, by)?.id,
      );
      expect(rulings).toContain(id);
    },
  );
});
