import { all, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { Target } from "../telemetry/scraper.ts";

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
}

/** Told by the injector of each Pod that it gave a proxy, sidecar or gateway. */
const injected = "sidecar.istio.io/status";

/** Running Pods with a proxy, whichever replica it is connected to: so each replica's console shows the whole mesh. */
export function podTargets(snapshot: Snapshot): readonly Target[] {
  return all(snapshot, types.Pod).flatMap(({ namespace, name, annotations, status }) => {
    const { phase, podIP } = (status ?? {}) as PodStatus;
    if (annotations[injected] === undefined || phase !== "Running" || podIP === undefined) return [];
    return [{ proxyId: `${name}.${namespace}`, pod: name, namespace, address: podIP }];
  });
}
