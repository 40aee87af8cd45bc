import type { PodPort } from "../../kubernetes/port-forward.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "./cluster.ts";
import { apiPort, readyControlPlanes } from "./control-planes.ts";
import { adminPort } from "./envoy-admin.ts";
import { findPod, findPods } from "./find-pods.ts";
import { hasProxy, isReady } from "./pod.ts";

export type DoorName = "console" | "envoy" | "prometheus" | "grafana";

/** Something of a cluster that can be looked at. */
export interface Door {
  /** `Weft's console, by weft-5b8c`. */
  readonly says: string;
  /** The Pod's port to connect to now; rejects where there is none. */
  find(): Promise<PodPort>;
}

/** Finds it once, so that what is not there is told at once. Rejects with a CliError. */
export async function doorOf(
  cluster: KubeCluster,
  name: DoorName,
  pod: string | undefined,
  namespace: string | undefined,
): Promise<Door> {
  const find = finders[name](cluster, pod, namespace);
  const first = await find();
  return { says: `${titles[name]}, by Pod ${first.namespace}/${first.pod} of context ${cluster.context}`, find };
}

const titles: Readonly<Record<DoorName, string>> = {
  console: "Weft's console",
  envoy: "Envoy's admin interface",
  prometheus: "Prometheus",
  grafana: "Grafana",
};

type Finder = (cluster: KubeCluster, pod: string | undefined, namespace: string | undefined) => () => Promise<PodPort>;

const finders: Readonly<Record<DoorName, Finder>> = {
  console: (cluster) => async () => {
    const [first] = await readyControlPlanes(cluster);
    return { namespace: first?.namespace ?? "", pod: first?.pod ?? "", port: apiPort };
  },
  envoy: (cluster, word, namespace) => async () => {
    if (word === undefined) throw new CliError(exitCodes.usage, "of which proxy?", "weft dashboard envoy POD");
    const pod = await findPod(cluster, word, namespace);
    const { name, namespace: own = "default" } = pod.metadata;
    if (!hasProxy(pod))
      throw new CliError(
        exitCodes.notFound,
        `Pod ${own}/${name} has no proxy`,
        `weft check-inject ${name} -n ${own} says why`,
      );
    return { namespace: own, pod: name, port: adminPort };
  },
  prometheus: service(9090, ["prometheus", "prometheus-server"]),
  grafana: service(3000, ["grafana"]),
};

/** Of an add-on: a Service of one of these names, in the install namespace unless said otherwise. */
function service(port: number, names: readonly string[]): Finder {
  return (cluster, _, namespace = cluster.installNamespace) =>
    async () => {
      for (const name of names) {
        const pods = await findPods(cluster, `svc/${name}`, namespace).catch((error: unknown) => {
          if (error instanceof CliError && error.exitCode === exitCodes.notFound) return [];
          throw error;
        });
        const ready = pods.find(isReady);
        if (ready !== undefined) return { namespace, pod: ready.metadata.name, port };
      }
      throw new CliError(
        exitCodes.notFound,
        `there is no Service ${names.join(" or ")} with Pods that are ready in namespace ${namespace}`,
        "name its namespace with -n, or install it",
      );
    };
}
