import type { VirtualServiceSpec } from "../gen/istio/virtual-service.ts";
import { all, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";

/** The page that a gateway leads to first, for who wants to click on something: the first path that is matched exactly, else `/`. */
export function frontPage(snapshot: Snapshot): string {
  for (const { spec } of all(snapshot, types.VirtualService)) {
    const { gateways, http } = spec as VirtualServiceSpec;
    if (!gateways?.some((name) => name !== "mesh")) continue;
    const matches = (http ?? []).filter((route) => route.redirect === undefined).flatMap((route) => route.match ?? []);
    const path = matches.map((match) => match.uri?.exact).find((exact) => exact?.startsWith("/"));
    if (path !== undefined) return path;
  }
  return "/";
}
