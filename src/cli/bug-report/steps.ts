import type { ProxySummary } from "../../api/cli-contract.ts";
import { pathOf } from "../../kubernetes/object.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { clusterApis } from "../kube/cluster-api.ts";
import { findControlPlanes } from "../kube/control-planes.ts";
import { askEnvoy } from "../kube/envoy-admin.ts";
import { type KubeObject, listAll } from "../kube/list.ts";
import { customKinds } from "../kube/live-objects.ts";
import { mergedProxies } from "../kube/merged-proxies.ts";
import { hasProxy, type Pod, proxyContainer } from "../kube/pod.ts";
import { podLog } from "../kube/pod-logs.ts";
import { webhookConfigurations } from "../kube/webhooks.ts";
import type { Session } from "../session.ts";
import type { Collection } from "./collect.ts";

export interface Scope {
  readonly cluster: KubeCluster;
  readonly session: Session;
  readonly into: Collection;
  /** Whether a namespace is a part of it. */
  readonly wants: (namespace: string) => boolean;
  readonly sinceSeconds: number;
}

/** The most that one container's log brings. */
const logBytes = 4 * 1024 * 1024;

/** Versions, the cluster's own things, and what Weft is installed as. */
export async function aboutCluster({ cluster, session, into }: Scope): Promise<void> {
  await into.step("versions", async () => {
    const kubernetes = await cluster.ask("/version");
    into.value("versions.json", { client: session.deps.version, node: process.version, kubernetes });
  });
  await into.step("nodes", async () => {
    const nodes = await listAll(cluster, "/api/v1/nodes");
    into.value(
      "cluster/nodes.json",
      nodes.map(({ metadata, status }) => ({ name: metadata.name, labels: metadata.labels, status })),
    );
  });
  const own = `/api/v1/namespaces/${encodeURIComponent(cluster.installNamespace)}`;
  await into.step("the installation", async () => {
    const apps = own.replace("/api/v1", "/apis/apps/v1");
    const labelSelector = "app=weft";
    into.value("install/deployments.json", await listAll(cluster, `${apps}/deployments`));
    into.value("install/services.json", await listAll(cluster, `${own}/services`, { labelSelector }));
    into.value("install/webhooks.json", await webhookConfigurations(cluster));
    const maps = await listAll(cluster, `${own}/configmaps`);
    into.value(
      "install/configmaps.json",
      maps.filter(({ metadata }) => /^(istio|weft)(-|$)/.test(metadata.name)),
    );
    const lease = own.replace("/api/v1", "/apis/coordination.k8s.io/v1");
    into.value("install/leases.json", await listAll(cluster, `${lease}/leases`));
  });
}

/** Objects of the kinds that the mesh reads. */
export async function meshObjects({ cluster, into, wants }: Scope): Promise<void> {
  await into.step("the mesh's objects", async () => {
    for (const kind of await customKinds(cluster))
      await into.step(kind.type, async () => {
        const found = await listAll(cluster, pathOf(kind.resource));
        const kept = found.filter(({ metadata }) => metadata.namespace === undefined || wants(metadata.namespace));
        if (kept.length > 0) into.value(`objects/${kind.type}.json`, kept);
      });
  });
  for (const plural of ["namespaces", "services", "pods", "events", "endpointslices"])
    await into.step(plural, async () => {
      const root = plural === "endpointslices" ? "/apis/discovery.k8s.io/v1" : "/api/v1";
      const found = await listAll(cluster, `${root}/${plural}`);
      const own = (one: KubeObject) => one.metadata.namespace ?? one.metadata.name;
      into.value(
        `objects/${plural}.json`,
        found.filter((one) => wants(own(one))),
      );
    });
}

/** What the control planes say, and what they wrote. */
export async function controlPlanes({ cluster, session, into, sinceSeconds }: Scope): Promise<void> {
  await into.step("proxy-status", async () => {
    const apis = await clusterApis(cluster, session.deps.interrupted, session.options.timeoutMs);
    const { items, silent } = await mergedProxies(apis);
    into.value("proxy-status.json", { items, silent } satisfies {
      items: readonly ProxySummary[];
      silent: readonly string[];
    });
    const [{ client }] = apis;
    for (const path of ["version", "diagnostics", "mesh"])
      await into.step(path, async () => into.value(`control-plane/${path}.json`, await client.get(path)));
  });
  await into.step("control planes' logs", async () => {
    for (const { namespace, pod } of await findControlPlanes(cluster)) {
      const object = await cluster.ask<Pod>(`/api/v1/namespaces/${namespace}/pods/${pod}`);
      await log(cluster, into, object, "application", sinceSeconds, `control-plane/${pod}`);
    }
  });
}

/** Each proxy's log and what its Envoy has. */
export async function proxies({ cluster, session, into, wants, sinceSeconds }: Scope): Promise<void> {
  await into.step("proxies", async () => {
    const pods = (await listAll<Pod>(cluster, "/api/v1/pods")).filter(
      (pod) => hasProxy(pod) && wants(pod.metadata.namespace ?? ""),
    );
    for (const pod of pods) {
      const at = { namespace: pod.metadata.namespace ?? "", pod: pod.metadata.name };
      const folder = `proxies/${at.namespace}/${at.pod}`;
      await log(cluster, into, pod, proxyContainer, sinceSeconds, `${folder}/proxy`);
      await into.step(`Envoy of ${at.namespace}/${at.pod}`, async () => {
        const limit = { timeoutMs: session.options.timeoutMs };
        into.value(
          `${folder}/config_dump.json`,
          JSON.parse(await askEnvoy(cluster, at, "/config_dump?include_eds", limit)),
        );
        into.text(`${folder}/clusters.txt`, await askEnvoy(cluster, at, "/clusters", limit));
        into.text(`${folder}/stats.txt`, await askEnvoy(cluster, at, "/stats?usedonly", limit));
        into.value(`${folder}/server_info.json`, JSON.parse(await askEnvoy(cluster, at, "/server_info", limit)));
      });
    }
  });
}

async function log(
  cluster: KubeCluster,
  into: Collection,
  pod: Pod,
  container: string,
  sinceSeconds: number,
  name: string,
): Promise<void> {
  const read = async (options: object, suffix: string) => {
    let text = "";
    for await (const chunk of podLog(cluster, pod, { container, sinceSeconds, limitBytes: logBytes, ...options }))
      text += chunk;
    into.text(`${name}${suffix}.log`, text);
  };
  await into.step(`log of ${pod.metadata.namespace}/${pod.metadata.name}`, () => read({}, ""));
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const restarted = statuses.some((one) => (one.restartCount ?? 0) > 0);
  if (restarted) await into.step(`earlier log of ${pod.metadata.name}`, () => read({ previous: true }, ".previous"));
}
