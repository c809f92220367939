import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Outcome } from "./scenario.ts";

/**
 * Plays whole the tables over all access patterns of which the tests of every day play a part
 * (`../testing-sample.ts`), and writes what came of it as a line of JSON.
 */

const root = resolve(import.meta.dirname, "../../..");
const tests = ["change", "run", "sharing"].map((name) => `lib/worker/${name}.integration.test.ts`);

interface Report {
  testResults: {
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

const scratch = mkdtempSync(join(tmpdir(), "drawbridge-tables-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
const started = performance.now();
const outcome = played();
const seconds = (performance.now() - started) / 1000;
const title = "Every access pattern, cluster, account and kind of target: made, changed, shared, taken away";
console.log(JSON.stringify({ scenario: "tables", title, seconds, ...outcome }));

function played(): Outcome {
  const file = join(scratch, "report.json");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const report = ["--reporter=json", `--outputFile=${file}`];
  const { status } = spawnSync(
    process.execPath,
    [vitest, "run", "--root", root, "--project", "integration", ...report, ...tests],
    { cwd: root, env: { ...process.env, TEST_WHOLE_TABLES: "1" }, stdio: ["ignore", "ignore", "inherit"] },
  );
  const { testResults }: Report = JSON.parse(readFileSync(file, "utf8"));
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const violations = all
    .filter((one) => one.status === "failed")
    .map((one) => `${one.fullName}: ${one.failureMessages[0] ?? ""}`);
  // A file that could not be read has no test that failed.
  if (status !== 0 && violations.length === 0)
    violations.push(testResults.map(({ message }) => message).join("\n"));
  return { count: all.filter((one) => one.status === "passed").length, violations, notes: [] };
}
