import { describe, expect, test } from "vitest";
import type { Row } from "../gen/ledger.ts";
import { formatDiagnostic } from "../model/diagnostic.ts";
import { parseText } from "../sources/text/text.ts";
import { judge } from "./judge.ts";
import { judged, unsupported } from "./unsupported.ts";

const told = (text: string) => parseText("a.yaml", text, judge).diagnostics.map(formatDiagnostic);

/** An object of a kind, with a spec as YAML that is indented by two. */
const object = (apiVersion: string, kind: string, spec: string, metadata = "") =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: a\n${metadata}spec:\n${spec}\n`;

describe("what has no effect yet is told, with its place", () => {
  test.each([
    [
      "a kind",
      object("networking.k8s.io/v1", "NetworkPolicy", "  podSelector: {}"),
      "a.yaml:1:1 warning WEFT0019 NetworkPolicy has no effect yet: no connection is refused by it; write an AuthorizationPolicy",
    ],
    [
      "a label",
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels:\n    istio.io/dataplane-mode: ambient\n",
      "a.yaml:6:5 warning WEFT0019 metadata.labels.istio.io/dataplane-mode: istio.io/dataplane-mode ambient has no effect yet: its workloads have sidecars, as those of every namespace",
    ],
  ])("%s", (_, text, expected) => {
    expect(told(text)).toEqual([expected]);
  });
});

test("what has an effect is not told", () => {
  const policy = object("security.istio.io/v1", "AuthorizationPolicy", "  action: DENY\n  rules: [{}]");
  const rule = object(
    "networking.istio.io/v1",
    "DestinationRule",
    "  host: a\n  trafficPolicy:\n    loadBalancer: {localityLbSetting: {enabled: true}}",
  );
  expect(told(`${policy}---\n${rule}`)).toEqual([]);
});

describe("rows of a ledger", () => {
  const text = object(
    "networking.istio.io/v1",
    "VirtualService",
    "  hosts: [a.example]\n  http:\n  - route:\n    - destination: {host: b}\n    match:\n    - headers:\n        x-a: {exact: b}\n        x-b: {exact: c}",
  );
  const rows = (all: readonly Row[]) =>
    parseText("a.yaml", text, (resource) => judged(resource, all)).diagnostics.map(formatDiagnostic);

  test("what is refused is an error, and the object is not taken", () => {
    const refused: Row = {
      path: "spec.http[].route[].destination.host",
      judgement: { verdict: "refused", why: "no", fix: "a" },
    };
    expect(rows([refused])).toEqual([
      "a.yaml:9:21 error WEFT0020 spec.http[0].route[0].destination.host: host is refused: no; a",
    ]);
    expect(parseText("a.yaml", text, (resource) => judged(resource, [refused])).resources).toEqual([]);
  });

  test("what is done, and what has nothing to do with a mesh, is not told", () => {
    expect(rows([{ path: "spec.hosts", judgement: { verdict: "aside", why: "no" } }])).toEqual([]);
    expect(rows([{ path: "spec.hosts", judgement: { verdict: "done", by: "a.ts" } }])).toEqual([]);
  });

  test("each of a map, and keys by what they begin with", () => {
    const inert = { verdict: "inert", why: "no" } as const;
    expect(rows([{ path: "spec.http[].match[].headers{}.exact", judgement: inert }])).toHaveLength(2);
    expect(rows([{ path: "spec.http[].match[].headers", keys: { "X-A*": inert } }])).toEqual([
      "a.yaml:12:9 warning WEFT0019 spec.http[0].match[0].headers.x-a: x-a has no effect: no",
    ]);
  });

  test("each of a list by its value", () => {
    const inert = { verdict: "inert", why: "no" } as const;
    expect(rows([{ path: "spec.hosts", values: { "a.example": inert, b: inert } }])).toEqual([
      "a.yaml:6:11 warning WEFT0019 spec.hosts[0]: hosts a.example has no effect: no",
    ]);
  });
});

test("an object with errors is told of those alone", () => {
  const text = object("security.istio.io/v1", "AuthorizationPolicy", "  action: CUSTOM\n  selectr: {}");
  expect(told(text).map((line) => /WEFT\d+|IST\d+/.exec(line)?.[0])).toEqual(["WEFT0012"]);
});

test("containers of a Deployment that runs here, beside the first", () => {
  const template = (run: string) =>
    object(
      "apps/v1",
      "Deployment",
      `  selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}${run}}\n    spec:\n      containers: [{name: a, image: a}, {name: b, image: b}]`,
    );
  expect(told(template(', annotations: {weft.dev/run: "node a.js"}')).join()).toContain(
    "only the first container is run",
  );
  expect(told(template(""))).toEqual([]);
});

test("settings of MeshConfig, as deep as some beside them are read", () => {
  const position = { file: "mesh.yaml", line: 1, column: 1 };
  const mesh = {
    type: "MeshConfig",
    apiVersion: "mesh.istio.io/v1alpha1",
    namespace: "",
    name: "istio",
    labels: {},
    annotations: {},
    createdAt: 0,
    generation: 1,
    origin: { ...position, at: "mesh.yaml:1:1", locate: () => position },
    spec: {
      trustDomain: "td",
      zoneAwareLbSetting: {},
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY", tls: { mode: "SIMPLE" } },
      defaultConfig: {
        concurrency: 2,
        gatewayTopology: { numTrustedProxies: 1, forwardClientCertDetails: "SANITIZE" },
        statsdUdpAddress: "10.0.0.9:8125",
      },
    },
  };
  expect(unsupported(mesh).map((d) => d.message)).toEqual([
    expect.stringMatching(/^outboundTrafficPolicy\.tls has no effect yet: ./),
    expect.stringMatching(/^zoneAwareLbSetting has no effect yet: ./),
  ]);
});
