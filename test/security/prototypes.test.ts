import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { dump } from "js-yaml";
import { afterEach, expect, test } from "vitest";
import { judge } from "../../src/analysis/judge.ts";
import { parseText } from "../../src/sources/text/text.ts";
import { served } from "../property/fuzz-mesh.ts";

const before = Object.getOwnPropertyNames(Object.prototype).sort();
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
  expect(({} as Record<string, unknown>)["taken"]).toBeUndefined();
});

/** Names that mean something to JavaScript, and one that means nothing. */
const name = fc.constantFrom("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "app");
const value = fc.oneof(
  fc.constantFrom("x", "__proto__", "constructor", "on"),
  fc.constant({ taken: "1" }),
  fc.constant({ prototype: { taken: "1" } }),
);

/** A map whose own keys are these; an object literal would take `__proto__` for something else. */
const map = (of: fc.Arbitrary<unknown>) =>
  fc.array(fc.tuple(name, of), { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
const texts = map(fc.constantFrom("x", "__proto__", "constructor"));

const object = (kind: string, apiVersion: string, spec: fc.Arbitrary<unknown>) =>
  fc
    .record({
      name: fc.constantFrom("a", "constructor", "prototype"),
      labels: texts,
      annotations: texts,
      more: map(value),
      spec,
    })
    .map(({ spec: said, name: called, labels, annotations, more }) => ({
      ...{ apiVersion, kind, spec: said, ...more },
      metadata: { name: called, namespace: "a", labels, annotations },
    }));

const istio = "networking.istio.io/v1";
const host = fc.constantFrom("web.a.svc.cluster.local", "constructor", "__proto__", "toString.a.svc.cluster.local");
const subset = fc.record({ name, labels: texts });
const headers = fc.record({ request: fc.record({ set: texts, add: texts }), response: fc.record({ set: texts }) });
const match = fc.record({ headers: map(fc.constant({ exact: "x" })), queryParams: map(fc.constant({ prefix: "x" })) });
const objects = fc.array(
  fc.oneof(
    object(
      "VirtualService",
      istio,
      fc.record({
        hosts: fc.tuple(host),
        http: fc.tuple(
          fc.record({
            match: fc.tuple(match),
            headers,
            route: fc.tuple(fc.record({ destination: fc.record({ host, subset: name }) })),
          }),
        ),
      }),
    ),
    object("DestinationRule", istio, fc.record({ host, subsets: fc.array(subset, { maxLength: 2 }) })),
    object(
      "ServiceEntry",
      istio,
      fc.record({
        hosts: fc.tuple(host),
        ports: fc.constant([{ number: 80, name: "http", protocol: "HTTP" }]),
        workloadSelector: fc.record({ labels: texts }),
      }),
    ),
    object(
      "AuthorizationPolicy",
      "security.istio.io/v1",
      fc.record({
        selector: fc.record({ matchLabels: texts }),
        rules: fc.tuple(
          fc.record({
            when: fc.tuple(fc.record({ key: name.map((k) => `request.headers[${k}]`), values: fc.tuple(name) })),
          }),
        ),
      }),
    ),
    object("Service", "v1", fc.record({ selector: texts, ports: fc.constant([{ name: "http", port: 80 }]) })),
  ),
  { minLength: 1, maxLength: 4 },
);

test("names that mean something to JavaScript are names as any other, in YAML and in JSON, from a file to a proxy", () => {
  fc.assert(
    fc.property(objects, (all) => {
      const yaml = all.map((one) => dump(one)).join("---\n");
      const json = JSON.stringify({ apiVersion: "v1", kind: "List", items: all });
      for (const [file, text] of [
        ["a.yaml", yaml],
        ["a.json", json],
      ] as const) {
        const { resources } = parseText(file, text, judge);
        for (const { labels, annotations } of resources)
          for (const kept of [labels, annotations])
            for (const key of Object.keys(kept)) expect(typeof kept[key]).toBe("string");
        served(resources);
      }
    }),
    { numRuns: 30 },
  );
});

test("in the program, __proto__ is no way to a prototype at all", () => {
  const weft = join(import.meta.dirname, "../../src/main/weft.ts");
  const script = `
    process.argv.push("weft", "--help");
    await import(${JSON.stringify(weft)});
    const taken = Object.assign({}, JSON.parse('{"__proto__": {"admin": true}}'));
    process.stderr.write(String(taken.admin));`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(stderr).toMatch(/undefined$/);
});
