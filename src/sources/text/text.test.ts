import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../../model/diagnostic.ts";
import type { Resource } from "../../model/resource.ts";
import { parseText } from "./text.ts";

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: 80\n`;

function told(text: string, file = "a.yaml"): string[] {
  return parseText(file, text).diagnostics.map(formatDiagnostic);
}

describe("a text of several documents", () => {
  test("gives every object its file, line and column", () => {
    const { resources } = parseText("a/b.yaml", `# head\n---\n${service("one")}---\n\n${service("two")}`);
    expect(resources.map((r) => [r.name, r.namespace, r.origin.at])).toEqual([
      ["one", "default", "a/b.yaml:3:1"],
      ["two", "default", "a/b.yaml:12:1"],
    ]);
  });

  test("finds a field, an item of a list, and the nearest parent of a field that is not there", () => {
    const [, two] = parseText("a.yaml", `${service("one")}---\n${service("two")}`).resources;
    expect(two?.origin.locate(["metadata", "name"])).toEqual({ file: "a.yaml", line: 12, column: 3 });
    expect(two?.origin.locate(["spec", "ports", 0, "port"])).toEqual({ file: "a.yaml", line: 15, column: 5 });
    expect(two?.origin.locate(["spec", "ports", 0, "nothing", "here"])).toEqual({
      file: "a.yaml",
      line: 15,
      column: 5,
    });
    expect(two?.origin.locate([])).toEqual({ file: "a.yaml", line: 9, column: 1 });
  });

  test("reads a List, with places inside it", () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: b\n`;
    const { resources } = parseText("l.yaml", list);
    expect(resources.map((r) => [r.name, r.namespace, r.origin.at])).toEqual([
      ["a", "", "l.yaml:4:3"],
      ["b", "", "l.yaml:7:3"],
    ]);
    expect(resources[1]?.origin.locate(["metadata", "name"])).toMatchObject({ line: 10, column: 5 });
  });

  test("reads JSON", () => {
    const json = JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name: "j" }, spec: {} }, undefined, 2);
    const { resources } = parseText("j.json", json);
    expect(resources[0]).toMatchObject({ name: "j", type: "Service" });
    expect(resources[0]?.origin.locate(["metadata", "name"])).toMatchObject({ line: 5, column: 5 });
  });

  test("takes BOM, CRLF, empty documents, comments and directives", () => {
    const text = `\uFEFF%YAML 1.1\r\n---\r\n${service("a").replaceAll("\n", "\r\n")}---\r\n---\r\n# nothing\r\n---\r\n...\r\n`;
    const { resources, diagnostics } = parseText("a.yaml", text);
    expect(diagnostics).toEqual([]);
    expect(resources.map((r) => r.origin.at)).toEqual(["a.yaml:3:1"]);
  });

  test("harms only the document that does not parse", () => {
    const { resources, diagnostics } = parseText("a.yaml", `${service("a")}---\nkind: {\n---\n${service("b")}`);
    expect(resources.map((r) => r.name)).toEqual(["a", "b"]);
    expect(diagnostics.map((d) => d.position?.line)).toEqual([10]);
  });

  test("freezes what it gives", () => {
    const [one] = parseText("a.yaml", service("a")).resources;
    expect(Object.isFrozen(one)).toBe(true);
    expect(Object.isFrozen((one as Resource<{ ports: unknown[] }>).spec.ports[0])).toBe(true);
  });

  test("takes null for absent, but in an EnvoyFilter", () => {
    const text =
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  creationTimestamp: null\nspec:\n  selector:\n  ports: [{port: 80, name: null}]\n";
    expect(parseText("a.yaml", text).resources[0]?.spec).toEqual({ ports: [{ port: 80 }] });
    const filter =
      "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: a}\nspec: {configPatches: [{patch: {value: {x: null}}}]}\n";
    expect(parseText("a.yaml", filter).resources[0]?.spec).toEqual({
      configPatches: [{ patch: { value: { x: null } } }],
    });
  });
});

describe("scalars as kubectl's parser reads them", () => {
  const value = (text: string): unknown => {
    const { resources } = parseText(
      "a.yaml",
      `apiVersion: example.com/v1\nkind: A\nmetadata: {name: a}\nspec:\n  v: ${text}\n`,
    );
    return (resources[0] as Resource<{ v: unknown }>).spec.v;
  };
  test.each([
    ["on", true],
    ["No", false],
    ["y", true],
    ["0755", 493],
    ["0o17", 15],
    ["0x1F", 31],
    ["1_000", 1000],
    ["12:30:45", "12:30:45"],
    ["2026-01-31", "2026-01-31"],
    ["1e3", 1000],
    [".5", 0.5],
    [".", "."],
    ['"8080"', "8080"],
    ["1.2.3", "1.2.3"],
  ])("%s", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  test("merge keys and aliases", () => {
    const text =
      "apiVersion: example.com/v1\nkind: A\nmetadata: {name: a}\nspec:\n  base: &b {x: 1, z: 2}\n  more: {<<: *b, z: 3}\n  again: *b\n";
    const [a] = parseText("a.yaml", text).resources;
    expect(a?.spec).toEqual({ base: { x: 1, z: 2 }, more: { x: 1, z: 3 }, again: { x: 1, z: 2 } });
    expect(a?.origin.locate(["spec", "again", "z"])).toMatchObject({ line: 5 });
  });

  test("a bracket that closes in its key's column", () => {
    expect(value('[\n    "a",\n  ]')).toEqual(["a"]);
  });
});

describe("bad input", () => {
  test.each([
    [
      "tab",
      "kind: A\nspec:\n\tx: 1\n",
      "a.yaml:3:1 error WEFT0002 tab used for indentation; YAML needs spaces; replace the tab by spaces",
    ],
    [
      "duplicate key",
      "a: 1\nb: 2\na: 3\n",
      "a.yaml:3:1 error WEFT0001 this key is written twice in one map; remove one of the two",
    ],
    ["open bracket", "a: [1, 2\n", "a.yaml:2:1 error WEFT0001 a bracket is not closed; close it with } or ]"],
    ["NUL", "a: \u0000\n", "a.yaml:1:4 error WEFT0001 control character U+0000, which YAML does not allow; remove it"],
    [
      "list at the top",
      "- a\n",
      "a.yaml:1:1 error WEFT0005 a list stands where an object should; write an object with apiVersion, kind, metadata and spec",
    ],
    [
      "text at the top",
      "hello\n",
      "a.yaml:1:1 error WEFT0005 text stands where an object should; write an object with apiVersion, kind, metadata and spec",
    ],
    [
      "number as a name",
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: 5\n",
      'a.yaml:4:3 error WEFT0006 metadata.name: name 5 is not text; write it in quotes: "5"',
    ],
    [
      "label that is no text",
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels:\n    v: 1\n",
      'a.yaml:6:5 error WEFT0009 metadata.labels.v: 1 is not text; write it in quotes: "1"',
    ],
    [
      "bad name",
      "apiVersion: v1\nkind: Service\nmetadata: {name: My_Svc}\n",
      'a.yaml:3:12 error WEFT0009 metadata.name: "My_Svc" is not a valid name; write at most 63 lower-case letters, digits and -, with a letter or digit first and last',
    ],
    [
      "a name that YAML takes for a boolean",
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n",
      "a.yaml:3:12 error WEFT0006 metadata.name: name false is not text; put it in quotes: YAML takes y, n, yes, no, on and off for true and false",
    ],
    [
      "misspelt metadata",
      "apiVersion: v1\nkind: Service\nmetadata: {name: a, lables: {}}\n",
      'a.yaml:3:21 error WEFT0012 metadata.lables: unknown field "lables" in Service.metadata; did you mean "labels"?',
    ],
  ])("%s", (_what, text, expected) => {
    expect(told(text)).toEqual([expected]);
  });

  test("half a file says what is missing, and what was meant", () => {
    const all = told("kind: Virtual\n").join("\n");
    expect(all).toContain("no apiVersion");
    expect(all).toContain('unknown kind "Virtual"; did you mean VirtualService?');
    expect(all).toContain("no metadata");
  });

  test.each([
    ["networking.istio.io/v1", "VirtualServce", "did you mean VirtualService?"],
    ["networking.istio.io/v1", "Frobnicator", "unknown kind"],
    ["networking.istio.oi/v1", "VirtualService", 'did you mean "networking.istio.io"?'],
    ["v1", "Deployment", "Deployment is of apps"],
    ["apps/v1", "Service", 'Service is of "apiVersion: v1"'],
    ["istio/networking/v1", "VirtualService", "is not an API version"],
  ])("unknown kind: %s %s", (apiVersion, kind, expected) => {
    expect(told(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`).join("\n")).toContain(expected);
  });

  test.each([
    ["v1", "ConfigMap"],
    ["rbac.authorization.k8s.io/v1", "ClusterRole"],
    ["autoscaling/v2", "HorizontalPodAutoscaler"],
    ["networking.k8s.io/v1", "Ingress"],
    ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
    ["cert-manager.io/v1", "Certificate"],
    ["networking.gke.io/v1", "ManagedCertificate"],
    ["monitoring.coreos.com/v1", "ServiceMonitor"],
    ["install.istio.io/v1alpha1", "IstioOperator"],
  ])("taken without a word: %s %s", (apiVersion, kind) => {
    const { resources, diagnostics } = parseText(
      "a.yaml",
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`,
    );
    expect(diagnostics).toEqual([]);
    expect(resources).toHaveLength(1);
  });

  test("an alias bomb is refused in no time", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 20; i++) lines.push(`a${i}: &a${i} [${`*a${i - 1},`.repeat(10)}]`);
    expect(told(lines.join("\n")).join()).toContain("alias bomb");
    expect(told("a: &a [*a]\n").join()).toContain("WEFT0004");
  });

  test("nesting beyond the limit is refused", () => {
    expect(told("[".repeat(100_000)).join()).toContain("nested more than 200 levels deep");
    expect(told(`{"a":`.repeat(5000)).join()).toContain("nested more than 200 levels deep");
  });

  test("__proto__ and constructor are fields like others", () => {
    const text =
      "apiVersion: example.com/v1\nkind: A\nmetadata: {name: a}\nspec:\n  __proto__: {polluted: true}\n  constructor: {prototype: {polluted: true}}\n";
    const [a] = parseText("a.yaml", text).resources;
    expect(Object.hasOwn(a?.spec as object, "__proto__")).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((a as Resource<{ polluted?: boolean }>).spec.polluted).toBeUndefined();
  });

  test("a text over 10 MiB is refused with a message", () => {
    expect(told("#".repeat(10 * 1024 * 1024 + 1))).toEqual([
      "a.yaml:1:1 error WEFT0004 10.0 MiB are more than the 10 MiB that one file may have; split the file, or list it in .weftignore",
    ]);
  });
});
