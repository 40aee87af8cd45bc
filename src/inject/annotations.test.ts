import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { annotations, judgeAnnotations } from "./annotations.ts";

const file = new URL("../analysis/istio-annotations.json", import.meta.url);
const known = JSON.parse(readFileSync(file, "utf8")) as Record<string, { readonly on: readonly string[] }>;
const ofPods = Object.keys(known).filter((name) => known[name]?.on.includes("Pod"));

test("every annotation of Istio's that a Pod may have has a verdict, and nothing else has", () => {
  expect(Object.keys(annotations).sort()).toEqual(ofPods.sort());
});

test("docs/injection.md says of each what it does", () => {
  const page = readFileSync(new URL("../../docs/injection.md", import.meta.url), "utf8");
  const missing = Object.entries(annotations).filter(([name, verdict]) => {
    if ("written" in verdict) return false;
    const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${name}\``));
    return row === undefined || row.includes("no effect") !== "nothing" in verdict;
  });
  expect(missing.map(([name]) => name)).toEqual([]);
});

test.each<[string, string, string]>([
  ["traffic.sidecar.istio.io/excludeInboundPorts", "80,x", 'has "x", which is no port; write "80,443"'],
  ["traffic.sidecar.istio.io/includeInboundPorts", "70000", 'has "70000", which is no port; write "80,443"'],
  [
    "traffic.sidecar.istio.io/excludeInterfaces",
    "eth0, a b",
    'has "a b", which is no name of an interface; write "net1,net2"',
  ],
  [
    "sidecar.istio.io/nativeSidecar",
    "false",
    "is refused: the proxy is a native sidecar always: it starts before the application and ends after it",
  ],
  ["sidecar.istio.io/userVolume", "[]", 'is not JSON of names and objects; write {"NAME": {...}}'],
  ["inject.istio.io/templates", "sidecar,spire", 'has "spire"; the templates are sidecar and gateway'],
  [
    "inject.istio.io/templates",
    "grpc-agent",
    "is refused: proxyless gRPC needs Istio's agent; take the sidecar, which does the same for every gRPC library",
  ],
  ["proxy.istio.io/config", "- a", 'is not a map in YAML; write "concurrency: 2"'],
  ["sidecar.istio.io/logLevel", "loud", "is none of trace, debug, info, warning, warn, error, critical, off"],
])("%s: %j is refused", (name, value, words) => {
  expect(judgeAnnotations({ [name]: value }).errors).toEqual([`annotation ${name}: ${JSON.stringify(value)} ${words}`]);
});

test("good values pass in silence", () => {
  const said = {
    "traffic.sidecar.istio.io/includeInboundPorts": "*",
    "traffic.sidecar.istio.io/includeOutboundIPRanges": "",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": "10.0.0.0/8, fd00::/8,1.2.3.4",
    "sidecar.istio.io/proxyCPU": "0.5",
    "sidecar.istio.io/interceptionMode": "NONE",
    "sidecar.istio.io/userVolumeMount": '{"cache": {"mountPath": "/cache"}}',
    "example.com/other": "anything",
    __proto__: "anything",
  };
  expect(judgeAnnotations(said)).toEqual({ errors: [], warnings: [] });
});
