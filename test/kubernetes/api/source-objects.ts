import type { Written } from "../objects.ts";

export function namespace(name: string, labels: object = {}): Written {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export function serviceAccount(ns: string, name: string): Written {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: ns, name } };
}

export function service(ns: string, name: string, spec: object = {}, labels: object = {}): Written {
  const ports = [{ port: 80, name: "http" }];
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: ns, labels }, spec: { ports, ...spec } };
}

export function virtualService(ns: string, name: string, rule: object, labels: object = {}): Written {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, namespace: ns, labels },
    spec: { hosts: [name], http: [{ route: [{ destination: { host: name } }], ...rule }] },
  };
}

/** A Pod as a kubelet would show it; its status is for `applyStatus`. */
export function pod(ns: string, name: string, labels: object, ips: readonly string[]): readonly [Written, Written] {
  const whole = { apiVersion: "v1", kind: "Pod" };
  const containers = [{ name: "app", image: "app:1", ports: [{ name: "http", containerPort: 8080 }] }];
  const spec = { serviceAccountName: "default", containers };
  const status = {
    phase: "Running",
    podIP: ips[0],
    podIPs: ips.map((ip) => ({ ip })),
    conditions: [{ type: "Ready", status: "True" }],
  };
  return [
    { ...whole, metadata: { name, namespace: ns, labels }, spec },
    { ...whole, metadata: { name, namespace: ns }, status },
  ];
}

export function gateway(ns: string, name: string, selector: object, credentialName: string): Written {
  const port = { number: 443, name: "https", protocol: "HTTPS" };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name, namespace: ns },
    spec: { selector, servers: [{ port, hosts: ["*"], tls: { mode: "SIMPLE", credentialName } }] },
  };
}

export function secret(ns: string, name: string, value = "1"): Written {
  const data = { "tls.crt": Buffer.from(value).toString("base64") };
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: ns }, data };
}

/** A slice of a Service, as the controller of Kubernetes makes it. */
export function slice(
  ns: string,
  name: string,
  of: string,
  addressType: string,
  endpoints: readonly object[],
): Written {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: ns, labels: { "kubernetes.io/service-name": of } },
    addressType,
    endpoints,
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  };
}
