import { readFileSync } from "node:fs";

/** Counts from the JSON reports of the test runners; `null` when there is no report to read. */

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
  };
}

export function playwrightCounts(file) {
  const report = readJson(file);
  if (!report) return null;
  const { expected, unexpected, flaky, skipped } = report.stats;
  // Errors outside of tests: a spec that cannot be loaded, a setup that fails.
  const outside = unexpected === 0 ? report.errors.length : 0;
  return { passed: expected + flaky, failed: unexpected + outside, skipped, flaky };
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
