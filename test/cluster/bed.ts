import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "./certificates.ts";
import { type EnvoyConfig, type RunningEnvoy, startEnvoy } from "./envoy.ts";
import { httpListener, runnable, secretFiles } from "./local-config.ts";
import { configOf, resources, sidecar, trackerOf } from "./mesh.ts";
import { type ServerOptions, startServer, type TestServer } from "./servers.ts";

/** The one service of these tests. */
export const host = "reviews.mesh";
export const cluster = `outbound|80||${host}`;

/** Name of a stat of the service's cluster. */
export const statOf = (name: string) => `cluster.${cluster}.${name}`;

/** Servers and Envoys of one test file, in a directory with certificates; ended by `clear`. */
export class Bed {
  readonly #directory = mkdtempSync(join(tmpdir(), "cluster-"));
  readonly #running: { stop(): Promise<void> }[] = [];

  async open(): Promise<void> {
    await makeCertificates(this.#directory, {
      own: "URI:spiffe://cluster.local/ns/default/sa/client",
      reviews: "URI:spiffe://cluster.local/ns/default/sa/reviews",
      other: "URI:spiffe://cluster.local/ns/default/sa/other",
      api: "DNS:api.test",
    });
    secretFiles(this.#directory, "own");
    secretFiles(this.#directory, "reviews");
  }

  async clear(): Promise<void> {
    for (const r of this.#running.splice(0)) await r.stop();
  }

  async close(): Promise<void> {
    await this.clear();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Something that is to end with the test. */
  keep<T extends { stop(): Promise<void> }>(value: T): T {
    this.#running.push(value);
    return value;
  }

  async server(options: ServerOptions): Promise<TestServer> {
    return this.keep(await startServer(this.#directory, options));
  }

  async envoy(config: EnvoyConfig): Promise<RunningEnvoy> {
    return this.keep(await startEnvoy(this.#directory, config));
  }

  /** An Envoy with what a sidecar in the zone eu/eu-1 gets, and a listener `out` that sends everything to the service. */
  proxy(text: string, listener = httpListener("out", cluster)): Promise<RunningEnvoy> {
    const place = { locality: "eu/eu-1", labels: {}, network: "" };
    const config = configOf(trackerOf(resources(text, "test.yaml")), { ...sidecar, place });
    return this.envoy({ clusters: runnable(config), listeners: [listener] });
  }
}

/** Where an endpoint of the service is. */
export interface Place {
  readonly port: number;
  readonly mtls?: boolean;
  readonly locality?: string;
}

/** A service whose endpoints are these servers, with what a rule says of it. */
export function mesh(places: readonly Place[], policy = "", location = "MESH_INTERNAL", protocol = "HTTP"): string {
  const endpoints = places.map(({ port, mtls, locality }) => {
    const labels = mtls ? ", labels: {security.istio.io/tlsMode: istio}" : "";
    const where = locality === undefined ? "" : `, locality: ${locality}`;
    return `    - {address: 127.0.0.1, ports: {http: ${port}}, serviceAccount: reviews${labels}${where}}`;
  });
  const service = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: reviews}
spec:
  hosts: [${host}]
  location: ${location}
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: ${protocol}}]
  endpoints:
${endpoints.join("\n")}
`;
  const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec: {host: ${host}, trafficPolicy: ${policy}}
`;
  return policy === "" ? service : service + rule;
}
