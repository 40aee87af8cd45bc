import { type Cluster, ClusterSchema } from "../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { inboundPassthroughCluster } from "../../plan/cluster-name.ts";
import type { Patch, PatchContext } from "../../plan/patch/patch.ts";
import { mergeInto, type Patching, patchesTo, valueOf } from "./patch.ts";

/** Whether a sidecar's cluster leads to its own application. */
export function clusterContext(name: string): PatchContext {
  return name.startsWith("inbound|") || name === inboundPassthroughCluster ? "SIDECAR_INBOUND" : "SIDECAR_OUTBOUND";
}

/** A cluster after all patches of its context; undefined where one removes it. May change the cluster that it was given. */
export function patchCluster(cluster: Cluster, at: Patching): Cluster | undefined {
  for (const ready of patchesTo("CLUSTER", at)) {
    if (!isMeant(cluster, ready.patch, at)) continue;
    if (ready.patch.operation === "REMOVE") {
      at.hit(ready.patch);
      return undefined;
    }
    mergeInto(ClusterSchema, cluster, ready, at);
  }
  return cluster;
}

/** Clusters that patches add. One for any context is added once: beside those that lead out. */
export function addedClusters(at: Patching): readonly Cluster[] {
  return patchesTo("CLUSTER", at).flatMap((ready) => {
    if (ready.patch.operation !== "ADD" || (ready.patch.context === "ANY" && at.context === "SIDECAR_INBOUND"))
      return [];
    at.hit(ready.patch);
    return [valueOf(ClusterSchema, ready)];
  });
}

function isMeant({ name }: Cluster, { match }: Patch, { inboundHosts = {} }: Patching): boolean {
  const wanted = match.cluster;
  if (wanted === undefined) return true;
  if (wanted.name) return wanted.name === name;
  const [direction, port, subset, host = ""] = name.split("|");
  const hosts = direction === "inbound" ? (inboundHosts[Number(port)] ?? []) : [host];
  return (
    (!wanted.subset || wanted.subset === subset) &&
    (!wanted.service || hosts.includes(wanted.service)) &&
    (!wanted.portNumber || wanted.portNumber === Number(port))
  );
}
