import type { CheckResult, Outcome } from "../../api/contract/check.ts";
import type { Colors } from "../output/colors.ts";
import { escaped } from "../output/xml.ts";

const marks: Readonly<Record<Outcome, string>> = { ok: "√", warning: "‼", failed: "×", skipped: "-" };

/** A result in lines: `× webhook's caBundle is the authority's`, and below it what is so instead, and the hint. */
export function resultLines({ name, outcome, says, hint }: CheckResult, colors: Colors): string {
  const paint = { ok: colors.green, warning: colors.yellow, failed: colors.red, skipped: colors.dim }[outcome];
  const lines = [`${paint(marks[outcome])} ${name}`];
  if (says !== undefined) lines.push(`    ${says.replaceAll("\n", "\n    ")}`);
  if (hint !== undefined) lines.push(`    ${colors.dim("hint:")} ${hint}`);
  return `${lines.join("\n")}\n`;
}

/** The heading of a category. */
export function heading(category: string, colors: Colors): string {
  return `${colors.bold(category)}\n${"-".repeat(category.length)}\n`;
}

/** `√ all is well`, or how many are not. */
export function summary(results: readonly CheckResult[]): string {
  const of = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  const [failed, warnings] = [of("failed"), of("warning")];
  if (failed === 0 && warnings === 0) return `√ ${of("ok")} checks, all well`;
  const parts = [
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(warnings === 0 ? [] : [`${warnings} warning${warnings === 1 ? "" : "s"}`]),
  ];
  return `${failed === 0 ? "‼" : "×"} ${of("ok")} checks well, ${parts.join(", ")}`;
}

/** JUnit's XML: a suite for each category; warnings go to a test's output. */
export function checkJunit(results: readonly CheckResult[]): string {
  const categories = [...new Set(results.map((result) => result.category))];
  const failures = (list: readonly CheckResult[]) => list.filter((result) => result.outcome === "failed").length;
  const skipped = (list: readonly CheckResult[]) => list.filter((result) => result.outcome === "skipped").length;
  const lines = categories.flatMap((category) => {
    const own = results.filter((result) => result.category === category);
    return [
      `  <testsuite name="${escaped(category)}" tests="${own.length}" failures="${failures(own)}" errors="0" skipped="${skipped(own)}">`,
      ...own.map(testCase),
      "  </testsuite>",
    ];
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="weft check" tests="${results.length}" failures="${failures(results)}" errors="0">`,
    ...lines,
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase({ category, name, outcome, says = "", hint }: CheckResult): string {
  const open = `    <testcase classname="${escaped(category)}" name="${escaped(name)}"`;
  const text = escaped(hint === undefined ? says : `${says}; ${hint}`);
  if (outcome === "ok") return `${open}/>`;
  if (outcome === "failed") return `${open}>\n      <failure message="${text}"/>\n    </testcase>`;
  if (outcome === "skipped") return `${open}>\n      <skipped message="${text}"/>\n    </testcase>`;
  return `${open}>\n      <system-out>${text}</system-out>\n    </testcase>`;
}
