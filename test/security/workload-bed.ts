import { deepStrictEqual } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "../cluster/certificates.ts";
import { configOf } from "../proxy/mesh.ts";
import { ownAddress } from "../proxy/own-address.ts";
import { ServedEnvoy, type ServedEnvoyOptions } from "../proxy/served-envoy.ts";
import { withSecrets } from "../proxy/test-secrets.ts";

/** A real sidecar at an address of its own, before applications at another one. */
export interface WorkloadBed {
  /** Where it takes callers: at the same ports that the applications have. */
  readonly ip: string;
  /** Where applications must listen. */
  readonly applications: string;
  readonly envoy: ServedEnvoy;
  /** A file of the certificates' directory: `ca.pem`; `peer.pem` and `peer-key.pem`, a certificate of the mesh. */
  file(name: string): string;
  /** Gives it the mesh of this YAML with an HTTP service for each of these ports, and waits until it has taken all. */
  take(ports: readonly number[], text: string): Promise<void>;
  stop(): Promise<void>;
}

/** The server name under which the mesh calls a port of it. */
export const meshName = (port: number) => `outbound_.${port}_._.app-${port}.default.svc.cluster.local`;

const spiffe = (name: string) => `URI:spiffe://cluster.local/ns/default/sa/${name}`;

/** `nth`: which of a thread's own addresses are its. Its callers' certificates are of `cluster.local/ns/default`. */
export async function workloadBed(
  nth = 0,
  limits: Pick<ServedEnvoyOptions, "maxHeapBytes"> = {},
): Promise<WorkloadBed> {
  const [ip, applications] = [ownAddress(nth), ownAddress(nth + 1)];
  const directory = mkdtempSync(join(tmpdir(), "workload-bed-"));
  await makeCertificates(directory, { peer: spiffe("peer") });
  const envoy = await ServedEnvoy.start({ ip, ...limits });
  const proxy = `proxy: {name: app, labels: {app: app}, ips: ["${ip}"],
  metadata: {WEFT_MODE: loopback, INTERCEPTION_MODE: NONE, WEFT_APP_ADDRESS: "${applications}", WEFT_HTTP_PROXY_PORT: "15002"}}
---${pod(ip)}`;
  return {
    ip,
    applications,
    envoy,
    file: (name) => join(directory, name),
    take: async (ports, text) => {
      const config = configOf(proxy, ports.map(service).join("---"), text);
      deepStrictEqual(await envoy.take(withSecrets(directory, config)), []);
    },
    async stop() {
      await envoy.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const pod = (ip: string) => `
apiVersion: v1
kind: Pod
metadata: {name: app, labels: {app: app}}
spec: {}
status: {phase: Running, podIP: "${ip}", podIPs: [{ip: "${ip}"}]}
`;

const service = (port: number) => `
apiVersion: v1
kind: Service
metadata: {name: app-${port}}
spec: {clusterIP: None, ports: [{port: ${port}, name: http}], selector: {app: app}}
`;
