import type { Finding } from "../../../src/api/contract/config.ts";

const levels: readonly Finding["level"][] = ["Error", "Warning", "Info"];

/** Whose code a finding has. */
export const tools = { IST: "Istio", KIA: "Kiali", WEFT: "Weft" } as const;
export type Tool = keyof typeof tools;

/** What the address of the findings carries beside the table's own. */
export interface FindingsSearch {
  readonly level?: Finding["level"] | undefined;
  readonly code?: string | undefined;
  readonly tool?: Tool | undefined;
  /** Place of the finding that is open. */
  readonly at?: string | undefined;
}

/** Reads the address; what makes no sense there is as if absent. */
export function readFindings(search: Readonly<Record<string, unknown>>): FindingsSearch {
  const level = levels.find((one) => one === search["level"]);
  const tool = (Object.keys(tools) as Tool[]).find((one) => one === search["tool"]);
  const text = (name: "code" | "at") => (typeof search[name] === "string" ? { [name]: search[name] } : {});
  return { ...text("code"), ...text("at"), ...(level ? { level } : {}), ...(tool ? { tool } : {}) };
}

/** All codes of a finding, its own first. */
export function codesOf({ code, also = [] }: Pick<Finding, "code" | "also">): readonly string[] {
  return [code, ...also];
}

/** Whether a finding is one of those that the address asks for. */
export function isShown(finding: Finding, { level, code, tool }: FindingsSearch): boolean {
  const codes = codesOf(finding);
  if (level !== undefined && finding.level !== level) return false;
  if (code !== undefined && !codes.includes(code)) return false;
  return tool === undefined || codes.some((one) => one.startsWith(tool));
}

/** Each code with how often it was found, by number. */
export function countCodes(findings: readonly Finding[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const code of findings.flatMap(codesOf)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].toSorted(([a], [b]) => a.localeCompare(b));
}
