import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import { readText } from "../../../sources/text/text.ts";
import { judge } from "../../judge.ts";

/** Errors of an EnvoyFilter with one patch: `line:column field: what is wrong`. */
function errors(patch: string): readonly string[] {
  const text = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: f}
spec:
  configPatches:
  - ${patch.split("\n").join("\n    ")}
`;
  const [resource] = readText("f.yaml", text, () => []).flatMap((r) => r.resources);
  if (resource === undefined) throw new Error("it cannot be read");
  return judge(resource).flatMap((d) => {
    if (d.level !== "Error") return [];
    const { line, column } = resource.origin.locate(d.path ?? []);
    return [`${line}:${column} ${d.message}; ${d.fix}`];
  });
}

const typed = (type: string, settings: string) => `applyTo: HTTP_FILTER
patch:
  operation: INSERT_FIRST
  value:
    name: x
    typed_config:
      "@type": type.googleapis.com/${type}
      ${settings}`;

test("a field that the message has not is told where it is written", () => {
  deepStrictEqual(
    errors(`applyTo: CLUSTER
patch:
  operation: MERGE
  value:
    circuit_breakers:
      thresholds:
      - max_conections: 5`),
    [
      "12:13 there is no field max_conections in envoy.config.cluster.v3.CircuitBreakers.Thresholds; write max_connections",
    ],
  );
});

test("so is one inside an extension's settings, in both forms", () => {
  deepStrictEqual(errors(typed("envoy.extensions.filters.http.lua.v3.Lua", "inline_cod: x")), [
    "13:11 there is no field inline_cod in envoy.extensions.filters.http.lua.v3.Lua; write inline_code",
  ]);
  const wrapped = `type_url: type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
      value: {inline_cod: x}`;
  deepStrictEqual(errors(typed("udpa.type.v1.TypedStruct", wrapped)), [
    "14:19 there is no field inline_cod in envoy.extensions.filters.http.lua.v3.Lua; write inline_code",
  ]);
});

test("a type that stock Envoy lacks", () => {
  deepStrictEqual(errors(typed("stats.PluginConfig", "")), [
    "12:11 Envoy as it is published has no type stats.PluginConfig; remove it, or write a type of Envoy 1.40",
  ]);
  deepStrictEqual(errors(typed("envoy.extensions.filters.http.lua.v3.Lau", "")), [
    "12:11 Envoy as it is published has no type envoy.extensions.filters.http.lua.v3.Lau; write envoy.extensions.filters.http.lua.v3.Lua",
  ]);
});

test("a value of a wrong type", () => {
  const [found, ...more] = errors(`applyTo: CLUSTER
patch: {operation: MERGE, value: {connect_timeout: soon}}`);
  deepStrictEqual([found?.slice(0, 4), more], ["7:39", []]);
});

test("what could never change anything", () => {
  deepStrictEqual(errors("applyTo: EXTENSION_CONFIG\npatch: {operation: REMOVE}"), [
    "7:13 REMOVE does nothing to a EXTENSION_CONFIG; write one of ADD, INSERT_BEFORE, INSERT_AFTER, INSERT_FIRST",
  ]);
});
