import type { TrafficExtensionSpec } from "../../../gen/istio/traffic-extension.ts";
import type { WasmPluginSpec } from "../../../gen/istio/wasm-plugin.ts";
import { codes } from "../../../model/codes.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";

/** What is refused of a WasmPlugin beyond Istio's own rules. */
export function checkPluginHere(resource: Resource, root: Findings): void {
  const spec = resource.spec as WasmPluginSpec;
  const found = root.at("spec");
  checkUrl(spec.url, found.at("url"));
  if (spec.targetRef !== undefined) checkTarget(spec.targetRef.kind, found.at("targetRef", "kind"));
  spec.targetRefs?.forEach(({ kind }, i) => void checkTarget(kind, found.at("targetRefs", i, "kind")));
}

/** The same of a TrafficExtension. */
export function checkExtensionHere(resource: Resource, root: Findings): void {
  const spec = resource.spec as TrafficExtensionSpec;
  const found = root.at("spec");
  if (spec.wasm !== undefined) checkUrl(spec.wasm.url, found.at("wasm", "url"));
  spec.targetRefs?.forEach(({ kind }, i) => void checkTarget(kind, found.at("targetRefs", i, "kind")));
}

function checkUrl(url: string, found: Findings): void {
  if (/^https?:\/\//i.test(url)) return;
  if (!/^file:/i.test(url))
    found.error(
      "images of a registry are not pulled on this machine",
      "write file:///PATH/plugin.wasm, or an http(s):// URL of the module",
      codes.refused,
    );
  else if (!/^file:\/\/\//i.test(url))
    found.error("the path of a file is not absolute", "write file:///PATH/plugin.wasm", codes.refused);
}

function checkTarget(kind: string, found: Findings): void {
  if (kind === "Gateway") return;
  found.error(
    `a ${kind} is extended at its waypoint, and there are no waypoints`,
    "name a Gateway, or use selector",
    codes.refused,
  );
}
