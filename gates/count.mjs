// Adds up what ran: `node gates/count.mjs TESTS.json GATES_PASSED GATES_FAILED` prints the line that CI ends with. A skipped test counts as failed.
import { readFileSync } from "node:fs";

const [file, passed, failed] = process.argv.slice(2);
let tests = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 };
try {
  tests = JSON.parse(readFileSync(file, "utf8"));
} catch {
  console.log(`no report of tests at ${file}: they did not run`);
}
const skipped = tests.numPendingTests + tests.numTodoTests;
if (skipped > 0) console.log(`${skipped} tests were skipped: a skipped test is a failed one here`);
const bad = tests.numFailedTests + skipped + Number(failed);
console.log(`${tests.numPassedTests + Number(passed)} passed, ${bad} failed`);
process.exit(bad === 0 ? 0 : 1);
