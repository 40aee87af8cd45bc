import { asks } from "../../inject/decide.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { clusterApis } from "../kube/cluster-api.ts";
import { listAll } from "../kube/list.ts";
import { mergedProxies, type ServedProxy } from "../kube/merged-proxies.ts";
import { hasProxy, isReady, type Pod, whyNotReady } from "../kube/pod.ts";
import type { Session } from "../session.ts";
import type { Category, Found } from "./check.ts";
import { envoyFault } from "./envoy-faults.ts";

const hourMs = 3_600_000;
/** Names in one line. */
const shown = 5;

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

function outOfSync(proxies: readonly ServedProxy[]): readonly Found[] {
  const refused = proxies.filter((p) => p.connected && Object.values(p.types).some((t) => t.state === "ERROR"));
  const stale = proxies.filter((p) => p.connected && Object.values(p.types).some((t) => t.state === "STALE"));
  return [
    ...some(
      refused.map((p) => p.id),
      "failed",
      "refused a part of their configuration",
      "weft proxy-status POD has Envoy's words",
    ),
    ...some(
      stale.map((p) => p.id),
      "warning",
      "have not acknowledged yet what was sent",
      "weft proxy-status shows what",
    ),
  ];
}

function ending(proxies: readonly ServedProxy[], now: number): readonly Found[] {
  const soon = proxies.filter(
    (p) => p.connected && p.certificateExpiresAt !== undefined && p.certificateExpiresAt - now < hourMs,
  );
  return some(
    soon.map((p) => p.id),
    "failed",
    "have certificates that end within the hour",
    "they are renewed long before: see the control plane's log",
  );
}

const running = (proxies: readonly ServedProxy[]): readonly string[] => [
  ...new Set(proxies.flatMap((p) => (p.connected && p.envoyVersion !== undefined ? [p.envoyVersion] : []))),
];

function vulnerable(proxies: readonly ServedProxy[]): readonly Found[] {
  return running(proxies)
    .map(envoyFault)
    .filter((fault) => fault !== undefined)
    .map((fault) => ({
      outcome: "failed",
      says: fault,
      hint: "use Weft's own image of the proxy, and restart the workloads",
    }));
}

function versions(proxies: readonly ServedProxy[]): readonly Found[] {
  const all = [...running(proxies)];
  if (all.length < 2) return [];
  return [
    {
      outcome: "warning",
      says: `they are ${all.sort().join(" and ")}`,
      hint: "restart the workloads with the older one: kubectl rollout restart",
    },
  ];
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

/** One finding for all of a kind. */
function some(names: readonly string[], outcome: Found["outcome"], what: string, hint: string): readonly Found[] {
  if (names.length === 0) return [];
  const more = names.length > shown ? ` and ${names.length - shown} more` : "";
  return [{ outcome, says: `${names.length} ${what}: ${names.slice(0, shown).join(", ")}${more}`, hint }];
}
