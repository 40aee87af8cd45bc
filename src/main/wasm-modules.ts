import { join } from "node:path";
import type { Discovery } from "../discovery/discovery.ts";
import type { Fetch } from "../fetch/fetch.ts";
import type { TrafficExtensionSpec } from "../gen/istio/traffic-extension.ts";
import type { WasmPluginSpec } from "../gen/istio/wasm-plugin.ts";
import type { Resource } from "../model/resource.ts";
import { all, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { moduleRef } from "../plan/extension/module.ts";
import { ModuleSource, type WantedModule } from "../sources/modules/source.ts";
import { systemClock } from "./clock.ts";
import { systemRandom } from "./random.ts";

const limits = { timeoutMs: 30_000, maxBytes: 128 * 1024 * 1024 };

/** Where modules of WebAssembly come from; they are kept in the state folder. */
export function wasmModules(stateDir: string, fetch: Fetch): ModuleSource {
  return new ModuleSource({
    folder: join(stateDir, "wasm"),
    clock: systemClock,
    random: systemRandom,
    fetch: async (url) => (await fetch(url, limits)).bytes,
  });
}

/** Tells the source which modules the mesh names, from the moment on when its configuration is known. */
export function followModules(discovery: Discovery, modules: ModuleSource): (isConfigured: boolean) => void {
  let asked = false;
  let plugins: unknown;
  let extensions: unknown;
  return (isConfigured) => {
    if (!asked && !isConfigured) return;
    const { snapshot } = discovery;
    const now = [snapshot.objects.get(types.WasmPlugin), snapshot.objects.get(types.TrafficExtension)];
    if (asked && now[0] === plugins && now[1] === extensions) return;
    asked = true;
    [plugins, extensions] = now;
    modules.want(wantedIn(snapshot));
  };
}

function wantedIn(snapshot: Snapshot): readonly WantedModule[] {
  const plugins = all(snapshot, types.WasmPlugin) as Resource<WasmPluginSpec>[];
  const extensions = all(snapshot, types.TrafficExtension) as Resource<TrafficExtensionSpec>[];
  return [
    ...plugins.map((by) => wanted(by, by.spec, ["spec", "url"])),
    ...extensions.flatMap((by) => (by.spec.wasm ? [wanted(by, by.spec.wasm, ["spec", "wasm", "url"])] : [])),
  ];
}

function wanted(
  by: Resource,
  { url, sha256 = "", imagePullPolicy }: Pick<WasmPluginSpec, "url" | "sha256" | "imagePullPolicy">,
  path: WantedModule["path"],
): WantedModule {
  return { as: moduleRef(url, sha256), url, sha256, always: imagePullPolicy === "Always", by, path };
}
