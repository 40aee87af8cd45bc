import type { OutboundTrafficPolicy } from "../gen/istio/sidecar.ts";
import type { Scope, Step } from "../track/scope.ts";
import { blackHoleCluster, dynamicDnsCluster, passthroughCluster } from "./cluster-name.ts";
import { mesh } from "./mesh.ts";
import { destinationRef } from "./route/destination.ts";
import { reach } from "./route/reach.ts";
import { sidecarSpec } from "./sidecar/egress.ts";
import { parseView, type View } from "./view.ts";

/** Where goes what no service names. */
export interface OutboundPolicy {
  /** Cluster of connections. */
  readonly bytes: string;
  /** Cluster of HTTP requests; absent: they are refused. */
  readonly requests?: string;
}

/** Of a view: what its Sidecar says, else the mesh. Key: `viewKey`. */
export const outboundPolicy: Step<OutboundPolicy> = {
  name: "plan/outboundPolicy",
  run: (scope, key) => {
    const view = parseView(key);
    const said = view.sidecar === undefined ? undefined : scope.ask(sidecarSpec, view.sidecar)?.outboundTrafficPolicy;
    return said === undefined ? ofMesh(scope) : ofSidecar(scope, view, said);
  },
};

const refused: OutboundPolicy = { bytes: blackHoleCluster };

function ofMesh(scope: Scope): OutboundPolicy {
  const mode = scope.ask(mesh, "").outboundTrafficPolicy;
  if (mode === "REGISTRY_ONLY") return refused;
  return {
    bytes: passthroughCluster,
    requests: mode === "ALLOW_ANY_DYNAMIC_DNS" ? dynamicDnsCluster : passthroughCluster,
  };
}

/** A mode that is not written is REGISTRY_ONLY, as in Istio. */
function ofSidecar(scope: Scope, view: View, { mode, egressProxy }: OutboundTrafficPolicy): OutboundPolicy {
  if (mode !== "ALLOW_ANY") return refused;
  if (egressProxy === undefined) return { bytes: passthroughCluster, requests: passthroughCluster };
  const { cluster } = reach(scope, view, destinationRef(egressProxy), egressProxy.port?.number ?? 0);
  return { bytes: cluster, requests: cluster };
}
