import { deepStrictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { decodeResource } from "../../src/main/decode.ts";
import { ownSampling } from "../../src/plan/telemetry/tracing.ts";
import { TYPE } from "../../src/xds/type-url.ts";
import { configOf } from "./mesh.ts";

// Who reports to the control plane, and how much: the golden cases leave out what is the same in every listener.

const base = readFileSync(join(import.meta.dirname, "testdata/mesh.yaml"), "utf8");

/** What is traced by the connection managers of a proxy: `zipkin xds-grpc 5`; each kind once. */
function traced(...texts: readonly string[]): readonly string[] {
  const listeners = [
    ...(configOf(base, ...texts)
      .get(TYPE.listener)
      ?.resources.values() ?? []),
  ];
  const found = listeners.flatMap(({ body }) => managers(decodeResource(TYPE.listener, body) as JsonValue));
  return [
    ...new Set(found.map(({ tracing }) => (tracing === undefined ? "none" : words(tracing as JsonObject)))),
  ].sort();
}

function managers(value: JsonValue): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(managers);
  if (typeof value !== "object" || value === null) return [];
  if (String(value["@type"]).endsWith(".HttpConnectionManager")) return [value];
  return Object.values(value).flatMap(managers);
}

function words(tracing: JsonObject): string {
  const cluster = /"cluster(?:_name)?":"([^"]+)"/.exec(JSON.stringify(tracing))?.[1];
  const { name } = tracing["provider"] as { name: string };
  const { value = 0 } = tracing["random_sampling"] as { value?: number };
  return `${name.split(".").at(-1)} ${cluster} ${value}`;
}

const own = (percent: number) => `zipkin xds-grpc ${percent}`;
const telemetry = (tracing: object) =>
  `apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: mesh, namespace: istio-system}\nspec: {tracing: [${JSON.stringify(tracing)}]}`;
const agent = "proxy: {istioAgent: true}";

test.each<[string, readonly string[], readonly string[]]>([
  ["nobody says anything", [], [own(ownSampling)]],
  ["MeshConfig says how many", ["meshConfig: {defaultConfig: {tracing: {sampling: 40}}}"], [own(40)]],
  ["a Telemetry says how many", [telemetry({ randomSamplingPercentage: 100 })], [own(100)]],
  [
    "a Telemetry names it",
    ["meshConfig: {defaultProviders: {tracing: [x]}}", telemetry({ providers: [{ name: "weft" }] })],
    [own(ownSampling)],
  ],
  ["MeshConfig switches traces off", ["meshConfig: {enableTracing: false}"], ["none"]],
  ["MeshConfig has no default provider", ["meshConfig: {defaultProviders: {tracing: []}}"], ["none"]],
  ["a Telemetry switches spans off", [telemetry({ disableSpanReporting: true })], ["none"]],
  ["a Telemetry names nobody that there is", [telemetry({ providers: [{ name: "x" }] })], ["none"]],
  ["Istio's agent stands in front of the control plane", [agent], ["none"]],
])("where %s", (_, texts, expected) => deepStrictEqual(traced(...texts), expected));

test("a gateway reports, too", () => {
  const gateway = `proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}`;
  expect(traced(gateway)).toEqual([own(ownSampling)]);
});
