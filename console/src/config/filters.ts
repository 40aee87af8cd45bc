import type { ConfigObject, Finding } from "../../../src/api/contract/config.ts";

/** What the address of the config page carries beside the table's own. */
export interface ConfigSearch {
  readonly view?: "findings" | undefined;
  readonly kind?: string | undefined;
  readonly level?: Finding["level"] | undefined;
}

export const levels: readonly Finding["level"][] = ["Error", "Warning", "Info"];

/** Reads the address; what makes no sense there is as if absent. */
export function readConfigSearch(search: Readonly<Record<string, unknown>>): ConfigSearch {
  const level = levels.find((l) => l === search["level"]);
  return {
    ...(search["view"] === "findings" ? { view: "findings" as const } : {}),
    ...(typeof search["kind"] === "string" ? { kind: search["kind"] } : {}),
    ...(level ? { level } : {}),
  };
}

/** `VirtualService default/reviews` in parts; a file's name is no object. */
export function aboutOf(
  origin: string,
): { readonly kind: string; readonly namespace: string; readonly name: string } | undefined {
  const match = /^(\S+) (?:([^/\s]+)\/)?([^/\s]+)$/.exec(origin);
  return match ? { kind: match[1] ?? "", namespace: match[2] ?? "", name: match[3] ?? "" } : undefined;
}

/** The object that a finding is about, if it is in force. */
export function objectOf(finding: Finding, objects: readonly ConfigObject[]): ConfigObject | undefined {
  const about = aboutOf(finding.origin);
  return (
    about && objects.find((c) => c.kind === about.kind && c.name === about.name && c.namespace === about.namespace)
  );
}

/** Line of `reviews.yaml:14:7`; absent where there is none. */
export function lineOf(at: string): number | undefined {
  const match = /:(\d+)(?::\d+)?$/.exec(at);
  return match ? Number(match[1]) : undefined;
}

/** The object that stands at a place of a file: the last one there that begins at or before it. */
export function objectAt(at: string, objects: readonly ConfigObject[]): ConfigObject | undefined {
  const line = lineOf(at) ?? 1;
  return objects
    .filter((c) => fileOf(c.at) === fileOf(at) && (lineOf(c.at) ?? 1) <= line)
    .toSorted((a, b) => (lineOf(b.at) ?? 1) - (lineOf(a.at) ?? 1))[0];
}

/** `reviews.yaml:14` of `reviews.yaml:14:7`: a table has no room for the column. */
export function whereOf(at: string): string {
  return at.replace(/(:\d+):\d+$/, "$1");
}

/** File of `reviews.yaml:14:7`. */
export function fileOf(at: string): string {
  return at.replace(/(:\d+){1,2}$/, "");
}
