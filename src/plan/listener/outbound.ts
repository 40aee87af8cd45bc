import type { Scope, Step } from "../../track/scope.ts";
import { clusterName } from "../cluster-name.ts";
import { isHttp, isHttp2, isTls } from "../protocol.ts";
import { endpoints, endpointsKey } from "../registry/endpoints.ts";
import { visibleServices } from "../registry.ts";
import type { Service, ServicePort } from "../service.ts";
import { parseView } from "../view.ts";

/** What leaves a sidecar, by the address that the application calls. */
export interface OutboundPlan {
  /** Ports with an HTTP listener for all services: `0.0.0.0_9080`. */
  readonly httpPorts: readonly HttpPort[];
  /** Listeners of one address: `10.96.0.7_3306`. */
  readonly addresses: readonly AddressListener[];
  /** Ports on which TLS is told apart by its SNI: `0.0.0.0_443`. */
  readonly tlsPorts: readonly TlsListener[];
}

export interface HttpPort {
  readonly port: number;
  /** Some service of this port speaks gRPC or HTTP/2. */
  readonly grpc: boolean;
}

export interface AddressListener {
  readonly address: string;
  readonly port: number;
  /** `tcp`: bytes as they are. `sniffed`: HTTP where it looks like it. */
  readonly mode: "tcp" | "sniffed";
  readonly target: TcpTarget;
}

export interface TlsListener {
  readonly port: number;
  readonly targets: readonly (TcpTarget & { readonly serverNames: readonly string[] })[];
}

/** A service's port as the end of a connection; VirtualServices' TCP and TLS routes may divide it. */
export interface TcpTarget {
  readonly service: Service;
  readonly port: ServicePort;
  readonly cluster: string;
}

/** Outbound listeners of a view. Key: `viewKey`. Source: Istio's listener rules for each protocol. */
export const outboundPlan: Step<OutboundPlan> = {
  name: "plan/outbound",
  run: (scope, key) => {
    const view = parseView(key);
    const httpPorts = new Map<number, boolean>();
    const addresses = new Map<string, AddressListener>();
    const tls = new Map<number, TlsListener["targets"][number][]>();
    for (const service of scope.ask(visibleServices, view.namespace)) {
      for (const port of service.ports) {
        const target = { service, port, cluster: clusterName("outbound", port.number, "", service.host) };
        if (isHttp(port.protocol))
          httpPorts.set(port.number, isHttp2(port.protocol) || httpPorts.get(port.number) === true);
        else if (isTls(port.protocol))
          tls.set(port.number, [...(tls.get(port.number) ?? []), { ...target, serverNames: [service.host] }]);
        else if (port.protocol !== "udp")
          for (const l of addressListeners(scope, target))
            addresses.set(`${l.address}_${l.port}`, addresses.get(`${l.address}_${l.port}`) ?? l);
      }
    }
    return {
      httpPorts: [...httpPorts].sort(([a], [b]) => a - b).map(([port, grpc]) => ({ port, grpc })),
      addresses: [...addresses.values()],
      tlsPorts: [...tls].sort(([a], [b]) => a - b).map(([port, targets]) => ({ port, targets })),
    };
  },
};

function addressListeners(scope: Scope, target: TcpTarget): readonly AddressListener[] {
  const { service, port } = target;
  const mode = port.protocol === "unsupported" ? "sniffed" : "tcp";
  const at = (address: string): AddressListener => ({ address, port: port.number, mode, target });
  if (service.addresses.length > 0) return service.addresses.map(at);
  if (!service.headless) return service.resolution === "none" ? [at("0.0.0.0")] : [];
  return [...new Set(scope.ask(endpoints, endpointsKey(service, port.number)).map((e) => e.address))].map(at);
}
