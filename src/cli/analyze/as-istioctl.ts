import { at } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";

/** istioctl knows no default namespace for what is in files: a namespace that was not written is none. */
export function withWrittenNamespace(resource: Resource): Resource {
  return resource.namespace === "default" && !namespaceIsWritten(resource) ? { ...resource, namespace: "" } : resource;
}

/** Whether an object's text names its namespace; one of an API server always has. */
export function namespaceIsWritten({ origin }: Resource): boolean {
  if (origin.line === 0) return true;
  return at(origin.locate(["metadata", "namespace"])) !== at(origin.locate(["metadata"]));
}

/** Settings of a mesh that say which gateway is there. */
interface IngressSettings {
  readonly ingressControllerMode?: string;
  readonly ingressService?: string;
}

const ports = [
  { name: "http2", port: 80 },
  { name: "https", port: 443 },
  { name: "tcp", port: 31400 },
  { name: "tls", port: 15443 },
];

/**
 * The Pod and Service of a gateway that istioctl takes as given where it has files alone, so that none is missed.
 * Source: istio/istio pkg/config/analysis/local/defaults.go. None where the settings turn Istio's ingress off.
 */
export function defaultIngress({ ingressControllerMode, ingressService }: IngressSettings): readonly Resource[] {
  if (ingressControllerMode === "OFF") return [];
  const name = ingressService || "istio-ingressgateway";
  const labels = { istio: "ingressgateway" };
  const namespace = "istio-system";
  const service = {
    selector: labels,
    ports: ports.map((p) => ({ ...p, protocol: "TCP", targetPort: p.port })),
  };
  return [
    object(types.Pod, namespace, `${name}-dummypod`, labels, { containers: [{ name: "istio-proxy" }] }),
    object(types.Service, namespace, name, {}, service),
  ];
}

function object(
  type: string,
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  spec: unknown,
): Resource {
  const place = { file: "istioctl", line: 0, column: 0 };
  const origin = { ...place, at: `istioctl's ${type} ${namespace}/${name}`, locate: () => place };
  return {
    ...{ type, namespace, name, labels, spec, origin, apiVersion: "v1" },
    ...{ annotations: {}, createdAt: 0, generation: 1 },
  };
}
