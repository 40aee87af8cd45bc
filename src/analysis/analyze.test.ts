import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../model/diagnostic.ts";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { Tracker } from "../track/tracker.ts";
import { analyze } from "./analyze.ts";
import { analyzers } from "./analyzers/list.ts";
import { type FindingCode, forAll } from "./finding.ts";
import { isKialiCode, kialiFindings } from "./kiali.ts";
import { isIstioCode, istioMessages, istioText } from "./messages.ts";
import { ownFindings } from "./own-findings.ts";

const services = `
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
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}]}
`;

function put(texts: Readonly<Record<string, string>>) {
  const found = Object.entries(texts).flatMap(([file, text]) => parseText(file, text).resources);
  return found.map((resource: Resource) => ({ put: resource }));
}

/** What is told of some files, in the words of a terminal. */
function told(texts: Readonly<Record<string, string>>): string[] {
  const tracker = new Tracker(apply(empty, put({ "services.yaml": services, ...texts })));
  return analyze(tracker).map(formatDiagnostic);
}

function explained(code: FindingCode): string {
  if (isIstioCode(code)) return istioMessages[code].template;
  return isKialiCode(code) ? kialiFindings[code].title : ownFindings[code].title;
}

const route = (destination: string, more = "") => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: web
spec:
  hosts: [reviews]${more}
  http:
  - route:
    - destination: ${destination}
`;

describe("what is wrong is told with its place and how to mend it", () => {
  test("nothing, of a sound mesh", () => {
    expect(told({ "web.yaml": route("{host: reviews, subset: v1}") })).toEqual([]);
  });

  test("a route of Gateway API that holds nowhere, or leads to nothing", () => {
    const gatewayApi = (kind: string, spec: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: {name: web}
spec:
${spec}
`;
    const parent = (name: string, more = "") => `  parentRefs: [{group: "", kind: Service, name: ${name}${more}}]`;
    const rule = "  rules: [{backendRefs: [{name: reviews, port: 9080}]}]";
    const webOf = (kind: string, ...spec: string[]) => told({ "web.yaml": gatewayApi(kind, spec.join("\n")) });
    expect(webOf("HTTPRoute", parent("reviews"), rule)).toEqual([]);
    expect(webOf("HTTPRoute", parent("reviws"), rule)).toEqual([
      "web.yaml:5:16 warning WEFT0101 spec.parentRefs[0]: HTTPRoute does not hold at Service default/reviws: there is no Service default/reviws (NoMatchingParent)",
    ]);
    expect(webOf("GRPCRoute", parent("reviews", ", port: 80"), rule)).toEqual([
      "web.yaml:5:16 warning WEFT0101 spec.parentRefs[0]: GRPCRoute does not hold at Service default/reviews: the Service default/reviews has no port 80 (NoMatchingParent)",
    ]);
    expect(webOf("TCPRoute", parent("reviews"), rule)).toEqual([
      "web.yaml:5:16 warning WEFT0101 spec.parentRefs[0]: TCPRoute does not hold at Service default/reviews: the Service default/reviews has no port for TCPRoutes (9080 is http) (NotAllowedByListeners)",
    ]);
    expect(webOf("HTTPRoute", rule)).toEqual(["web.yaml:4:1 warning WEFT0101 spec: HTTPRoute names no parent"]);
    expect(
      webOf(
        "HTTPRoute",
        parent("reviews"),
        "  rules: [{backendRefs: [{name: reviews, port: 1}, {name: nobody, port: 1}]}]",
      ),
    ).toEqual([
      "web.yaml:6:26 warning WEFT0102/KIA1402 spec.rules[0].backendRefs[0]: the service reviews.default.svc.cluster.local has no port 1 (BackendNotFound)",
      "web.yaml:6:52 warning WEFT0102/KIA1402 spec.rules[0].backendRefs[1]: there is no service nobody.default.svc.cluster.local (BackendNotFound)",
    ]);
    expect(
      webOf("HTTPRoute", parent("reviews"), "  rules: [{matches: [{path: {type: RegularExpression, value: '['}}]}]"),
    ).toEqual([
      'web.yaml:6:22 warning WEFT0103 spec.rules[0].matches[0]: "[" is no regular expression of RE2: missing ]: [ (UnsupportedValue)',
    ]);
  });

  test("a route of Gateway API beside a VirtualService for the same host", () => {
    const http = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec: {parentRefs: [{group: "", kind: Service, name: reviews}], rules: [{backendRefs: [{name: reviews, port: 9080}]}]}
`;
    const texts = {
      "web.yaml": route("{host: reviews, subset: v1}").replace("[reviews]", "[reviews.default.svc.cluster.local]"),
      "r.yaml": http,
    };
    expect(told(texts)).toEqual([
      "web.yaml:6:3 warning WEFT0104 spec.hosts: routes of Gateway API are for reviews.default.svc.cluster.local too: of both only one holds for a client",
    ]);
  });

  test("a route to a host that is not there", () => {
    expect(told({ "web.yaml": route("{host: reviws}") })).toEqual([
      'web.yaml:9:21 error IST0101/KIA1101 spec.http[0].route[0].destination.host: Referenced host not found: "reviws"; did you mean "reviews"?',
    ]);
  });

  test("a route to a subset that is not there", () => {
    expect(told({ "web.yaml": route("{host: reviews, subset: v2}") })).toEqual([
      'web.yaml:9:36 error IST0101/KIA1107 spec.http[0].route[0].destination.subset: Referenced host+subset in destinationrule not found: "reviews+v2"; did you mean "v1"?',
    ]);
  });

  test("a port that the service does not have", () => {
    const [line] = told({ "web.yaml": route("{host: reviews, port: {number: 80}}") });
    expect(line).toMatch(
      /^web\.yaml:9:\d+ error IST0101 .*destination\.port\.number: Referenced host:port not found: "reviews:80"; it has 9080$/,
    );
  });

  test("a gateway that is not there", () => {
    const found = told({ "web.yaml": route("{host: reviews}", "\n  gateways: [shop-gateway, mesh]") });
    expect(found[0]).toBe(
      'web.yaml:7:14 error IST0101/KIA1102 spec.gateways[0]: Referenced gateway not found: "shop-gateway"; add a Gateway of this name',
    );
    expect(found[1]).toContain("IST0132");
  });

  test("two VirtualServices for one host: both are told which one holds", () => {
    const other = route("{host: reviews}").replace("name: web", "name: another");
    const found = told({ "web.yaml": route("{host: reviews}"), "another.yaml": other });
    expect(found).toHaveLength(2);
    const text =
      "The VirtualServices default/another,default/web associated with mesh gateway define the same host */reviews.default.svc.cluster.local";
    for (const line of found) expect(line).toContain(text);
    expect(found.find((l) => l.startsWith("another.yaml:6:11"))).toContain(
      "this one holds alone, as the oldest; the rules of VirtualService default/web (web.yaml:1:1) do not count",
    );
    expect(found.find((l) => l.startsWith("web.yaml:6:11"))).toContain(
      "VirtualService default/another (another.yaml:1:1) holds alone; the rules here do not count",
    );
  });

  test("the older one holds, whatever its name", () => {
    const old = route("{host: reviews}").replace("name: web", "name: zebra\n  creationTimestamp: 2020-01-01T00:00:00Z");
    const young = route("{host: reviews}").replace("name: web", "name: ant\n  creationTimestamp: 2021-01-01T00:00:00Z");
    const found = told({ "old.yaml": old, "young.yaml": young });
    expect(found.find((l) => l.startsWith("young.yaml"))).toContain(
      "VirtualService default/zebra (old.yaml:1:1) holds alone",
    );
  });

  test("a subset that nothing is in, and a rule for a host that nobody knows", () => {
    const rules = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec:
  host: reviews
  subsets:
  - name: v9
    labels: {version: v9}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: b}
spec:
  host: nosuch.example.com
`;
    const found = told({ "rules.yaml": rules });
    expect(found.find((l) => l.startsWith("rules.yaml:8:5 error IST0173"))).toContain(
      "no workload of reviews.default.svc.cluster.local has these labels: version=v9",
    );
    expect(found.find((l) => l.startsWith("rules.yaml:14:3 warning IST0174"))).toContain(
      "add a Service or a ServiceEntry for it",
    );
  });
});

test("an edit asks again only of what it concerns, and says the same as from scratch", () => {
  const many = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [
      `vs-${i}.yaml`,
      route("{host: reviews}").replace("name: web", `name: vs-${i}`).replace("[reviews]", `[host-${i}]`),
    ]),
  );
  const tracker = new Tracker(apply(empty, put({ "services.yaml": services, ...many })));
  expect(analyze(tracker)).toEqual([]);
  const runs = tracker.runs;
  const edit = put({ "vs-7.yaml": (many["vs-7.yaml"] as string).replace("{host: reviews}", "{host: nosuch}") });
  tracker.advance(apply(tracker.snapshot, edit));
  const found = analyze(tracker);
  expect(found.map((d) => d.position?.file)).toEqual(["vs-7.yaml"]);
  // One VirtualService in each analyser that looks at them, and what gathers: not fifty.
  expect(tracker.runs - runs).toBeLessThan(40);
  expect(found).toEqual(analyze(new Tracker(tracker.snapshot)));
});

test("an analyser that fails is told of, and harms none of the others", () => {
  const tracker = new Tracker(apply(empty, put({ "services.yaml": services, "web.yaml": route("{host: nosuch}") })));
  let broken = true;
  const step = forAll("broken", () => {
    if (broken) throw new TypeError("x is not iterable");
    return [];
  });
  const sound = analyze(tracker);
  expect(sound.length).toBe(1);
  const found = analyze(tracker, [{ name: "broken.Analyzer", step }, ...analyzers.filter((a) => !a.optional)]);
  expect(found.map((d) => `${d.code} ${d.message}`)).toEqual([
    "IST0001 Internal error: broken.Analyzer: x is not iterable",
    expect.stringMatching(/^IST0101 /),
  ]);
  broken = false;
  expect(analyze(tracker, [{ name: "broken.Analyzer", step }])).toEqual([]);
});

describe("codes that nobody wants to hear of in a namespace, or in the mesh", () => {
  const namespace = (name: string, codes: string) => `apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {istio-injection: enabled}, annotations: {weft.dev/ignore-findings: "${codes}"}}
`;
  const web = { "web.yaml": route("{host: nosuch}") };

  test.each([
    ["default", "IST0101", 0],
    ["default", "KIA1101, IST0112", 0],
    ["default", "*", 0],
    ["istio-system", "IST0101", 0],
    ["default", "IST0112", 1],
    ["elsewhere", "IST0101", 1],
  ])("on Namespace %s: %s", (name, codes, count) => {
    expect(told({ ...web, "ns.yaml": namespace(name, codes) }).filter((line) => line.includes("IST0101"))).toHaveLength(
      count,
    );
  });

  test("a fault of an analyser itself is silenced by its own code on the mesh alone", () => {
    const step = forAll("broken", () => {
      throw new Error("x");
    });
    const of = (codes: string) =>
      analyze(new Tracker(apply(empty, put({ "ns.yaml": namespace("istio-system", codes) }))), [{ name: "b", step }]);
    expect([of("*").length, of("IST0001").length]).toEqual([1, 0]);
  });
});

test("names of analysers and steps are unique, and every code has words", () => {
  expect(new Set(analyzers.map((a) => a.name)).size).toBe(analyzers.length);
  expect(new Set(analyzers.map((a) => a.step.name)).size).toBe(analyzers.length);
  for (const { codes } of analyzers) for (const code of codes) expect(explained(code)).toBeTypeOf("string");
});

test("messages are written as Go writes them", () => {
  expect(istioText("IST0112", ["a", [80, 443]])).toContain('a service "a" that exposes multiple ports [80 443].');
  expect(istioText("IST0101", ["host", 'a"b'])).toBe('Referenced host not found: "a\\"b"');
});

test("the services and the gateway of the sample are sound", () => {
  const folder = new URL("../../samples/bookinfo/", import.meta.url);
  const files = ["bookinfo.yaml", "networking/gateway.yaml"];
  const install = readFileSync(new URL("../../data/install/ingress-gateway.yaml", import.meta.url), "utf8");
  const texts = Object.fromEntries(files.map((file) => [file, readFileSync(new URL(file, folder), "utf8")]));
  const tracker = new Tracker(apply(empty, put({ ...texts, "install.yaml": install })));
  expect(analyze(tracker).map(formatDiagnostic)).toEqual([]);
});
