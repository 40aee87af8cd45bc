import { type Found, some } from "../../api/checks/found.ts";
import { ending, outOfSync, versions, vulnerable } from "../../api/checks/proxies.ts";
import { asks } from "../../inject/decide.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { clusterApis } from "../kube/cluster-api.ts";
import { listAll } from "../kube/list.ts";
import { mergedProxies, type ServedProxy } from "../kube/merged-proxies.ts";
import { hasProxy, isReady, type Pod, whyNotReady } from "../kube/pod.ts";
import type { Session } from "../session.ts";
import type { Category } from "./check.ts";

/** The data plane: proxies in sync, with certificates that last; Pods that should have one and have none. `namespace` narrows it. */
export function proxyChecks(cluster: KubeCluster, session: Session, namespace?: string): Category {
  let proxies: readonly ServedProxy[] = [];
  const own = (of: { readonly namespace: string }) => namespace === undefined || of.namespace === namespace;
  return {
    name: "proxies",
    checks: [
      {
        name: "control planes tell of their proxies",
        run: async () => {
          const apis = await clusterApis(cluster, session.deps.interrupted, session.options.timeoutMs);
          const { items, silent } = await mergedProxies(apis);
          proxies = items.filter(own);
          return silent.map((says): Found => ({ outcome: "warning", says }));
        },
      },
      { name: "proxies are in sync", run: async () => outOfSync(proxies) },
      { name: "their certificates last", run: async () => ending(proxies, session.deps.clock.now()) },
      { name: "their Envoys are of one version", run: async () => versions(proxies) },
      { name: "their Envoys have no known vulnerabilities", run: async () => vulnerable(proxies) },
      { name: "Pods that ask for a proxy have one", run: () => withoutProxy(cluster, own) },
      { name: "Pods with a proxy are connected and ready", run: () => unconnected(cluster, proxies, own) },
    ],
  };
}

async function withoutProxy(
  cluster: KubeCluster,
  own: (of: { readonly namespace: string }) => boolean,
): Promise<readonly Found[]> {
  const [namespaces, pods] = await Promise.all([
    listAll(cluster, "/api/v1/namespaces"),
    listAll<Pod>(cluster, "/api/v1/pods"),
  ]);
  const labels = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  const bare = pods.filter((pod) => {
    const { namespace = "", labels: its = {} } = pod.metadata;
    const ofNamespace = labels.get(namespace) ?? {};
    const names = [its["istio.io/rev"] ?? ofNamespace["istio.io/rev"] ?? "default", "default"];
    if (!own({ namespace }) || namespace === cluster.installNamespace || hasProxy(pod) || pod.spec?.hostNetwork)
      return false;
    const isDone = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
    return !isDone && asks({ namespace: ofNamespace, pod: its }, names);
  });
  return some(
    bare.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`),
    "warning",
    "ask for a proxy and have none",
    "weft check-inject POD says why; those older than the label want kubectl rollout restart",
  );
}

async function unconnected(
  cluster: KubeCluster,
  proxies: readonly ServedProxy[],
  own: (of: { readonly namespace: string }) => boolean,
): Promise<readonly Found[]> {
  const pods = await listAll<Pod>(cluster, "/api/v1/pods");
  const connected = new Set(proxies.filter((p) => p.connected).map((p) => p.id));
  const running = pods.filter(
    (pod) => hasProxy(pod) && own({ namespace: pod.metadata.namespace ?? "" }) && pod.status?.phase === "Running",
  );
  const lost = running.filter(({ metadata }) => !connected.has(`${metadata.name}.${metadata.namespace}`));
  const unready = running.filter((pod) => !isReady(pod) && !lost.includes(pod));
  return [
    ...some(
      lost.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`),
      "failed",
      "have a proxy that no control plane serves",
      "weft logs POD -c proxy says why it does not connect",
    ),
    ...some(
      unready.map((pod) => `${pod.metadata.name}.${pod.metadata.namespace} (${whyNotReady(pod)})`),
      "warning",
      "are not ready",
      "weft logs POD",
    ),
  ];
}
