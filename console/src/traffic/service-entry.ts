import type { GraphEdge } from "../../../src/api/contract/graph.ts";

/** What a ServiceEntry would have to say of a host that was called without one. */
export interface MissingEntry {
  /** Of the object. */
  readonly name: string;
  readonly host: string;
  /** Where it was called by its address alone. */
  readonly address?: string;
  readonly port: string;
  readonly protocol: "HTTP" | "TLS" | "TCP";
}

/** Undefined for a host that was called by no name. Reports do not tell ports, so they are the usual ones. */
export function missingEntry(host: string, edges: readonly Pick<GraphEdge, "protocol">[]): MissingEntry | undefined {
  const isAddress = /^[\d.]+$|:/.test(host);
  if (!isAddress && !/^[a-z0-9*]([-a-z0-9.]*[a-z0-9])?$/i.test(host)) return undefined;
  const name = host
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const port = edges.some((e) => e.protocol !== "tcp")
    ? ({ port: "80", protocol: "HTTP" } as const)
    : ({ port: "443", protocol: isAddress ? "TCP" : "TLS" } as const);
  return isAddress ? { name, host: `${name}.internal`, address: host, ...port } : { name, host, ...port };
}

/** The same as YAML. */
export function serviceEntryYaml({ name, host, address, port, protocol }: MissingEntry, namespace: string): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  hosts:
    - ${JSON.stringify(host)}
${address === undefined ? "" : `  addresses:\n    - ${JSON.stringify(address)}\n`}  location: MESH_EXTERNAL
  resolution: ${address === undefined ? "DNS" : "NONE"}
  ports:
    - number: ${port} # change it where another one is called
      name: ${protocol.toLowerCase()}
      protocol: ${protocol}
`;
}
