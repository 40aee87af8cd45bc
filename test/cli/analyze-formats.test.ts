import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runIt } from "../../src/cli/cli.fixture.ts";
import { element, type XmlElement } from "./xml.ts";

/** One that points nowhere, one that is written wrongly, one that is well, and texts that XML and GitHub's commands must escape. */
const files = {
  "shop/routes.yaml": `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: gone, namespace: shop}
spec:
  hosts: [web]
  http:
    - route: [{destination: {host: "nowhere,50%<&>\\"x\\""}}]
`,
  "shop/a b/note.yaml": `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{name: http, port: 80}]}
`,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-formats-"));
  mkdirSync(join(folder, "shop", "a b"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const analyze = (...argv: string[]) => runIt(["analyze", ...argv], { cwd: folder });

/** OASIS's own schema of SARIF 2.1.0, which is draft 4: `id` is its name for what is `$id` now. */
function sarifErrors(log: unknown): unknown {
  const text = readFileSync(new URL("testdata/sarif-2.1.0.schema.json", import.meta.url), "utf8");
  const { $schema: _s, id: _i, ...schema } = JSON.parse(text) as Record<string, unknown>;
  const check = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  return check(log) ? [] : check.errors;
}

interface Sarif {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly locations: readonly {
        readonly physicalLocation?: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

test("SARIF keeps its schema, and each result names its rule and its line", async () => {
  const { code, out, err } = await analyze("shop", "-o", "sarif");
  expect({ code, err }).toEqual({ code: 2, err: "" });
  const log = JSON.parse(out) as Sarif;
  expect(sarifErrors(log)).toEqual([]);
  const [run] = log.runs;
  const found = run?.results.find((result) => result.ruleId === "IST0101");
  expect(found).toMatchObject({ level: "error", locations: [{ physicalLocation: { region: { startLine: 7 } } }] });
  expect(found?.locations[0]?.physicalLocation?.artifactLocation.uri).toBe("shop/routes.yaml");
  expect(run?.results.map((result) => run.tool.driver.rules[result.ruleIndex]?.id)).toEqual(
    run?.results.map((result) => result.ruleId),
  );
  const spaced = run?.results.flatMap((r) => r.locations.map((l) => l.physicalLocation?.artifactLocation.uri));
  expect(spaced).toContain("shop/a%20b/note.yaml");
});

test("a log without findings, and one of a broken text, keep the schema as well; a line above does not change a fingerprint", async () => {
  const clean = await analyze("shop/a b/note.yaml", "-o", "sarif", "-S", "IST0102=*");
  expect(clean.code).toBe(0);
  expect(sarifErrors(JSON.parse(clean.out))).toEqual([]);
  const broken = await runIt(["analyze", "-", "-o", "sarif"], { cwd: folder, stdin: "a: [" });
  expect(broken.code).toBe(65);
  expect(sarifErrors(JSON.parse(broken.out))).toEqual([]);
  const prints = async (text: string) => {
    writeFileSync(join(folder, "moved.yaml"), text);
    const log = JSON.parse((await analyze("moved.yaml", "-o", "sarif")).out) as Sarif;
    return log.runs[0]?.results.map((result) => result.partialFingerprints);
  };
  const before = await prints(files["shop/routes.yaml"]);
  expect(before?.length).toBeGreaterThan(0);
  expect(await prints(`# a line\n${files["shop/routes.yaml"]}`)).toEqual(before);
});

test("JUnit has a test for each object and a failure for each that fails; its counts agree", async () => {
  const { code, out } = await analyze("shop", "-o", "junit");
  expect(code).toBe(2);
  const root = element(out);
  expect(root).toMatchObject({ name: "testsuites", attributes: { failures: "1", errors: "0" } });
  const cases = root.children.flatMap((suite) => suite.children);
  expect(cases).toHaveLength(Number(root.attributes["tests"]));
  for (const suite of root.children) expect(suite.children).toHaveLength(Number(suite.attributes["tests"]));
  const named = (one: XmlElement) => `${one.attributes["classname"]} ${one.attributes["name"]}`;
  expect(cases.map(named).sort()).toEqual([
    "shop/a b/note.yaml Namespace shop",
    "shop/a b/note.yaml Service shop/web",
    "shop/routes.yaml VirtualService shop/gone",
  ]);
  const [failed, ...others] = cases.filter((one) => one.children.some((child) => child.name === "failure"));
  expect(others).toEqual([]);
  expect(failed?.children[0]?.attributes).toMatchObject({ type: expect.stringMatching(/^(IST|WEFT)/) });
  expect(failed?.children[0]?.attributes["message"]).toContain('50%<&>\\"x');
});

test("GitHub's commands are a line each, with file, line and escapes", async () => {
  const { code, out } = await analyze("shop", "-o", "github");
  expect(code).toBe(2);
  for (const line of out.trimEnd().split("\n"))
    expect(line).toMatch(/^::(error|warning|notice) (file=[^,]+,line=\d+,col=\d+,)?title=\w+::./);
  expect(out).toContain("file=shop/routes.yaml,line=7,");
  expect(out).toContain("50%25<&>");
});

const formats = ["log", "short", "json", "yaml", "sarif", "junit", "github"];

test.each(formats)("-o %s ends with the same codes as every other format", async (format) => {
  const end = async (...argv: string[]) => (await analyze(...argv, "-o", format)).code;
  expect(await end("shop")).toBe(2);
  expect(await end("shop", "--exit-code", "79")).toBe(79);
  expect(await end("shop/a b")).toBe(0);
  expect(await end("shop/a b", "--failure-threshold", "Info")).toBe(2);
  expect(await end("shop", "-S", "*")).toBe(0);
  expect(await end("nowhere")).toBe(66);
  expect(await end("--server", "http://127.0.0.1:1")).toBe(69);
  expect(await end("shop", "--no-such-flag")).toBe(64);
  writeFileSync(join(folder, "broken.yaml"), "a: [");
  expect(await end("broken.yaml")).toBe(65);
});
