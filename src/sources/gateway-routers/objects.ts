import { gatewayNameLabel, managedLabel } from "../../model/gateway-class.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";

/** The parts of a Gateway that its router depends on. */
export interface RoutedGateway {
  readonly gatewayClassName: string;
  readonly addresses?: readonly { readonly type?: string; readonly value?: string }[];
  readonly infrastructure?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly parametersRef?: { readonly group: string; readonly kind: string; readonly name: string };
  };
  readonly listeners?: readonly RoutedListener[];
}

export interface RoutedListener {
  readonly name: string;
  readonly port?: number;
  readonly protocol: string;
}

/** What a router is made of, before anybody's wishes. */
export interface RouterObjects {
  readonly deployment: Resource;
  readonly service: Resource;
  readonly serviceAccount: Resource;
  /** Where it is wished for. */
  readonly horizontalPodAutoscaler?: Resource;
  /** Where it is wished for. */
  readonly podDisruptionBudget?: Resource;
}

/** Ports below 1024 that a router may not open, it opens this much higher; its Service says so. */
const lift = 8000;
const statusPort = 15_021;

/** Deployment, Service and ServiceAccount of a Gateway's router, named as Istio names them: `front-istio`. */
export function routerObjects(
  gateway: Resource<RoutedGateway>,
  listeners: readonly RoutedListener[],
  lowPorts: boolean,
): RouterObjects {
  const { namespace, name, spec } = gateway;
  const own = gateway.annotations["gateway.istio.io/name-override"] ?? `${name}-${spec.gatewayClassName}`;
  const account = gateway.annotations["gateway.istio.io/service-account"] ?? own;
  const { labels, annotations } = wishes(gateway);
  const selector = { [gatewayNameLabel]: name };
  const all = { ...labels, ...selector, [managedLabel]: "istio.io-gateway-controller" };
  const pod = { ...all, "service.istio.io/canonical-name": own, "service.istio.io/canonical-revision": "latest" };
  const made = (type: string, apiVersion: string, called: string, content: unknown): Resource => ({
    ...{ type, apiVersion, namespace, name: called, labels: all, annotations },
    ...{ createdAt: gateway.createdAt, generation: 1, spec: content, origin: gateway.origin },
  });
  return {
    serviceAccount: made(types.ServiceAccount, "v1", account, {}),
    service: made(types.Service, "v1", own, {
      type: gateway.annotations["networking.istio.io/service-type"] ?? "LoadBalancer",
      selector,
      ...loadBalancerIp(spec.addresses),
      ports: servicePorts(listeners, lowPorts),
    }),
    deployment: made(types.Deployment, "apps/v1", own, {
      replicas: 1,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: pod, annotations: { ...annotations, "inject.istio.io/templates": "gateway" } },
        spec: { serviceAccountName: account, containers: [{ name: "istio-proxy", image: "auto" }] },
      },
    }),
  };
}

/** The address that a Gateway asks for, as Istio asks a load balancer for it. */
function loadBalancerIp(addresses: RoutedGateway["addresses"]): { readonly loadBalancerIP?: string } {
  const value = addresses?.[0]?.value;
  return value ? { loadBalancerIP: value } : {};
}

/** What a Gateway says under `infrastructure`; where it says nothing there, its own labels and annotations go on, as in Istio. */
function wishes({ spec, labels, annotations }: Resource<RoutedGateway>) {
  const { infrastructure } = spec;
  if (infrastructure !== undefined)
    return { labels: infrastructure.labels ?? {}, annotations: infrastructure.annotations ?? {} };
  const public_ = Object.entries(annotations).filter(
    ([key]) => key !== "kubectl.kubernetes.io/last-applied-configuration",
  );
  return { labels, annotations: Object.fromEntries(public_) };
}

function servicePorts(listeners: readonly RoutedListener[], lowPorts: boolean) {
  const seen = new Set<string>();
  const ports = listeners.flatMap(({ name, port, protocol }) => {
    const transport = protocol === "UDP" ? "UDP" : "TCP";
    if (port === undefined || seen.has(`${transport} ${port}`)) return [];
    seen.add(`${transport} ${port}`);
    const targetPort = lowPorts || port >= 1024 ? port : port + lift;
    return [{ name, port, targetPort, protocol: transport, appProtocol: protocol.toLowerCase() }];
  });
  return [
    { name: "status-port", port: statusPort, targetPort: statusPort, protocol: "TCP", appProtocol: "tcp" },
    ...ports,
  ];
}
