import { KubernetesError } from "../kubernetes/error.ts";
import { keep } from "../kubernetes/kept.ts";
import type { Operator, World } from "./operator.ts";
import { reconciler } from "./reconcile.ts";

export interface EarlyGatewaysOptions extends World {
  /** Where the control plane is installed, with its gateways. */
  readonly namespace: string;
}

/**
 * Takes away gateway Pods of the install namespace that were made before the injection webhook was there: their image is still `auto`, which nobody
 * can pull, and their ReplicaSet makes new ones. An installation creates Deployments and webhooks in one go, so either may be first.
 */
export function earlyGateways({ namespace, ...world }: EarlyGatewaysOptions): Operator {
  const { client, clock, random, log } = world;
  return () => {
    const kept = keep({
      ...world,
      resource: { group: "", version: "v1", plural: "pods" },
      query: { fieldSelector: `metadata.namespace=${namespace}`, labelSelector: "sidecar.istio.io/inject=true" },
      of: ({ metadata, spec }) =>
        isEarly(spec) && metadata.deletionTimestamp === undefined ? metadata.name : undefined,
      onChange: () => work.changed(),
    });
    const once = async () => {
      for (const name of kept.all.values()) {
        if (name === undefined) continue;
        log.info("a gateway's Pod is older than the injection webhook; it is made anew", { namespace, name });
        await client
          .ask(`/api/v1/namespaces/${namespace}/pods/${name}`, { method: "DELETE" })
          .catch((error: unknown) => {
            if (!(error instanceof KubernetesError && error.code === 404)) throw error;
          });
      }
    };
    const work = reconciler({ clock, random, log, name: "gateways without a proxy", once });
    return () => {
      work.stop();
      void kept.stop();
    };
  };
}

function isEarly(spec: unknown): boolean {
  const { containers = [] } = (spec ?? {}) as { readonly containers?: readonly { readonly image?: string }[] };
  return containers.some(({ image }) => image === "auto");
}
