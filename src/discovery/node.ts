import type { JsonObject } from "@bufbuild/protobuf";
import type { Node } from "../gen/envoy/config/core/v3/base_pb.js";
import { type Identity, spiffeId } from "../model/identity.ts";
import type { Proxy } from "../model/proxy.ts";

/** Why a proxy is not served: one sentence, sent to it and logged. */
export interface NodeRefusal {
  readonly refused: string;
}

/** Who was verified; nobody on a plaintext port. `pod`: the one that the token is bound to. */
export interface Verified {
  readonly identity?: Identity;
  readonly pod?: string;
}

/**
 * The proxy that a node describes: Istio's node id `KIND~IP~POD.NAMESPACE~DOMAIN` and metadata. Refused where it is of another namespace or
 * ServiceAccount than the verified identity, or of another Pod than the token's.
 */
export function proxyOfNode(
  node: Node,
  { identity, pod: boundTo }: Verified,
  trustDomain: string,
): Proxy | NodeRefusal {
  const parts = node.id.split("~");
  const [kind, ip, pod, dnsDomain] = parts;
  if (parts.length !== 4 || (kind !== "sidecar" && kind !== "router") || ip === undefined || pod === undefined) {
    return { refused: `node id "${node.id}" is not of the form sidecar~IP~POD.NAMESPACE~DOMAIN or router~...` };
  }
  const dot = pod.lastIndexOf(".");
  const metadata = (node.metadata ?? {}) as JsonObject;
  const text = (key: string, fallback: string) => (typeof metadata[key] === "string" ? metadata[key] : fallback);
  const namespace = text("NAMESPACE", dot < 0 ? "" : pod.slice(dot + 1));
  const name = dot < 0 ? pod : pod.slice(0, dot);
  const serviceAccount = text("SERVICE_ACCOUNT", identity?.serviceAccount ?? "default");
  if (identity !== undefined) {
    const claimed = { trustDomain, namespace, serviceAccount };
    if (spiffeId(identity) !== spiffeId(claimed)) {
      return { refused: `${spiffeId(identity)} may not be served as ${spiffeId(claimed)} (node ${node.id})` };
    }
  }
  if (boundTo !== undefined && boundTo !== name) {
    return {
      refused: `a token of Pod ${namespace}/${boundTo} may not be used by ${namespace}/${name} (node ${node.id})`,
    };
  }
  return {
    id: node.id,
    kind,
    name,
    namespace,
    ips: addresses(metadata, ip),
    labels: labelsOf(metadata),
    ...(identity === undefined ? {} : { identity }),
    serviceAccount,
    workload: text("WORKLOAD_NAME", name),
    kubeCluster: text("CLUSTER_ID", "Kubernetes"),
    locality: {
      region: node.locality?.region ?? "",
      zone: node.locality?.zone ?? "",
      subzone: node.locality?.subZone ?? "",
    },
    dnsDomain: dnsDomain ?? "",
    istioAgent: typeof metadata["ISTIO_VERSION"] === "string",
    metadata,
  };
}

function addresses(metadata: JsonObject, ip: string): readonly string[] {
  const said =
    typeof metadata["INSTANCE_IPS"] === "string" ? metadata["INSTANCE_IPS"].split(",").filter((a) => a !== "") : [];
  return said.length > 0 ? said : [ip];
}

function labelsOf(metadata: JsonObject): Readonly<Record<string, string>> {
  const labels = metadata["LABELS"];
  if (typeof labels !== "object" || labels === null || Array.isArray(labels)) return {};
  return Object.fromEntries(Object.entries(labels).filter((e): e is [string, string] => typeof e[1] === "string"));
}
