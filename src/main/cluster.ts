import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { isIP } from "node:net";
import { judgeMeshConfig } from "../analysis/judge.ts";
import { type Authority, openAuthority } from "../ca/authority.ts";
import type { RunningControlPlane, ServeClusterOptions } from "../cli/deps.ts";
import { type KubernetesClient, kubernetesClient } from "../kubernetes/client.ts";
import { serverCredentials } from "../kubernetes/config.ts";
import { orNothing } from "../kubernetes/error.ts";
import { caSecret } from "../operate/ca-secret.ts";
import { meshConfigMap } from "../sources/mesh-config-map.ts";
import { systemRootsSource } from "../sources/system-roots.ts";
import type { Log } from "../std/log.ts";
import { metricsPage } from "../telemetry/metrics-page.ts";
import { anyAddress } from "./addresses.ts";
import { authenticator } from "./authentication.ts";
import { systemClock as clock } from "./clock.ts";
import { healthServer, type Readiness, readiness } from "./cluster-health.ts";
import { clusterSource } from "./cluster-source.ts";
import { clusterTokens } from "./cluster-tokens.ts";
import { clusterWebhooks } from "./cluster-webhooks.ts";
import { type ControlPlane, createControlPlane } from "./control-plane.ts";
import { openPort } from "./http-port.ts";
import { jsonLog } from "./log.ts";
import { openManagement } from "./management.ts";
import { systemRandom as random } from "./random.ts";
import { countersAt } from "./rate-limits.ts";
import { secretsOf } from "./secrets.ts";
import { serverCertificate } from "./server-certificate.ts";
import { trustDomainIn } from "./trust-domain.ts";
import { untilAnswered } from "./until-answered.ts";
import { followModules, wasmModules } from "./wasm-modules.ts";
import { webhookServer } from "./webhooks.ts";

const ports = { xds: 15012, metrics: 15014, webhooks: 15017, health: 8080 };

/** Streams are ended over this time at most; Kubernetes' patience is longer. */
const drainMs = 8000;
/** Between two streams that are ended; few need not take all of `drainMs`. */
const betweenMs = 50;

/** `weft`, or `weft-canary`: what belongs to a revision is named so. */
function named(what: string, revision: string): string {
  return revision === "default" ? what : `${what}-${revision}`;
}

/** The control plane of a Kubernetes cluster: one of its replicas. */
export async function serveCluster(options: ServeClusterOptions): Promise<RunningControlPlane> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const log = jsonLog("info");
  const host = options.address ?? anyAddress();
  const ready = readiness();
  const health = await openPort(healthServer(ready), "health", host, ports.health);
  const client = kubernetesClient(serverCredentials(options.kubeconfig));
  const { authority, trustDomain } = await firstWords(options, client, ready, log);
  const running = await run({ options, client, authority, trustDomain, host, ready, log });
  return {
    ...running,
    async stop() {
      await running.stop();
      client.close();
      await health.close();
    },
  };
}

/** What cannot be begun without: the trust domain, and the key of the authority. */
async function firstWords(
  { namespace, revision, signal }: ServeClusterOptions,
  client: KubernetesClient,
  ready: Readiness,
  log: Log,
): Promise<{ readonly authority: Authority; readonly trustDomain: string }> {
  let waiting: readonly string[] = ["the API server"];
  ready.add(() => waiting);
  const onRefused = (words: string) => {
    waiting = [words];
  };
  const patience = { clock, random, log, signal, onRefused };
  const path = `/api/v1/namespaces/${namespace}/configmaps/${named("istio", revision)}`;
  const settings = await untilAnswered("settings of the mesh", () => orNothing(client.ask<ConfigMap>(path)), patience);
  const trustDomain = trustDomainIn(settings?.data?.["mesh"] ?? "");
  const home = caSecret(client, namespace);
  const open = () => openAuthority({ home, trustDomain, clock, random, log });
  const authority = await untilAnswered("certificate authority", open, patience);
  waiting = [];
  return { authority, trustDomain };
}

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

interface Parts {
  readonly options: ServeClusterOptions;
  readonly client: KubernetesClient;
  readonly authority: Authority;
  readonly trustDomain: string;
  readonly host: string;
  readonly ready: Readiness;
  readonly log: Log;
}

async function run(parts: Parts): Promise<RunningControlPlane> {
  const { options, client, authority, trustDomain, host, ready, log } = parts;
  const { namespace, revision, stateDir } = options;
  const secrets = secretsOf({ authority, clock, random, log });
  const modules = wasmModules(stateDir);
  const follow = { client, clock, random, log };
  const settings = meshConfigMap({ ...follow, namespace, name: named("istio", revision), judge: judgeMeshConfig });
  const plane = createControlPlane({
    clock,
    log,
    trustDomain,
    ...(options.eager === undefined ? {} : { eager: options.eager }),
    sources: [settings, clusterSource({ ...follow, revision, settings }), systemRootsSource(), modules],
    secrets,
    authority,
    counters: countersAt(options.rateLimitRedis, clock, log),
    authenticate: authenticator(clusterTokens({ client, trustDomain, clock, log })),
  });
  followModules(plane.discovery, modules);
  let listening = false;
  ready.add(() => (listening ? [] : ["its ports"]));
  ready.add(() => sourcesMissing(plane));
  let leaving = false;
  ready.add(() => (leaving ? ["it is going down"] : []));
  const certificate = await serverCertificate(authority, serverNames(options, host), { clock, random, log });
  const xds = await plane.listen({ host, port: ports.xds, tls: certificate.first });
  certificate.follow(xds.setTls);
  const page = metricsPage(plane.metrics.registry, () => []);
  const metrics = await openPort(
    createServer((q, a) => void page(q, a)),
    "metrics",
    host,
    ports.metrics,
  );
  const injection = { revision, installNamespace: namespace, text: () => settings.text("injection") };
  const hooks = webhookServer(clusterWebhooks(plane.discovery, log, injection), certificate, log);
  const webhooks = await openPort(hooks, "webhooks", host, ports.webhooks);
  const management = await openManagement({
    ...{ name: named("weft", revision), stateDir, consolePort: options.consolePort },
    ...{ plane, secrets, trustDomain, clock, random, log },
  });
  listening = true;
  plane.start().catch((error: Error) => log.error("a source cannot be read", { error: error.message }));
  log.info("control plane listens", { namespace, revision, trustDomain, ...ports, console: options.consolePort });
  return {
    xds: `${host}:${xds.port}`,
    console: `http://localhost:${options.consolePort}`,
    stopAsked: new Promise(() => {}),
    async stop() {
      leaving = true;
      certificate.stop();
      await plane.xds.drain(Math.min(drainMs, betweenMs * plane.xds.sessions().length));
      await management.close();
      await webhooks.close();
      await metrics.close();
      await plane.stop();
      secrets.store.close();
    },
  };
}

function sourcesMissing({ discovery }: ControlPlane): readonly string[] {
  if (discovery.synced) return [];
  return discovery.waiting.size === 0 ? ["the first snapshot"] : [...discovery.waiting];
}

/** What proxies, the API server and peers call this control plane. */
function serverNames({ namespace, revision }: ServeClusterOptions, host: string) {
  const service = named("weft", revision);
  const dns = [
    `${service}.${namespace}.svc`,
    service,
    `${service}.${namespace}`,
    `${service}.${namespace}.svc.cluster.local`,
  ];
  return { dns, ips: isIP(host) === 0 || host === anyAddress() ? [] : [host] };
}
