import { type ThreatRow, threatRows } from "./rows.ts";

const marked = /<!-- threats of (\S+) -->\n[\s\S]*?<!-- end -->/g;

/** SECURITY.md with its tables made anew; what stands around them is written by hand. */
export function withThreats(page: string): string {
  return page.replace(marked, (_, part: string) => `<!-- threats of ${part} -->\n${table(part)}\n<!-- end -->`);
}

/** Parts that have a table on a page. */
export function tabledParts(page: string): readonly string[] {
  return [...page.matchAll(marked)].map((match) => match[1] as string);
}

function table(part: string): string {
  const rows = threatRows(part).map((row) => `| ${cell(row.threat)} | ${cell(answer(row))} | ${tests(row)} |`);
  return ["| threat | what Weft does | shown by |", "| --- | --- | --- |", ...rows].join("\n");
}

function answer({ answer = "", refused }: ThreatRow): string {
  return refused === undefined ? answer : `${answer}${answer && " "}Not defended: ${refused}`;
}

function tests({ tests = [] }: ThreatRow): string {
  return tests.map((test) => link(test)).join("<br>");
}

function link(reference: string): string {
  const [file = "", ...words] = reference.split(" › ");
  const name = file.slice(file.lastIndexOf("/") + 1);
  return `[${name}](${file})${words.length === 0 ? "" : `: ${cell(words.join(", "))}`}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ").trim();
}
