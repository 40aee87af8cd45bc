import { formatRef, type Resource } from "../../model/resource.ts";
import { portProtocol } from "../protocol.ts";
import type { Service, ServicePort } from "../service.ts";

/** The parts of core/v1 Service that the mesh reads. */
export interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalName?: string;
  readonly trafficDistribution?: string;
  readonly publishNotReadyAddresses?: boolean;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly name?: string;
    readonly port: number;
    readonly targetPort?: number | string;
    readonly protocol?: string;
    readonly appProtocol?: string;
  }[];
}

/** What a Kubernetes Service says. `exportTo` is the mesh's default for services without the annotation. */
export function kubernetesService(
  resource: Resource<ServiceSpec>,
  domain: string,
  exportTo: readonly string[],
): Service {
  const { spec } = resource;
  const addresses = (spec.clusterIPs ?? [spec.clusterIP ?? ""]).filter((ip) => ip !== "" && ip !== "None");
  const said = resource.annotations["networking.istio.io/exportTo"];
  const distribution = resource.annotations["networking.istio.io/traffic-distribution"] ?? spec.trafficDistribution;
  const external = spec.type === "ExternalName" && spec.externalName !== undefined;
  return {
    host: `${resource.name}.${resource.namespace}.svc.${domain}`,
    namespace: resource.namespace,
    name: resource.name,
    kind: "Service",
    addresses,
    ports: streamsFirst((spec.ports ?? []).map(servicePort)),
    resolution: external ? "dns" : "static",
    headless: !external && addresses.length === 0,
    external,
    ...(distribution === undefined ? {} : { trafficDistribution: distribution }),
    ...(spec.publishNotReadyAddresses === true ? { publishNotReady: true } : {}),
    ...(external ? { alias: spec.externalName as string } : {}),
    exportTo: said === undefined ? exportTo : said.split(",").map((ns) => ns.trim()),
    labels: resource.labels,
    annotations: resource.annotations,
    ...(spec.selector && Object.keys(spec.selector).length > 0 ? { selector: spec.selector } : {}),
    subjectAltNames: [],
    createdAt: resource.createdAt,
    type: resource.type,
    ref: formatRef(resource),
    at: resource.origin.at,
  };
}

/** A number may stand for TCP and for UDP: who looks for it means the port that the mesh carries. */
function streamsFirst(ports: readonly ServicePort[]): readonly ServicePort[] {
  return [...ports.filter((p) => p.protocol !== "udp"), ...ports.filter((p) => p.protocol === "udp")];
}

function servicePort(port: NonNullable<ServiceSpec["ports"]>[number]): ServicePort {
  return {
    number: port.port,
    name: port.name ?? "",
    protocol: portProtocol(port),
    targetPort: port.targetPort ?? port.port,
  };
}
