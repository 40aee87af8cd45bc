import type { GraphEdge } from "../../../src/api/contract/graph.ts";

/** A ServiceEntry for a host that was called without one, as YAML; undefined for one that was called by no name. Reports do not tell ports, so they are the usual ones. */
export function serviceEntryYaml(
  host: string,
  edges: readonly Pick<GraphEdge, "protocol">[],
  namespace: string,
): string | undefined {
  const address = /^[\d.]+$|:/.test(host);
  if (!address && !/^[a-z0-9*]([-a-z0-9.]*[a-z0-9])?$/i.test(host)) return undefined;
  const name = host
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const http = edges.some((e) => e.protocol !== "tcp");
  const port = http
    ? { number: 80, name: "http", protocol: "HTTP" }
    : address
      ? { number: 443, name: "tcp", protocol: "TCP" }
      : { number: 443, name: "tls", protocol: "TLS" };
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  hosts:
    - ${address ? `${name}.internal` : JSON.stringify(host)}
${address ? `  addresses:\n    - ${JSON.stringify(host)}\n` : ""}  location: MESH_EXTERNAL
  resolution: ${address ? "NONE" : "DNS"}
  ports:
    - number: ${port.number} # change it where another one is called
      name: ${port.name}
      protocol: ${port.protocol}
`;
}
