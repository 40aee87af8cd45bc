import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyzers, toldCodes } from "../../src/analysis/analyzers/list.ts";
import type { IstioctlMessage } from "../../src/cli/analyze/reported.ts";
import { runIt } from "../../src/cli/cli.fixture.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "shared", "conformance", "analyze");

interface Expected {
  readonly code: string;
  readonly level: string;
  readonly origin: string;
  readonly message: string;
  readonly reference?: string;
}

interface Case {
  readonly id: string;
  readonly analyzer: string;
  readonly inputFiles: readonly string[];
  readonly meshConfigFile: string | null;
  readonly expected: readonly Expected[];
  readonly ownedCodes: readonly string[];
}

/** Where istioctl names another line than the one that it means: it miscounts a file that begins with `---`. */
const miscounted: Readonly<Record<string, readonly [theirs: string, right: string]>> = {
  "an-070-certificate-duplication-in-Gateway": [
    "testdata/gateway-duplicate-certificate.yaml:6",
    "testdata/gateway-duplicate-certificate.yaml:5",
  ],
};

function cases(name: string): readonly Case[] {
  return (JSON.parse(readFileSync(join(folder, name), "utf8")) as { cases: readonly Case[] }).cases;
}

/** istioctl folds equal messages, and lists names in no certain order. */
function comparable(messages: readonly Expected[]): string[] {
  const lines = messages.map(({ code, level, origin, message, reference }) =>
    JSON.stringify([
      code,
      level,
      origin,
      message
        .split(/[ ,()]+/)
        .sort()
        .join(" "),
      reference ?? "",
    ]),
  );
  return [...new Set(lines)].sort();
}

async function analyze(argv: readonly string[]): Promise<readonly IstioctlMessage[]> {
  const { out, err } = await runIt(["analyze", "--use-kube=false", "-A", "-o", "json", ...argv], { cwd: folder });
  expect(err).toBe("");
  return JSON.parse(out) as readonly IstioctlMessage[];
}

if (!existsSync(folder)) {
  console.info(`test/conformance/analyze: no cases at ${folder}; they are not a part of this repository`);
  test("every analyser has a name of its own", () => {
    expect(new Set(analyzers.map((a) => a.name)).size).toBe(analyzers.length);
  });
} else {
  const unit = cases("cases.json").filter((c) =>
    c.ownedCodes.every((code) => (toldCodes as ReadonlySet<string>).has(code)),
  );

  describe("Istio's unit table, for the codes that are told here", () => {
    test("covers nearly all of it", () => expect(unit.length).toBeGreaterThan(40));

    test.each(unit.map((c) => [c.id, c] as const))("%s", async (id, c) => {
      const mesh = c.meshConfigFile === null ? [] : ["--meshConfigFile", c.meshConfigFile];
      const found = await analyze(["--files-are-cluster", "--analyzer", c.analyzer, ...mesh, ...c.inputFiles]);
      const [theirs, right] = miscounted[id] ?? [];
      const expected = c.expected.map((m) =>
        m.reference === theirs && right !== undefined ? { ...m, reference: right } : m,
      );
      expect(comparable(found)).toEqual(comparable(expected));
    });
  });

  describe("Istio's samples, as istioctl reads files", () => {
    test.each(cases("golden_samples.json").map((c) => [c.id, c] as const))("%s", async (_, c) => {
      const found = await analyze(["--files-are-cluster=false", ...c.inputFiles]);
      expect(comparable(found)).toEqual(comparable(c.expected));
    });
  });
}
