// Adds up what ran: `node gates/count.mjs GATES_PASSED GATES_FAILED REPORT...` prints what failed, where a reader of the log's end finds it, and the line
// that CI ends with. A skipped test counts as failed.
import { readFileSync } from "node:fs";

const [passed, failed, ...files] = process.argv.slice(2);
const nothing = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 };
const reports = files.map((file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    console.log(`no report of tests at ${file}: they did not run`);
    return nothing;
  }
});
// A file may fail beside its tests: it cannot be loaded, or a hook of it fails.
for (const { name, status, message, assertionResults } of reports.flatMap((report) => report.testResults ?? [])) {
  const bad = assertionResults.filter((test) => test.status !== "passed");
  const words = (text) => (text ?? "").split("\n").slice(0, 3).join("\n  ").slice(0, 600);
  for (const test of bad)
    console.log(`${test.status}: ${name} › ${test.fullName}\n  ${words(test.failureMessages?.[0])}`);
  if (status === "failed" && bad.length === 0) console.log(`failed: ${name}\n  ${words(message)}`);
}
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const skipped = sum((report) => report.numPendingTests + report.numTodoTests);
if (skipped > 0) console.log(`${skipped} tests were skipped: a skipped test is a failed one here`);
const bad = sum((report) => report.numFailedTests) + skipped + Number(failed);
console.log(`${sum((report) => report.numPassedTests) + Number(passed)} passed, ${bad} failed`);
process.exit(bad === 0 ? 0 : 1);
