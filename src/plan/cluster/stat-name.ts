import type { Service, ServicePort } from "../service.ts";

/** What a cluster's statistics are named after. */
interface Named {
  readonly service: Pick<Service, "type" | "host" | "name" | "namespace">;
  readonly port: Pick<ServicePort, "number" | "name" | "targetPort">;
  /** Empty for the whole service, and on the way in. */
  readonly subset?: string;
}

/** A cluster's name in statistics by MeshConfig's `inboundClusterStatName` or `outboundClusterStatName`; undefined where it is the cluster's own. */
export function statName(pattern: string | undefined, { service, port, subset = "" }: Named): string | undefined {
  if (pattern === undefined || pattern === "") return undefined;
  const { type, host, name, namespace } = service;
  const values: Readonly<Record<string, string>> = {
    SERVICE: type === "Service" ? `${name}.${namespace}` : host,
    SERVICE_FQDN: host,
    SERVICE_PORT: String(port.number),
    SERVICE_PORT_NAME: port.name,
    TARGET_PORT: String(port.targetPort),
    SUBSET_NAME: subset,
  };
  return pattern.replace(/%([A-Z_]+)%/g, (whole, variable: string) => values[variable] ?? whole);
}
