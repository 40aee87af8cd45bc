import type { Duplex } from "node:stream";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "./cluster.ts";
import { listAll } from "./list.ts";
import { isReady, type Pod, whyNotReady } from "./pod.ts";

/** A replica of a control plane. */
export interface ControlPlane {
  readonly pod: string;
  readonly namespace: string;
  readonly revision: string;
  readonly ready: boolean;
  /** What keeps it from being ready: `Pending: 0/1 nodes are available`. */
  readonly why?: string;
}

/** The port of the control plane's API and console, on its Pod's loopback. */
export const apiPort = 20_001;

/** Every replica in the install namespace, of one revision where one was asked for. Rejects with a CliError. */
export async function findControlPlanes(cluster: KubeCluster): Promise<readonly ControlPlane[]> {
  const { installNamespace, revision } = cluster;
  const path = `/api/v1/namespaces/${encodeURIComponent(installNamespace)}/pods`;
  const labelSelector = revision === undefined ? "app=weft" : `app=weft,istio.io/rev=${revision}`;
  const pods = await listAll<Pod>(cluster, path, { labelSelector });
  return pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => ({
      pod: pod.metadata.name,
      namespace: installNamespace,
      revision: pod.metadata.labels?.["istio.io/rev"] ?? "default",
      ready: isReady(pod),
      ...(isReady(pod) ? {} : { why: whyNotReady(pod) }),
    }))
    .sort((a, b) => (a.pod < b.pod ? -1 : 1));
}

/** Those that can be asked; at least one. Rejects with a CliError that says what to do where there is none. */
export async function readyControlPlanes(cluster: KubeCluster): Promise<readonly ControlPlane[]> {
  const all = await findControlPlanes(cluster);
  const ready = all.filter((one) => one.ready);
  if (ready.length > 0) return ready;
  const { context, installNamespace, revision } = cluster;
  const of = revision === undefined ? "" : ` of revision ${revision}`;
  if (all.length === 0)
    throw new CliError(
      exitCodes.unreachable,
      `there is no Weft${of} in namespace ${installNamespace} of the cluster that context ${context} names`,
      "install it: weft install. Another cluster: --context NAME; another namespace: --istioNamespace NAME",
    );
  throw new CliError(
    exitCodes.unreachable,
    `no control plane${of} is ready in namespace ${installNamespace}: ${all.map((one) => `${one.pod}: ${one.why}`).join("; ")}`,
    `look at it: kubectl --context ${context} -n ${installNamespace} describe pods -l app=weft, or weft check`,
  );
}

/** A connection to the API of one replica. */
export function connectToApi(cluster: KubeCluster, { namespace, pod }: ControlPlane): Promise<Duplex> {
  return cluster.connect({ namespace, pod, port: apiPort });
}
