/** The last line of CI: what vitest wrote to artifacts/tests.json, counted. Fails when a test failed or nothing ran. */
import { existsSync, readFileSync } from "node:fs";

const file = "artifacts/tests.json";
const result = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
const passed = result?.numPassedTests ?? 0;
const skipped = (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0);
// A file that could not be loaded has no tests to count, and counts as one.
const unloaded = result?.testResults.filter(
  (suite) => suite.status === "failed" && suite.assertionResults.length === 0,
);
const failed = result ? result.numFailedTests + unloaded.length : 1;

for (const suite of result?.testResults ?? []) {
  for (const test of suite.assertionResults) {
    if (test.status !== "passed") console.log(`${test.status}: ${test.fullName}`);
  }
}
for (const suite of unloaded ?? []) console.log(`failed to load: ${suite.name}`);
if (!result) console.log("the tests left no result");
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
