import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "data/security");

/** One threat: what an attacker wants, what Weft does about it, and the tests that show it, or why nothing is done. */
export interface ThreatRow {
  readonly id: string;
  readonly threat: string;
  readonly answer?: string;
  /** `FILE › words of a test's title`. */
  readonly tests?: readonly string[];
  readonly refused?: string;
}

/** Names of the parts that have a file. */
export function threatParts(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}

/** Rows of a part, as they are written; none where nobody has written any yet. */
export function threatRows(part: string): readonly ThreatRow[] {
  const file = join(folder, `${part}.yaml`);
  return existsSync(file) ? ((load(readFileSync(file, "utf8")) as readonly ThreatRow[] | null) ?? []) : [];
}

/** What is wrong with a reference to a test; undefined where its file has a test of these words. */
export function untested(reference: string): string | undefined {
  const [file = "", ...words] = reference.split(" › ");
  const path = join(root, file);
  if (!/\.(test\.m?ts|test\.mjs|yaml)$/.test(file) || !existsSync(path)) return `${file} is no file of tests`;
  const titles = titlesOf(readFileSync(path, "utf8"), file.endsWith(".yaml"));
  const missing = words.filter((word) => !titles.some((title) => title.includes(word)));
  return missing.length === 0 ? undefined : `${file} has no test with "${missing.join('", "')}" in its title`;
}

/** Titles of tests: the texts that stand before a function, or the names of cases in a table. */
function titlesOf(source: string, table: boolean): readonly string[] {
  if (table)
    return [...source.matchAll(/(?:^|[\s{-])(?:case|name|title|state): *(["']?)(.+?)\1(?=[,}\n]|$)/g)].map(
      (m) => m[2] as string,
    );
  const called = /\(\s*(["'`])((?:(?!\1)[^\\]|\\.)*)\1,\s*(?:async\b|\(|\{|function\b|\w+\))/g;
  return [...source.matchAll(called)].map((match) => (match[2] as string).replaceAll("\\", ""));
}
