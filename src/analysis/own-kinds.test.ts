import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../model/diagnostic.ts";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { Tracker } from "../track/tracker.ts";
import { analyze } from "./analyze.ts";
import { validateObject } from "./validate/object.ts";

const object = (kind: string, spec: object, name = "a", namespace = "default") =>
  `apiVersion: weft.dev/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${JSON.stringify(spec)}\n`;

function parsed(text: string): readonly Resource[] {
  return parseText("a.yaml", text).resources;
}

/** What is told of one object by itself: `path: message`. */
function judged(kind: string, spec: object): readonly string[] {
  return parsed(object(kind, spec)).flatMap((r) => validateObject(r).map((d) => formatDiagnostic(d)));
}

const limit = { requests: 5, unit: "Minute" };
const rule = (more: object) => ({ rules: [{ name: "a", limit, ...more }] });

describe("one object", () => {
  test.each([
    ["RateLimit", rule({})],
    [
      "RateLimit",
      { scope: "Global", failOpen: false, ...rule({ per: [{ type: "Header", name: "x" }, { type: "Route" }] }) },
    ],
    [
      "RateLimit",
      rule({
        match: {
          hosts: ["*.a.test"],
          paths: ["/a*", "*b"],
          remoteIpBlocks: ["10.0.0.0/8", "::1"],
          principals: ["*", "*/sa/a", "a/*"],
        },
      }),
    ],
    ["Compression", {}],
    ["Compression", { except: [{ hosts: ["a.test"], paths: ["/a"] }] }],
    ["Fallback", { host: "a", response: { status: 200 } }],
    ["Fallback", { host: "a", destinations: [{ host: "b" }, { host: "a", subset: "v1" }], exportTo: ["."] }],
  ])("%s %j is sound", (kind, spec) => {
    expect(judged(kind, spec)).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["RateLimit", {}, "spec.rules: Required value"],
    ["RateLimit", { rules: [] }, "spec.rules"],
    ["RateLimit", { failOpen: false, ...rule({}) }, "failOpen is for scope Global; Local asks nobody"],
    [
      "RateLimit",
      {
        rules: [
          { name: "a", limit },
          { name: "a", limit },
        ],
      },
      "spec.rules[1]",
    ],
    ["RateLimit", rule({ limit: { requests: 0, unit: "Minute" } }), "spec.rules[0].limit.requests"],
    ["RateLimit", rule({ limit: { requests: 1, unit: "minute" } }), "spec.rules[0].limit.unit"],
    ["RateLimit", rule({ per: [{ type: "Header" }] }), "name is for types Header and Claim, which need it"],
    ["RateLimit", rule({ per: [{ type: "Claim" }] }), "name is for types Header and Claim, which need it"],
    ["RateLimit", rule({ per: [{ type: "Path", name: "x" }] }), "name is for types Header and Claim, which need it"],
    [
      "RateLimit",
      rule({
        per: [
          { type: "Header", name: "X" },
          { type: "Header", name: "x" },
        ],
      }),
      "spec.rules[0].per[1]: Header x stands there twice",
    ],
    ["RateLimit", rule({ match: {} }), "spec.rules[0].match"],
    ["RateLimit", rule({ match: { hosts: ["a.test:80"] } }), 'spec.rules[0].match.hosts[0]: "a.test:80" is no host'],
    ["RateLimit", rule({ match: { paths: ["a"] } }), 'spec.rules[0].match.paths[0]: "a" is no path'],
    ["RateLimit", rule({ match: { paths: ["/a?b"] } }), 'spec.rules[0].match.paths[0]: "/a?b" has a query'],
    [
      "RateLimit",
      rule({ match: { remoteIpBlocks: ["10.0.0.0/40"] } }),
      'spec.rules[0].match.remoteIpBlocks[0]: "10.0.0.0/40" is neither',
    ],
    ["RateLimit", rule({ match: { principals: ["spiffe://a/b"] } }), "has a scheme; write a/b"],
    ["RateLimit", rule({ match: { principals: ["a*b"] } }), "a * is for its begin or its end"],
    ["RateLimit", { selector: { matchLabels: { "a*": "b" } }, ...rule({}) }, "wildcards are not allowed"],
    ["Compression", { algorithms: ["Gzip", "Gzip"] }, "spec.algorithms[1]"],
    ["Compression", { algorithms: ["gzip"] }, "spec.algorithms[0]"],
    ["Compression", { contentTypes: ["text"] }, "spec.contentTypes[0]"],
    ["Compression", { except: [{}] }, "spec.except[0]"],
    ["Compression", { except: [{ paths: ["a"] }] }, 'spec.except[0].paths[0]: "a" is no path'],
    ["Fallback", { host: "a" }, "one of destinations and response is needed"],
    [
      "Fallback",
      { host: "a", destinations: [{ host: "a.default.svc.cluster.local" }] },
      "spec.destinations[0]: a would fall back to itself",
    ],
    [
      "Fallback",
      { host: "a", destinations: [{ host: "b" }, { host: "b" }] },
      "spec.destinations[1]: b stands there twice",
    ],
    ["Fallback", { host: "a b", response: { status: 200 } }, "spec.host"],
    ["Fallback", { host: "a", response: { status: 204, body: "x" } }, "an answer of status 204 has no body"],
    ["Fallback", { host: "a", response: { status: 200, headers: { "a b": "c" } } }, '"a b" is no name of a header'],
    ["Fallback", { host: "a", response: { status: 200, headers: { a: "b\r\nc" } } }, "a header's value is one line"],
    ["Fallback", { host: "a", response: { status: 200, headers: { "Content-Length": "3" } } }, "is the proxy's to say"],
    ["Fallback", { host: "a", response: { status: 100 } }, "spec.response.status"],
    ["Fallback", { host: "a", response: { status: 200 }, exportTo: ["A_"] }, "spec.exportTo[0]"],
  ])("%s %j is refused: %s", (kind, spec, words) => {
    const said = judged(kind, spec);
    expect(said.join("\n")).toContain(words);
    expect(said.every((line) => line.startsWith("error"))).toBe(true);
  });
});

const pages = new URL("../../docs/kinds/", import.meta.url);

test.each(readdirSync(pages))("what %s shows is sound", (page) => {
  const text = readFileSync(new URL(page, pages), "utf8");
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((m) => m[1] as string);
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) {
    const { resources, diagnostics } = parseText(page, block);
    expect(resources.length).toBe(1);
    expect([...diagnostics, ...resources.flatMap(validateObject)].map(formatDiagnostic)).toEqual([]);
  }
});

const mesh = `
apiVersion: v1
kind: Service
metadata: {name: reviews}
spec: {ports: [{name: http, port: 9080}], selector: {app: reviews}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v1}
spec: {template: {metadata: {labels: {app: reviews, version: v1}}, spec: {containers: []}}}
---
`;

/** What analysers tell of objects in that mesh: `CODE path: message`. */
function told(...objects: readonly string[]): readonly string[] {
  const changes = parsed(mesh + objects.join("---\n")).map((put) => ({ put }));
  const found = analyze(new Tracker(apply(empty, changes)));
  return found.map((d) => `${d.code} ${(d.path ?? []).join(".")}: ${d.message}`);
}

const chosen = { selector: { matchLabels: { app: "reviews" } } };

describe("objects in a mesh", () => {
  test("a sound one", () => {
    expect(
      told(
        object("RateLimit", { ...chosen, ...rule({}) }),
        object("Compression", chosen),
        object("Compression", {}, "b"),
        object("Fallback", { host: "reviews", response: { status: 200 } }),
      ),
    ).toEqual([]);
  });

  test("a selector that chooses nothing; in the root namespace it chooses in all", () => {
    const other = { selector: { matchLabels: { app: "reviews" } } };
    const found = told(
      object("Compression", other, "a", "shop"),
      object("RateLimit", { ...other, ...rule({}) }, "a", "shop"),
    );
    expect(found.toSorted()).toEqual(
      ["RateLimit", "Compression"].map(
        () =>
          "WEFT0111 spec.selector.matchLabels: no workload of namespace shop has the labels app=reviews; compare them with those of Pods",
      ),
    );
    expect(told(object("Compression", other, "a", "istio-system"))).toEqual([]);
  });

  test("two Compressions for one workload", () => {
    const found = told(
      object("Compression", chosen),
      object("Compression", { selector: { matchLabels: { version: "v1" } } }, "b"),
    );
    expect(found).toEqual([
      "WEFT0112 metadata.name: Compression default/a is older and holds for the same workloads; this one does nothing there",
    ]);
  });

  test("a limit that another is always before", () => {
    const tight = rule({ limit: { requests: 1, unit: "Second", burst: 2 } });
    const wide = rule({ limit: { requests: 3600, unit: "Hour", burst: 10 } });
    expect(told(object("RateLimit", tight), object("RateLimit", { ...chosen, ...wide }, "b"))).toEqual([
      "WEFT0113 spec.rules.0.limit: rule a never decides: default/a's rule a is for the same requests and lets fewer pass",
    ]);
    // A burst is another limit than a rate.
    const bursty = rule({ limit: { requests: 1, unit: "Hour", burst: 10 } });
    expect(told(object("RateLimit", tight), object("RateLimit", bursty, "b"))).toEqual([]);
    expect(told(object("RateLimit", tight), object("RateLimit", { ...wide, dryRun: true }, "b"))).toEqual([]);
    expect(told(object("RateLimit", tight), object("RateLimit", rule({ per: [{ type: "Path" }] }), "b"))).toEqual([]);
  });

  test("a Fallback to what is not there", () => {
    const destinations = [
      { host: "nosuch" },
      { host: "reviews", subset: "v9" },
      { host: "reviews", port: { number: 1 } },
    ];
    expect(told(object("Fallback", { host: "review", destinations }))).toEqual([
      'IST0101 spec.host: Referenced host not found: "review"',
      'IST0101 spec.destinations.0.host: Referenced host not found: "nosuch"',
      'IST0101 spec.destinations.1.subset: Referenced host+subset in destinationrule not found: "reviews+v9"',
      'IST0101 spec.destinations.2.port.number: Referenced host:port not found: "reviews:1"',
    ]);
  });

  test("two Fallbacks for one host", () => {
    const response = { status: 200 };
    const found = told(
      object("Fallback", { host: "reviews", response }),
      object("Fallback", { host: "reviews.default.svc.cluster.local", response }, "b"),
      object("Fallback", { host: "reviews", subset: "v1", response }, "c"),
    );
    expect(found.filter((line) => line.startsWith("WEFT"))).toEqual([
      "WEFT0114 spec.host: Fallback default/a is for the same host and older: it holds, and this one does nothing",
    ]);
  });
});
