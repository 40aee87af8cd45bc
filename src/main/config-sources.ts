import { join } from "node:path";
import { judge, judgeMeshConfig } from "../analysis/judge.ts";
import { withDefaults } from "../analysis/validate/schema/defaults.ts";
import type { Source } from "../model/change.ts";
import { folderSource } from "../sources/folder/source.ts";
import type { GatewayRouterOptions } from "../sources/gateway-routers/routers.ts";
import { meshConfigSource } from "../sources/mesh-config.ts";
import { systemRootsSource } from "../sources/system-roots.ts";
import type { Clock } from "../std/clock.ts";
import { dataFile } from "./data.ts";

export interface ConfigSourceOptions {
  readonly folders: readonly string[];
  readonly stateDir: string;
  readonly meshConfig?: string;
  /** Whether an ingress gateway of our own is added; one of the user's with the same name wins. */
  readonly gateway: boolean;
  /** How routers for Gateways of Gateway API are made; absent: none is. */
  readonly routers?: GatewayRouterOptions;
}

/** Folder that `weft apply` writes into. */
export function overlayOf(stateDir: string): string {
  return join(stateDir, "overlay");
}

/** Where configuration comes from: the user's folders with the overlay, and the MeshConfig. */
export function configSources(
  { folders, stateDir, meshConfig, gateway, routers }: ConfigSourceOptions,
  clock: Clock,
): readonly Source[] {
  return [
    folderSource({
      folders,
      overlay: overlayOf(stateDir),
      underlays: gateway ? [dataFile("install")] : [],
      validate: judge,
      complete: withDefaults,
      clock,
      ...(routers === undefined ? {} : { routers }),
    }),
    systemRootsSource(),
    ...(meshConfig === undefined ? [] : [meshConfigSource(meshConfig, clock, judgeMeshConfig)]),
  ];
}
