import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The name of the mesh that a rehearsal brings up, and of its folder of state. */
export const rehearsalName = "certificate-rehearsal";

const server = `import { createServer, get } from "node:http";
const next = process.argv[2];
createServer((request, response) => {
  if (next === undefined) return response.end("back");
  const asked = get(next, { agent: false }, (answer) => {
    response.writeHead(answer.statusCode);
    answer.pipe(response);
  });
  asked.on("error", (error) => response.writeHead(599).end(String(error)));
}).listen(8080, process.env.POD_IP);
`;

/** A gateway before \`front\`, which asks \`back\`: two hops of strict mutual TLS, and a new connection for each request, so that each is a handshake. */
const mesh = `${workload("front", "node server.mjs http://back.default.svc.cluster.local/")}${workload("back", "node server.mjs")}
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: default}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: front, namespace: default}
spec:
  hosts: ["*"]
  gateways: [front]
  http: [{route: [{destination: {host: front, port: {number: 80}}}], retries: {attempts: 0}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: back, namespace: default}
spec:
  hosts: [back]
  http: [{route: [{destination: {host: back, port: {number: 80}}}], retries: {attempts: 0}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: no-reuse, namespace: default}
spec:
  host: "*.default.svc.cluster.local"
  trafficPolicy: {connectionPool: {http: {maxRequestsPerConnection: 1}}}
`;

function workload(name: string, run: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}}
      annotations: {weft.dev/run: "${run}"}
    spec:
      serviceAccountName: ${name}
      containers:
      - name: app
        image: none
        ports: [{containerPort: 8080}]
        env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
        readinessProbe: {tcpSocket: {port: 8080}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
`;
}

/** Writes the mesh's objects and its program into a folder; answers the folder. */
export function writeRehearsalMesh(stateDir: string): string {
  const folder = join(stateDir, "mesh");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "mesh.yaml"), mesh);
  writeFileSync(join(folder, "server.mjs"), server);
  return folder;
}
