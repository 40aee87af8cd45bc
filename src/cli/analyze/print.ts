import { formatCodes } from "../../model/diagnostic.ts";
import type { Input } from "../inputs.ts";
import type { Colors } from "../output/colors.ts";
import type { Reported } from "./reported.ts";

/** One line: `reviews.yaml:14:7 error IST0101 spec.http[0]...: Referenced host not found: "x"; did you mean "y"?`. */
export function oneLine(finding: Reported, colors: Colors): string {
  const paint = finding.level === "Error" ? colors.red : finding.level === "Warning" ? colors.yellow : colors.cyan;
  const where = finding.at ?? finding.origin;
  const field = finding.field === undefined ? "" : `${finding.field}: `;
  const object =
    finding.at === undefined || finding.origin === "" || finding.at.startsWith(`${finding.origin}:`)
      ? ""
      : ` (${finding.origin})`;
  const fix = finding.fix === undefined ? "" : `; ${finding.fix}`;
  return `${colors.bold(where)} ${paint(finding.level.toLowerCase())} ${formatCodes(finding)} ${field}${finding.message}${fix}${object}`;
}

/** The line, and below it the source with a caret under the place. */
export function withSource(finding: Reported, inputs: readonly Input[], colors: Colors): string {
  const first = oneLine(finding, colors);
  const place = /^(.*):(\d+):(\d+)$/.exec(finding.at ?? "");
  if (place === null) return first;
  const [, file, line, column] = place;
  const text = inputs.find((input) => input.file === file)?.text.split("\n")[Number(line) - 1];
  if (text === undefined || text.trim() === "" || text.length > 200) return first;
  const before = text.slice(0, Number(column) - 1).replace(/[^\t]/g, " ");
  const margin = " ".repeat((line ?? "").length);
  return `${first}\n${colors.dim(`  ${line} |`)} ${text.replace(/\r$/, "")}\n${colors.dim(`  ${margin} |`)} ${before}${colors.red("^")}`;
}

/** `2 errors, 1 warning`. */
export function tally(findings: readonly Reported[]): string {
  const of = (level: Reported["level"]) => findings.filter((f) => f.level === level).length;
  const parts = [
    [of("Error"), "error"],
    [of("Warning"), "warning"],
    [of("Info"), "note"],
  ] as const;
  return parts
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${n} ${what}${n === 1 ? "" : "s"}`)
    .join(", ");
}
