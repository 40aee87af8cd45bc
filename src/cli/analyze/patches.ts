import { podLikes } from "../../analysis/workloads.ts";
import { type PatchedBy, patchFindings } from "../../discovery/patch-findings.ts";
import { patchedBy, proxyKey } from "../../discovery/resources/proxy.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Proxy } from "../../model/proxy.ts";
import { types } from "../../model/types.ts";
import type { Tracker } from "../../track/tracker.ts";

/** What the patches of a mesh in files would do to the proxies that its Pods and Deployments would have. */
export function patchesInFiles(tracker: Tracker): readonly Diagnostic[] {
  const { snapshot } = tracker;
  if (!snapshot.objects.has(types.EnvoyFilter)) return [];
  const proxies = tracker.ask(podLikes, "").flatMap((pod): PatchedBy[] => {
    const proxy = proxyOf(pod);
    return proxy === undefined ? [] : [{ proxy, patched: tracker.ask(patchedBy, proxyKey(proxy)) }];
  });
  return patchFindings(snapshot, proxies);
}

type PodLike = ReturnType<typeof podLikes.run>[number];

/** Undefined for one that has no proxy. */
function proxyOf({ namespace, name, labels, annotations }: PodLike): Proxy | undefined {
  const gateway = (annotations["inject.istio.io/templates"] ?? "").split(",").includes("gateway");
  const wanted = labels["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"];
  if (!gateway && wanted?.toLowerCase() === "false") return undefined;
  return {
    ...{ id: name, kind: gateway ? "router" : "sidecar", name, namespace, labels, ips: ["127.0.0.1"] },
    ...{ serviceAccount: "default", workload: name, kubeCluster: "Kubernetes", dnsDomain: "", istioAgent: false },
    ...{ locality: { region: "", zone: "", subzone: "" }, metadata: {} },
  };
}
