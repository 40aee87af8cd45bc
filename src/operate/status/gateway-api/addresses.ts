import { isIP } from "node:net";
import type { GatewaySpec } from "../../../gen/gateway-api/gateway.ts";
import { fullHost } from "../../../model/full-host.ts";
import { isManaged } from "../../../model/gateway-class.ts";
import type { Resource } from "../../../model/resource.ts";
import { types } from "../../../model/types.ts";
import { mesh } from "../../../plan/mesh.ts";
import { endpoints, endpointsKey } from "../../../plan/registry/endpoints.ts";
import { servicesNamed } from "../../../plan/registry/service-index.ts";
import type { Service } from "../../../plan/service.ts";
import type { Scope } from "../../../track/scope.ts";

/** Where a Gateway can be reached, and what is missing for that. */
export interface Reach {
  readonly addresses: readonly { readonly type: "IPAddress" | "Hostname"; readonly value: string }[];
  /** Hosts of the Services that lead to its router. */
  readonly services: readonly string[];
  /** Why it cannot be reached everywhere that it should: a reason of the specification's condition `Programmed`. */
  readonly fault?: { readonly reason: "AddressNotAssigned" | "AddressNotUsable" | "Pending"; readonly message: string };
}

interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
}

interface ServiceStatus {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
}

type Fault = NonNullable<Reach["fault"]>;

interface Way {
  readonly host: string;
  readonly outside: readonly string[];
  readonly fault?: Fault;
}

/** The name of what is made for a Gateway: Istio's, `front-istio`. */
export function routerName({ name, annotations, spec }: Resource<GatewaySpec>): string {
  return annotations["gateway.istio.io/name-override"] ?? `${name}-${spec.gatewayClassName}`;
}

/**
 * The addresses of a Gateway by the Services that lead to its router: what a load balancer gave them, else their names in the cluster, as in Istio.
 */
export function reach(scope: Scope, gateway: Resource<GatewaySpec>, ports: readonly number[]): Reach {
  const { domain } = scope.ask(mesh, "");
  const { namespace, spec } = gateway;
  const hosts = isManaged(spec.addresses)
    ? [`${routerName(gateway)}.${namespace}.svc.${domain}`]
    : (spec.addresses ?? []).flatMap(({ type, value }) =>
        type === "Hostname" && value ? [fullHost(value, namespace, domain).toLowerCase()] : [],
      );
  const ways = hosts.map((host) => way(scope, gateway, host, ports));
  const outside = ways.flatMap((w) => w.outside);
  const inside = ways.flatMap((w) => (w.fault === undefined ? [w.host] : []));
  const values = [...new Set(outside.length > 0 ? outside : inside)];
  const fault = ways.find((w) => w.fault)?.fault ?? (hosts.length === 0 ? unusable(gateway) : undefined);
  return {
    addresses: values.map((value) => ({ type: isIP(value) === 0 ? "Hostname" : "IPAddress", value })),
    services: hosts,
    ...(fault === undefined ? {} : { fault }),
  };
}

function unusable({ spec }: Resource<GatewaySpec>): Fault {
  const said = (spec.addresses ?? []).map((a) => a.value ?? a.type).join(", ");
  const message = `none of its addresses (${said}) is the host of a Service in the cluster`;
  return { reason: "AddressNotUsable", message };
}

function way(scope: Scope, gateway: Resource<GatewaySpec>, host: string, ports: readonly number[]): Way {
  const managed = isManaged(gateway.spec.addresses);
  const service = scope.ask(servicesNamed, host).find((s) => s.kind === "Service");
  const found = service && scope.get<ServiceSpec>(refOf(service));
  if (service === undefined || found === undefined) {
    const fault: Fault = managed
      ? { reason: "AddressNotAssigned", message: `its Service ${routerName(gateway)} is not there yet` }
      : { reason: "AddressNotUsable", message: `there is no Service ${host}` };
    return { host, outside: [], fault };
  }
  const outside = ((found.status as ServiceStatus | undefined)?.loadBalancer?.ingress ?? []).flatMap(
    ({ ip, hostname }) => ip ?? hostname ?? [],
  );
  const { type } = found.spec;
  const fault = portFault(found, ports) ?? routerFault(scope, service, ports);
  if (fault !== undefined) return { host, outside, fault };
  if (type !== "LoadBalancer" || outside.length > 0) return { host, outside };
  const message = `the load balancer of Service ${found.name} has given it no address yet (for one inside of the cluster annotate the Gateway with networking.istio.io/service-type: ClusterIP)`;
  return { host, outside, fault: { reason: "AddressNotAssigned", message } };
}

function portFault({ name, spec }: Resource<ServiceSpec>, ports: readonly number[]): Fault | undefined {
  const missing = ports.filter((port) => !(spec.ports ?? []).some((p) => p.port === port));
  if (missing.length === 0) return undefined;
  return { reason: "AddressNotUsable", message: `the Service ${name} has no port ${missing.join(" and no port ")}` };
}

/** A router that nobody runs serves nobody. */
function routerFault(scope: Scope, service: Service, ports: readonly number[]): Fault | undefined {
  const port = service.ports.find((p) => ports.includes(p.number)) ?? service.ports[0];
  if (port === undefined) return undefined;
  if (scope.ask(endpoints, endpointsKey(service, port.number)).some((e) => e.healthy)) return undefined;
  return { reason: "Pending", message: `no Pod of Service ${service.name} is ready` };
}

function refOf({ namespace, name }: Service) {
  return { type: types.Service, namespace, name };
}
