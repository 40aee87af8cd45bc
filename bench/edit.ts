import { credentialSet, credentialsKey } from "../src/discovery/resources/credentials.ts";
import { proxyConfig, proxyKey } from "../src/discovery/resources/proxy.ts";
import type { Change } from "../src/model/change.ts";
import type { Proxy as MeshProxy } from "../src/model/proxy.ts";
import type { Resource } from "../src/model/resource.ts";
import { apply, empty } from "../src/model/snapshot.ts";
import { types } from "../src/model/types.ts";
import { Tracker } from "../src/track/tracker.ts";
import { mainThreadSeconds } from "./process.ts";

// 1,000 services of two ports and five endpoints, each with a VirtualService and a DestinationRule with two subsets; 50 proxies of one namespace.
// What it costs to tell what each proxy shall have: at first, and after an edit of one object, as CPU time of the thread, which others on the machine
// disturb less than the clock. Usage: node bench/edit.ts [SERVICES] [PROXIES] [json]

const services = Number(process.argv[2] ?? 1000);
const proxyCount = Number(process.argv[3] ?? 50);
const asJson = process.argv[4] === "json";
const position = { file: "bench.yaml", line: 1, column: 1 };

function object(type: string, name: string, spec: unknown): Resource {
  const origin = { ...position, at: "bench.yaml:1:1", locate: () => position };
  const base = { type, namespace: "default", name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0 };
  return Object.freeze({ ...base, generation: 1, spec, origin });
}

const hostOf = (i: number) => `svc-${i}.default.svc.cluster.local`;

function serviceEntry(i: number, endpoints = 5): Resource {
  return object(types.ServiceEntry, `svc-${i}`, {
    hosts: [hostOf(i)],
    addresses: [`10.96.${100 + (i >> 8)}.${i & 255}`],
    location: "MESH_INTERNAL",
    resolution: "STATIC",
    ports: [
      { number: 80, name: "http", protocol: "HTTP" },
      { number: 7070, name: "grpc", protocol: "GRPC" },
    ],
    endpoints: Array.from({ length: endpoints }, (_, k) => ({
      address: `10.${20 + k}.${i >> 8}.${i & 255}`,
      labels: { app: `svc-${i}`, version: `v${1 + (k % 2)}` },
      ports: { http: 8080, grpc: 7070 },
      serviceAccount: `svc-${i}`,
    })),
  });
}

function virtualService(i: number, mark = ""): Resource {
  const to = (subset: string, weight?: number) => ({ destination: { host: hostOf(i), subset }, weight });
  return object(types.VirtualService, `svc-${i}`, {
    hosts: [hostOf(i)],
    http: [
      { match: [{ headers: { "x-user": { exact: "jason" } } }], route: [to("v2")] },
      {
        timeout: "3s",
        retries: { attempts: 2, perTryTimeout: "1s", retryOn: "5xx" },
        headers: { request: { set: { "x-rev": `svc-${i}-${mark}` } } },
        route: [to("v1", 80), to("v2", 20)],
      },
    ],
  });
}

function destinationRule(i: number, maxConnections = 100): Resource {
  return object(types.DestinationRule, `svc-${i}`, {
    host: hostOf(i),
    trafficPolicy: {
      connectionPool: { tcp: { maxConnections } },
      outlierDetection: { consecutive5xxErrors: 5, interval: "10s", baseEjectionTime: "30s" },
    },
    subsets: ["v1", "v2"].map((name) => ({ name, labels: { version: name } })),
  });
}

function sidecar(i: number): MeshProxy {
  const ip = `10.200.${i >> 8}.${i & 255}`;
  const identity = { trustDomain: "cluster.local", namespace: "default", serviceAccount: "default" };
  const place = { locality: { region: "", zone: "", subzone: "" }, dnsDomain: "default.svc.cluster.local" };
  const rest = { serviceAccount: "default", workload: `client-${i}`, kubeCluster: "Kubernetes", istioAgent: false };
  const id = `sidecar~${ip}~client-${i}.default~default.svc.cluster.local`;
  const labels = { app: `client-${i}` };
  const name = `client-${i}`;
  return {
    id,
    kind: "sidecar",
    name,
    namespace: "default",
    ips: [ip],
    labels,
    identity,
    ...place,
    ...rest,
    metadata: {},
  };
}

const all = Array.from({ length: services }, (_, i) => [serviceEntry(i), virtualService(i), destinationRule(i)]).flat();
const proxies = Array.from({ length: proxyCount }, (_, i) => sidecar(i));
const keys = proxies.map((proxy) => [proxyKey(proxy), credentialsKey(proxy) as string] as const);
const tracker = new Tracker(empty);

function ask(): void {
  for (const [config, credentials] of keys) {
    tracker.ask(proxyConfig, config);
    tracker.ask(credentialSet, credentials);
  }
}

const figures: Record<string, number> = {};

function step(changes: readonly Change[]): { ms: number; runs: number } {
  const [start, runs] = [mainThreadSeconds(process.pid), tracker.runs];
  tracker.advance(apply(tracker.snapshot, changes));
  ask();
  return { ms: (mainThreadSeconds(process.pid) - start) * 1000, runs: tracker.runs - runs };
}

function line(what: string, ms: number, runs: number): void {
  figures[what] = ms;
  if (asJson) return;
  process.stdout.write(`${what.padEnd(36)} ${ms.toFixed(2).padStart(10)} ms ${String(runs).padStart(8)} steps run\n`);
}

/** The mean of many edits, each of another object (the scheduler counts in steps as long as several of them), or of what 5 seconds of CPU allow. */
function edits(what: string, make: (i: number, round: number) => Resource): void {
  for (let round = 0; round < 5; round++) step([{ put: make((round * 7) % services, round) }]);
  const done = [{ ms: 0, runs: 0 }];
  for (let round = 5; round < 205 && done.reduce((sum, { ms }) => sum + ms, 0) < 5000; round++)
    done.push(step([{ put: make((round * 7) % services, round) }]));
  line(what, done.reduce((sum, { ms }) => sum + ms, 0) / (done.length - 1), done.at(-1)?.runs ?? 0);
}

const cold = step(all.map((put) => ({ put })));
if (!asJson) process.stdout.write(`${services} services, ${proxyCount} proxies\n`);
line("cold", cold.ms, cold.runs);
edits("an edit of a VirtualService", (i, round) => virtualService(i, String(round)));
edits("an edit of endpoints", (i, round) => serviceEntry(i, 1 + (round % 4)));
edits("an edit of a DestinationRule", (i, round) => destinationRule(i, 101 + round));
edits("a new service", (_, round) => serviceEntry(services + round));
const rss = process.memoryUsage().rss / 2 ** 20;
process.stdout.write(
  asJson ? JSON.stringify({ ...figures, rss }) : `${tracker.size} answers kept, ${rss.toFixed(0)} MiB RSS\n`,
);
