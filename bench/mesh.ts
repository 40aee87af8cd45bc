import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Size of a generated mesh. */
export interface MeshSize {
  readonly services: number;
  /** Endpoints of each service, half v1, half v2. */
  readonly endpoints: number;
}

/** Writes a mesh as YAML files, one a service: a ServiceEntry with its endpoints, a VirtualService and a DestinationRule. */
export function writeMesh(folder: string, { services, endpoints }: MeshSize): void {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < services; i++) {
    const texts = [serviceEntry(i, endpoints), virtualService(`svc-${i}`, `svc-${i}`), destinationRule(`svc-${i}`)];
    writeFileSync(join(folder, `svc-${i}.yaml`), texts.join("---\n"));
  }
}

const hostOf = (name: string) => `${name}.default.svc.cluster.local`;

function serviceEntry(i: number, endpoints: number): string {
  const name = `svc-${i}`;
  const net = `${i >> 8}.${i & 255}`;
  const list = Array.from({ length: endpoints }, (_, k) => {
    const labels = `{app: ${name}, version: v${1 + (k % 2)}}`;
    return `    - {address: 10.${20 + k}.${net}, labels: ${labels}, ports: {http: 8080, grpc: 7070}, serviceAccount: ${name}}`;
  });
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: default}
spec:
  hosts: [${hostOf(name)}]
  addresses: [10.96.${100 + (i >> 8)}.${i & 255}]
  location: MESH_INTERNAL
  resolution: STATIC
  ports:
    - {number: 80, name: http, protocol: HTTP}
    - {number: 7070, name: grpc, protocol: GRPC}
  endpoints:
${list.join("\n")}
`;
}

/** The route of a service; `mark` is what an edit changes, so that its arrival can be seen. */
export function virtualService(name: string, mark: string): string {
  const host = hostOf(name);
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: default}
spec:
  hosts: [${host}]
  http:
    - match: [{headers: {x-user: {exact: jason}}}]
      route: [{destination: {host: ${host}, subset: v2}}]
    - timeout: 3s
      retries: {attempts: 2, perTryTimeout: 1s, retryOn: 5xx}
      headers: {request: {set: {x-rev: ${mark}-}}}
      route:
        - {destination: {host: ${host}, subset: v1}, weight: 80}
        - {destination: {host: ${host}, subset: v2}, weight: 20}
`;
}

/** The same route, but that Envoy answers with `text` itself where the header does not match. */
export function answeringRoute(name: string, text: string): string {
  const host = hostOf(name);
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: default}
spec:
  hosts: [${host}]
  http:
    - match: [{headers: {x-user: {exact: jason}}}]
      route: [{destination: {host: ${host}, subset: v2}}]
    - directResponse: {status: 200, body: {string: "${text}"}}
`;
}

function destinationRule(name: string): string {
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${name}, namespace: default}
spec:
  host: ${hostOf(name)}
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 100}}
    outlierDetection: {consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s}
  subsets:
    - {name: v1, labels: {version: v1}}
    - {name: v2, labels: {version: v2}}
`;
}

if (import.meta.main) {
  const [folder, services = "1000", endpoints = "5"] = process.argv.slice(2);
  if (folder === undefined) throw new Error("usage: node bench/mesh.ts FOLDER [SERVICES] [ENDPOINTS]");
  writeMesh(folder, { services: Number(services), endpoints: Number(endpoints) });
}
