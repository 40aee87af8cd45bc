import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyzers, toldCodes } from "../../src/analysis/analyzers/list.ts";
import { explainedCodes } from "../../src/analysis/explanations.ts";
import { isKialiCode, kialiFindings } from "../../src/analysis/kiali.ts";
import { isIstioCode, istioMessages } from "../../src/analysis/messages.ts";
import { notTold } from "../../src/analysis/not-told.ts";
import { validateObject } from "../../src/analysis/validate/object.ts";
import { analyzeFiles } from "../../src/cli/analyze/files.ts";
import type { Reported } from "../../src/cli/analyze/reported.ts";

const folder = join(import.meta.dirname, "testdata");
const files = new Set(readdirSync(folder));

function read(file: string): string {
  return readFileSync(join(folder, file), "utf8");
}

/** What is told of a fixture, in a mesh of its own. A check that runs only where it is asked for is asked for. */
function told(code: string, kind: "bad" | "good"): readonly Reported[] {
  const file = `${code}.${kind}.yaml`;
  const mesh = `${code}.mesh.yaml`;
  const optional = analyzers.filter((a) => a.optional && (a.codes as readonly string[]).includes(code));
  return analyzeFiles({
    inputs: [{ file, text: read(file), found: false }],
    background: [],
    cluster: "mesh",
    validate: validateObject,
    only: optional.map((a) => a.name),
    ...(existsSync(join(folder, mesh)) ? { meshConfig: { file: mesh, text: read(mesh), found: false } } : {}),
  }).findings;
}

function linesOf(code: string, findings: readonly Reported[]): number[] {
  const own = findings.filter((f) => f.code === code || f.also?.includes(code));
  return [...new Set(own.map((f) => Number(/:(\d+):\d+$/.exec(f.at ?? "")?.[1])))].sort((a, b) => a - b);
}

/** Lines that end in `# <- CODE`. */
function markedLines(code: string): number[] {
  return read(`${code}.bad.yaml`)
    .split("\n")
    .flatMap((line, i) => (line.endsWith(`# <- ${code}`) ? [i + 1] : []));
}

const lookedFor = [...toldCodes, "IST0106", "IST0130", "IST0131", "IST0133"]
  .filter((code) => isKialiCode(code) || isIstioCode(code))
  .sort();

describe("each code has objects that it is told of, at the lines that are marked, and objects that look alike and are sound", () => {
  test.each(lookedFor)("%s", (code) => {
    expect([files.has(`${code}.bad.yaml`), files.has(`${code}.good.yaml`)]).toEqual([true, true]);
    const marked = markedLines(code);
    expect(marked).not.toEqual([]);
    expect(linesOf(code, told(code, "bad"))).toEqual(marked);
    expect(linesOf(code, told(code, "good"))).toEqual([]);
  });
});

test("no fixture is of a code that is not looked for", () => {
  const codes = [...files].map((file) => file.slice(0, file.indexOf(".")));
  expect(codes.filter((code) => !(lookedFor as readonly string[]).includes(code))).toEqual([]);
});

test("what is not looked for is named with its reason, in the documentation too", () => {
  const reasons = new Map<string, string>(Object.entries(notTold));
  for (const [code, { unsupported }] of Object.entries(kialiFindings)) if (unsupported) reasons.set(code, unsupported);
  const all = [...Object.keys(istioMessages), ...Object.keys(kialiFindings)];
  const told = new Set<string>([...toldCodes, "IST0001", "IST0106", "IST0130", "IST0131", "IST0133"]);
  expect(all.filter((code) => !told.has(code)).sort()).toEqual([...reasons.keys()].sort());
  expect([all.length, reasons.size]).toEqual([68 + 72, 7]);
  for (const { code, text } of explainedCodes()) expect(`${code} ${text}`).not.toContain("undefined");
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "analyze.md"), "utf8");
  for (const [code, why] of reasons) expect(page).toContain(`| ${code} | ${why} |`);
});
