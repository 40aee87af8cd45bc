/** What a port carries. `unsupported` is Istio's word for a port that says nothing: its traffic is sniffed. */
export type Protocol =
  | "http"
  | "http2"
  | "grpc"
  | "grpc-web"
  | "https"
  | "tls"
  | "tcp"
  | "mongo"
  | "mysql"
  | "redis"
  | "udp"
  | "unsupported";

const byName: Readonly<Record<string, Protocol>> = {
  http: "http",
  http2: "http2",
  h2c: "http2",
  grpc: "grpc",
  "grpc-web": "grpc-web",
  https: "https",
  tls: "tls",
  tcp: "tcp",
  mongo: "mongo",
  mysql: "mysql",
  redis: "redis",
  udp: "udp",
};

const byAppProtocol: Readonly<Record<string, Protocol>> = {
  "kubernetes.io/h2c": "http2",
  "kubernetes.io/ws": "http",
  "kubernetes.io/wss": "https",
};

/** Ports that speak first at the server: sniffing there would wait for a client that stays silent. Source: Istio's protocol selection. */
const serverFirstPorts: Readonly<Record<number, Protocol>> = {
  53: "tcp",
  3306: "mysql",
  3307: "tcp",
  25: "tcp",
  27017: "mongo",
  465: "tcp",
  587: "tcp",
};

/** The protocol of a Kubernetes Service's port: appProtocol, then the name up to its first dash, then well-known numbers. */
export function portProtocol(port: {
  readonly port: number;
  readonly name?: string;
  readonly protocol?: string;
  readonly appProtocol?: string;
}): Protocol {
  if (port.protocol === "UDP" || port.protocol === "SCTP") return "udp";
  const app = port.appProtocol?.toLowerCase();
  const said = app === undefined ? undefined : (byAppProtocol[app] ?? byName[app]);
  if (said !== undefined) return said;
  const name = (port.name ?? "").toLowerCase();
  if (name === "grpc-web" || name.startsWith("grpc-web-")) return "grpc-web";
  return byName[name.split("-", 1)[0] as string] ?? serverFirstPorts[port.port] ?? "unsupported";
}

/** The protocol that an Istio object names: `HTTP`, `GRPC`, `TLS`, ... */
export function namedProtocol(protocol: string | undefined): Protocol {
  return byName[(protocol ?? "").toLowerCase()] ?? "unsupported";
}

/** Whether Envoy parses it as HTTP. */
export function isHttp(protocol: Protocol): boolean {
  return protocol === "http" || protocol === "http2" || protocol === "grpc" || protocol === "grpc-web";
}

/** Whether it is HTTP/2 from the first byte. */
export function isHttp2(protocol: Protocol): boolean {
  return protocol === "http2" || protocol === "grpc" || protocol === "grpc-web";
}

/** Whether its requests are gRPC's. */
export function isGrpc(protocol: Protocol): boolean {
  return protocol === "grpc" || protocol === "grpc-web";
}

/** Whether the client opens with TLS that the mesh does not end. */
export function isTls(protocol: Protocol): boolean {
  return protocol === "https" || protocol === "tls";
}
