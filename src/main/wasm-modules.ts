import { join } from "node:path";
import type { Discovery } from "../discovery/discovery.ts";
import type { TrafficExtensionSpec } from "../gen/istio/traffic-extension.ts";
import type { WasmPluginSpec } from "../gen/istio/wasm-plugin.ts";
import type { Resource } from "../model/resource.ts";
import { all, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { moduleRef } from "../plan/extension/module.ts";
import { ModuleSource, type WantedModule } from "../sources/modules/source.ts";
import { systemClock } from "./clock.ts";
import { systemRandom } from "./random.ts";

const fetchTimeoutMs = 30_000;

/** Where modules of WebAssembly come from; they are kept in the state folder. */
export function wasmModules(stateDir: string): ModuleSource {
  return new ModuleSource({
    folder: join(stateDir, "wasm"),
    clock: systemClock,
    random: systemRandom,
    fetch: download,
  });
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) }).catch((error: Error) => {
    throw new Error(String((error.cause as Error | undefined)?.message ?? error.message));
  });
  if (!response.ok) throw new Error(`its server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The source hears of every change: which modules the mesh names. First when all others have spoken, as they say what that is. */
export function followModules(discovery: Discovery, modules: ModuleSource): void {
  let asked = false;
  let plugins: unknown;
  let extensions: unknown;
  discovery.onChange(() => {
    const { snapshot, waiting } = discovery;
    if (!asked && [...waiting].some((name) => name !== modules.name)) return;
    const now = [snapshot.objects.get(types.WasmPlugin), snapshot.objects.get(types.TrafficExtension)];
    if (asked && now[0] === plugins && now[1] === extensions) return;
    asked = true;
    [plugins, extensions] = now;
    modules.want(wantedIn(snapshot));
  });
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
