import { escaped } from "../output/xml.ts";
import { placeOf, type Report, sentence } from "./report.ts";
import type { Reported } from "./reported.ts";

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly findings: readonly Reported[];
}

/** The findings as JUnit's XML: a suite for each file, a test for each object; those that fail are failures, others go to its output. */
export function junit({ findings, checked, fails }: Report): string {
  const suites = new Map<string, Case[]>();
  for (const one of casesOf(findings, checked)) suites.set(one.suite, [...(suites.get(one.suite) ?? []), one]);
  const failures = [...suites.values()].flat().filter((one) => one.findings.some(fails)).length;
  const total = [...suites.values()].reduce((sum, cases) => sum + cases.length, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="weft analyze" tests="${total}" failures="${failures}" errors="0">`,
    ...[...suites].flatMap(([name, cases]) => suite(name, cases, fails)),
    "</testsuites>",
    "",
  ].join("\n");
}

function casesOf(findings: readonly Reported[], checked: Report["checked"]): Case[] {
  const keys = new Map<string, { suite: string; name: string }>();
  const key = (one: { suite: string; name: string }) => {
    const text = `${one.suite}\0${one.name}`;
    if (!keys.has(text)) keys.set(text, one);
    return text;
  };
  for (const { origin, file } of checked) key({ suite: file ?? "cluster", name: origin });
  const byKey = new Map<string, Reported[]>();
  for (const finding of findings) {
    const suite = placeOf(finding)?.file ?? (finding.at === undefined ? "cluster" : "-");
    const name = finding.origin === "" ? finding.code : finding.origin;
    const at = key({ suite, name });
    byKey.set(at, [...(byKey.get(at) ?? []), finding]);
  }
  if (keys.size === 0) key({ suite: "weft", name: "nothing found" });
  return [...keys].map(([text, one]) => ({ ...one, findings: byKey.get(text) ?? [] }));
}

function suite(name: string, cases: readonly Case[], fails: Report["fails"]): string[] {
  const failures = cases.filter((one) => one.findings.some(fails)).length;
  return [
    `  <testsuite name="${escaped(name)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">`,
    ...cases.flatMap((one) => testCase(one, fails)),
    "  </testsuite>",
  ];
}

function testCase({ suite: name, name: object, findings }: Case, fails: Report["fails"]): string[] {
  const place = findings.map(placeOf).find((found) => found !== undefined);
  const where = place === undefined ? "" : ` file="${escaped(place.file)}" line="${place.line}"`;
  const open = `    <testcase classname="${escaped(name)}" name="${escaped(object)}"${where}`;
  if (findings.length === 0) return [`${open}/>`];
  const failed = findings.filter(fails);
  const [worst] = failed;
  const rest = findings.filter((finding) => !fails(finding));
  return [
    `${open}>`,
    // One failure a test: some readers show only the first.
    ...(worst === undefined
      ? []
      : [
          `      <failure type="${escaped(worst.code)}" message="${escaped(sentence(worst))}">${escaped(failed.map(line).join("\n"))}</failure>`,
        ]),
    ...(rest.length === 0 ? [] : [`      <system-out>${escaped(rest.map(line).join("\n"))}</system-out>`]),
    "    </testcase>",
  ];
}

function line(finding: Reported): string {
  return `${finding.at ?? finding.origin} ${finding.level.toLowerCase()} ${finding.code} ${sentence(finding)}`;
}
