import type { TrafficExtensionSpec } from "../../gen/istio/traffic-extension.ts";
import type { WasmPluginSpec } from "../../gen/istio/wasm-plugin.ts";
import type { Proxy as MeshProxy } from "../../model/proxy.ts";
import { kindOf, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { mesh } from "../mesh.ts";
import { gatewayNameLabel } from "../patch/selection.ts";
import type { ExtensionMatch, ExtensionPlan, ExtensionSlot, Phase, WasmPlan } from "./extension.ts";
import { moduleRef, type WasmModule } from "./module.ts";

type Extension = Resource<WasmPluginSpec | TrafficExtensionSpec>;
type Wasm = Pick<
  WasmPluginSpec,
  "url" | "sha256" | "pluginConfig" | "pluginName" | "failStrategy" | "vmConfig" | "type"
>;

const kinds = [types.WasmPlugin, types.TrafficExtension];

/** The part of a proxy that extensions choose it by. JSON of it is the key of `extensionsFor`. */
interface ExtendedProxy {
  readonly kind: MeshProxy["kind"];
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Names of labels that extensions choose workloads by, sorted. Key: none. */
const mentions: Step<readonly string[]> = {
  name: "plan/extensionMentions",
  run: (scope) => {
    const all = kinds.flatMap((type) => listAll<WasmPluginSpec>(scope, type));
    return [
      ...new Set([gatewayNameLabel, ...all.flatMap(({ spec }) => Object.keys(spec.selector?.matchLabels ?? {}))]),
    ].sort();
  },
};

/** Extensions of a proxy, in the order in which they see a request. None in a mesh without any. */
export function extensionsOf(
  scope: Scope,
  { kind, namespace, labels }: Pick<MeshProxy, "kind" | "namespace" | "labels">,
): readonly ExtensionSlot[] {
  if (kinds.every((type) => scope.namespaces(type).length === 0)) return [];
  const own = scope
    .ask(mentions, "")
    .flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name] as string] as const]));
  const key: ExtendedProxy = { kind, namespace, labels: Object.fromEntries(own) };
  return scope.ask(extensionsFor, JSON.stringify(key));
}

/** Key: JSON of `ExtendedProxy`. */
const extensionsFor: Step<readonly ExtensionSlot[]> = {
  name: "plan/extensionsFor",
  run: (scope, key) => {
    const proxy = JSON.parse(key) as ExtendedProxy;
    const namespaces = [...new Set([scope.ask(mesh, "").rootNamespace, proxy.namespace])];
    return kinds
      .flatMap((type) => namespaces.flatMap((ns) => scope.list<Extension["spec"]>(type, ns)))
      .filter((extension) => chooses(extension, proxy))
      .sort(compare)
      .map(slot);
  },
};

function chooses({ spec, namespace }: Extension, proxy: ExtendedProxy): boolean {
  const single = "targetRef" in spec && spec.targetRef !== undefined ? [spec.targetRef] : [];
  const targets = [...(spec.targetRefs ?? []), ...single];
  if (targets.length > 0) {
    const own = proxy.labels[gatewayNameLabel];
    return namespace === proxy.namespace && targets.some((t) => t.kind === "Gateway" && t.name === own);
  }
  return Object.entries(spec.selector?.matchLabels ?? {}).every(([name, value]) => proxy.labels[name] === value);
}

/** The highest priority first; of equal ones the oldest. */
function compare(a: Extension, b: Extension): number {
  const [first, second] = [a.spec.priority ?? 0, b.spec.priority ?? 0];
  if (first !== second) return second - first;
  return a.createdAt - b.createdAt || (`${a.name}.${a.namespace}` < `${b.name}.${b.namespace}` ? -1 : 1);
}

function slot(extension: Extension): ExtensionSlot {
  const { type, namespace, name, spec, origin } = extension;
  const wasm = wasmOf(spec);
  const phase = (spec.phase ?? "UNSPECIFIED").replace("UNSPECIFIED_PHASE", "UNSPECIFIED") as Phase;
  return {
    name: `extensions.istio.io/${kindOf(type).toLowerCase()}/${namespace}.${name}`,
    key: `${type}|${namespace}|${name}`,
    phase,
    protocol: wasm?.type === "NETWORK" ? "tcp" : "http",
    match: (spec.match ?? []).map(matchOf),
    failOpen: wasm?.failStrategy === "FAIL_OPEN",
    origin: origin.at,
  };
}

function matchOf({ mode = "UNDEFINED", ports = [] }: NonNullable<WasmPluginSpec["match"]>[number]): ExtensionMatch {
  return { mode: mode === "UNDEFINED" ? "CLIENT_AND_SERVER" : mode, ports: ports.map((p) => p.number) };
}

function wasmOf(spec: Extension["spec"]): Wasm | undefined {
  if ("url" in spec) return spec;
  return "wasm" in spec ? spec.wasm : undefined;
}

/** What an extension does; undefined when it is gone. Key: of its slot. */
export const extensionPlan: Step<ExtensionPlan | undefined> = {
  name: "plan/extension",
  run: (scope, key) => {
    const [type = "", namespace = "", name = ""] = key.split("|");
    const found = scope.get<Extension["spec"]>({ type, namespace, name });
    if (found === undefined) return undefined;
    const wasm = wasmOf(found.spec);
    if (wasm !== undefined) return wasmPlan(scope, wasm);
    return "lua" in found.spec && found.spec.lua ? { kind: "lua", code: found.spec.lua.inlineCode } : undefined;
  },
};

const failures = { FAIL_CLOSE: "close", FAIL_OPEN: "open", FAIL_RELOAD: "reload" } as const;

function wasmPlan(scope: Scope, wasm: Wasm): WasmPlan {
  const { url, sha256 = "", pluginName = "", pluginConfig, failStrategy = "FAIL_CLOSE", vmConfig, type } = wasm;
  const file = scope.get<WasmModule>(moduleRef(url, sha256))?.spec.file;
  const env = vmConfig?.env ?? [];
  return {
    kind: "wasm",
    protocol: type === "NETWORK" ? "tcp" : "http",
    ...(file === undefined ? {} : { file }),
    rootId: pluginName,
    configuration: pluginConfig === undefined ? "" : JSON.stringify(pluginConfig),
    failure: failures[failStrategy],
    environment: Object.fromEntries(env.filter((e) => e.valueFrom !== "HOST").map((e) => [e.name, e.value ?? ""])),
    inherited: env.filter((e) => e.valueFrom === "HOST").map((e) => e.name),
  };
}
