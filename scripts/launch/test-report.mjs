import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "./paths.mjs";

/**
 * Counts from the JSON reports of the test runners, and what failed: `{ file, title, why }`, with the first lines of
 * the reason. `null` when there is no report to read.
 */

/** Of a reason: what was compared is in its first lines, what follows is the stack. */
const LINES_OF_REASON = 6;

export function vitestCounts(file) {
  const report = readJson(file);
  if (!report) return null;
  // A file that cannot even be loaded has no tests in it, and is a failure nevertheless.
  const unloaded = report.testResults.filter(
    (result) =>
      result.status === "failed" && !result.assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: [
      ...unloaded.map(({ name, message }) => failure(name, "the file as a whole", message)),
      ...report.testResults.flatMap(({ name, assertionResults }) =>
        assertionResults
          .filter((test) => test.status === "failed")
          .map((test) => failure(name, test.fullName, test.failureMessages[0])),
      ),
    ],
  };
}

export function playwrightCounts(file) {
  const report = readJson(file);
  if (!report) return null;
  const { expected, unexpected, flaky, skipped } = report.stats;
  // Errors outside of tests: a spec that cannot be loaded, a setup that fails.
  const outside = unexpected === 0 ? report.errors.length : 0;
  return {
    passed: expected + flaky,
    failed: unexpected + outside,
    skipped,
    flaky,
    failures: [
      ...report.errors.map(({ message }) => failure("", "outside of the tests", message)),
      ...report.suites.flatMap(specsOf).flatMap(failuresOfSpec),
    ],
  };
}

function specsOf(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];
}

function failuresOfSpec({ file, title, tests }) {
  return tests
    .filter((test) => test.status === "unexpected" || test.status === "flaky")
    .map((test) => {
      const failed = test.results.find((result) => result.status !== "passed");
      const passedLater = test.status === "flaky" ? " (passed at the second try)" : "";
      return failure(`e2e/${file}`, `${title}${passedLater}`, failed?.errors[0]?.message);
    });
}

function failure(file, title, message) {
  const lines = stripVTControlCharacters(message ?? "no reason given").split("\n");
  return {
    file: file.startsWith(ROOT) ? relative(ROOT, file) : file,
    title,
    why: lines
      .filter((line) => line.trim() !== "")
      .slice(0, LINES_OF_REASON)
      .join("\n"),
  };
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
