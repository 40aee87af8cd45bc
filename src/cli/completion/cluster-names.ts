import { customTypes } from "../../sources/kubernetes/kinds.ts";
import type { CliDeps } from "../deps.ts";
import { kindWords } from "../kinds.ts";
import { kubeCluster } from "../kube/cluster.ts";
import { chooseKube, type KubeFlags } from "../kube/kubeconfig.ts";
import { listAll } from "../kube/list.ts";
import type { Pod } from "../kube/pod.ts";
import type { Candidate, Dynamic } from "./complete.ts";

/** Contexts of the kubeconfig. */
export async function contexts({ kubeconfig }: KubeFlags, deps: CliDeps): Promise<Candidate[]> {
  const { config } = await chooseKube(kubeconfig === undefined ? {} : { kubeconfig }, deps);
  return config.contexts.map(({ name, cluster }) => ({ word: name, says: cluster }));
}

/** Names of a cluster, as far as it tells them within `timeoutMs`. Rejects where it does not. */
export async function clusterNames(
  place: Dynamic,
  flags: KubeFlags,
  namespaceFlag: string | undefined,
  deps: CliDeps,
  timeoutMs: number,
): Promise<Candidate[]> {
  if (place === "kind") return kindWords(customTypes).map((word) => ({ word, says: "" }));
  const signal = AbortSignal.any([deps.interrupted, AbortSignal.timeout(timeoutMs)]);
  const choice = await chooseKube(flags, deps);
  const cluster = kubeCluster(choice, { installNamespace: "istio-system", timeoutMs, signal });
  if (place === "namespace")
    return (await listAll(cluster, "/api/v1/namespaces")).map(({ metadata }) => ({ word: metadata.name, says: "" }));
  if (place === "object") return [];
  const namespace = namespaceFlag ?? choice.namespace;
  const pods = await listAll<Pod>(cluster, `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`);
  const deployments = await listAll(cluster, `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments`);
  return [
    ...pods.map(({ metadata, status }) => ({ word: metadata.name, says: status?.phase ?? "" })),
    ...deployments.map(({ metadata }) => ({ word: `deployment/${metadata.name}`, says: "every pod of it" })),
  ];
}
