import { ApiClient } from "../client.ts";
import type { KubeCluster } from "./cluster.ts";
import { type ControlPlane, connectToApi, readyControlPlanes } from "./control-planes.ts";

/** The API of one replica of a control plane. */
export interface ClusterApi {
  readonly replica: ControlPlane;
  readonly client: ApiClient;
}

/** The APIs of all replicas that are ready, through the API server. Rejects with a CliError where there is none. */
export async function clusterApis(
  cluster: KubeCluster,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<readonly [ClusterApi, ...ClusterApi[]]> {
  const replicas = await readyControlPlanes(cluster);
  const apis = replicas.map((replica) => {
    const from = `${replica.namespace}/${replica.pod} of context ${cluster.context}`;
    const { token } = cluster;
    const connect = () => connectToApi(cluster, replica);
    const target = { server: "http://localhost:20001", from, connect, ...(token === undefined ? {} : { token }) };
    return { replica, client: new ApiClient(target, signal, timeoutMs) };
  });
  return apis as [ClusterApi, ...ClusterApi[]];
}
