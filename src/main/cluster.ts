import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { judgeMeshConfig } from "../analysis/judge.ts";
import { type Authority, openAuthority } from "../ca/authority.ts";
import { PrivateFiles } from "../ca/private-files.ts";
import type { RunningControlPlane, ServeClusterOptions } from "../cli/deps.ts";
import { CliError, exitCodes } from "../cli/exit.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { MeshConfigSpec } from "../gen/istio/mesh-config.ts";
import { type KubernetesClient, kubernetesClient } from "../kubernetes/client.ts";
import { serverCredentials } from "../kubernetes/config.ts";
import { orNothing } from "../kubernetes/error.ts";
import { inFlight } from "../kubernetes/in-flight.ts";
import { type TokenKeys, tokenKeys } from "../kubernetes/token-keys.ts";
import { get } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { caBundles } from "../operate/ca-bundles.ts";
import { caSecret, pluggedInSecret, publishedRoots } from "../operate/ca-secret.ts";
import { type MeshConfigMap, meshConfigMap } from "../sources/mesh-config-map.ts";
import { systemRootsSource } from "../sources/system-roots.ts";
import type { Log } from "../std/log.ts";
import { anyAddress } from "./addresses.ts";
import { authenticator } from "./authentication.ts";
import { bootstrapPatcher } from "./bootstrap-patches.ts";
import { certificateGauges } from "./certificate-gauges.ts";
import { systemClock as clock } from "./clock.ts";
import { clusterActions } from "./cluster-actions.ts";
import { keepClusterAuthority } from "./cluster-authority.ts";
import { healthServer, type Readiness, readiness, untilOnce } from "./cluster-health.ts";
import { logDiagnostics } from "./cluster-log.ts";
import { operateWhileLeading } from "./cluster-operators.ts";
import { openPorts, ports, serverNames } from "./cluster-ports.ts";
import { clusterSource } from "./cluster-source.ts";
import { heldHere } from "./cluster-status.ts";
import { clusterTokens } from "./cluster-tokens.ts";
import { clusterWebhooks } from "./cluster-webhooks.ts";
import { type ControlPlane, createControlPlane } from "./control-plane.ts";
import { fetchedParts } from "./fetched.ts";
import { openPort } from "./http-port.ts";
import { kubernetesUsers } from "./kubernetes-users.ts";
import { jsonLog } from "./log.ts";
import { openManagement } from "./management.ts";
import { nodeAccounts } from "./node-accounts.ts";
import { heldMethod, replicaAddresses } from "./peers.ts";
import { podTargets } from "./pod-targets.ts";
import { systemRandom as random } from "./random.ts";
import { countersAt } from "./rate-limits.ts";
import { otherReplicas } from "./replicas.ts";
import { named } from "./revision.ts";
import { secretsOf } from "./secrets.ts";
import { serverCertificate } from "./server-certificate.ts";
import { leafKeyIn, trustDomainIn } from "./trust-domain.ts";
import { untilAnswered } from "./until-answered.ts";
import { webhookServer } from "./webhooks.ts";

/** Streams are ended over this time at most; Kubernetes' patience is longer. */
const drainMs = 8000;
/** Between two streams that are ended; few need not take all of `drainMs`. */
const betweenMs = 50;

/** The control plane of a Kubernetes cluster: one of its replicas. */
export async function serveCluster(options: ServeClusterOptions): Promise<RunningControlPlane> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const log = jsonLog("info");
  const host = options.address ?? anyAddress();
  const ready = readiness();
  const health = await openPort(healthServer(ready), "health", host, ports.health);
  const config = credentials(options.kubeconfig);
  const client = kubernetesClient(config);
  const running = await run({
    options,
    config,
    client,
    host,
    ready,
    log,
    ...(await firstWords(options, client, ready, log)),
  });
  return {
    ...running,
    async stop() {
      await running.stop();
      client.close();
      await health.close();
    },
  };
}

function credentials(kubeconfig: string | undefined) {
  try {
    return serverCredentials(kubeconfig);
  } catch (error) {
    throw new CliError(exitCodes.noInput, `no credentials of an API server: ${(error as Error).message}`);
  }
}

interface FirstWords {
  readonly authority: Authority;
  readonly kubernetes: { readonly major: number; readonly minor: number };
}

/** What cannot be begun without: the trust domain, the key of the authority, and which Kubernetes it is. */
async function firstWords(
  { namespace, revision, signal, authority: settings }: ServeClusterOptions,
  client: KubernetesClient,
  ready: Readiness,
  log: Log,
): Promise<FirstWords> {
  let waiting: readonly string[] = ["the API server"];
  ready.add(() => waiting);
  const onRefused = (words: string) => {
    waiting = [words];
  };
  const patience = { clock, random, log, signal, onRefused };
  const path = `/api/v1/namespaces/${namespace}/configmaps/${named("istio", revision)}`;
  const found = await untilAnswered("settings of the mesh", () => orNothing(client.ask<ConfigMap>(path)), patience);
  const mesh = found?.data?.["mesh"] ?? "";
  const trustDomain = trustDomainIn(mesh);
  const home = caSecret(client, namespace);
  const known = () => publishedRoots(client, namespace);
  const sources = { known, pluggedIn: pluggedInSecret(client, namespace) };
  const authoritySettings = { ...settings, leafKey: leafKeyIn(mesh) };
  const open = () => openAuthority({ home, trustDomain, clock, random, log, ...sources, settings: authoritySettings });
  const authority = await untilAnswered("certificate authority", open, patience);
  const { major, minor } = await untilAnswered("version", () => client.ask<Version>("/version"), patience);
  waiting = [];
  return { authority, kubernetes: { major: Number.parseInt(major, 10), minor: Number.parseInt(minor, 10) } };
}

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

/** A minor version may end with a plus. */
interface Version {
  readonly major: string;
  readonly minor: string;
}

interface Parts extends FirstWords {
  readonly options: ServeClusterOptions;
  readonly config: KubeConfig;
  readonly client: KubernetesClient;
  readonly host: string;
  readonly ready: Readiness;
  readonly log: Log;
}

async function run(parts: Parts): Promise<RunningControlPlane> {
  const { options, client, authority, kubernetes, host, ready, log } = parts;
  const { namespace, revision, stateDir, consolePort } = options;
  const { trustDomain } = authority;
  const world = { client, clock, random, log, lists: inFlight(4) };
  const settings = meshConfigMap({ ...world, namespace, name: named("istio", revision), judge: judgeMeshConfig });
  const meshConfig = () => settings.inForce()?.spec as MeshConfigSpec | undefined;
  const secrets = secretsOf({ authority, clock, random, log, settings: meshConfig });
  const upkeep = keepClusterAuthority({ ...world, namespace, authority, store: secrets.store });
  const keys = tokenKeys({ client, clock, log });
  const plane = controlPlane(parts, settings, keys, secrets);
  const { discovery } = plane;
  logDiagnostics(discovery, log);
  let state: "opening" | "open" | "leaving" = "opening";
  ready.add(() => (state === "open" ? [] : [state === "opening" ? "its ports" : "it is going down"]));
  ready.add(() => sourcesMissing(plane));
  const files = new PrivateFiles(join(stateDir, "ca"), log);
  const certificate = await serverCertificate(authority, serverNames(options, host), {
    ...{ clock, random, log, files, minVersion: options.tlsMinVersion },
  });
  const text = () => settings.text("injection");
  // There is no Envoy here to ask: what it refuses keeps the Pod from starting, with Envoy's words in its log.
  const bootstraps = bootstrapPatcher({ refusal: () => "", trustDomain, log });
  bootstraps.follow(discovery);
  const injection = { revision, kubernetes, installNamespace: namespace, text, bootstrapOverride: bootstraps.patch };
  const hooks = clusterWebhooks(discovery, log, injection, plane.metrics);
  const close = await openPorts({ host, plane, certificate, webhooks: webhookServer(hooks, certificate, log) });
  const name = named("weft", revision);
  const management = await openManagement({
    ...options,
    ...{ name, stateDir, consolePort, plane, secrets, trustDomain, clock, random, log },
    ...people(parts, discovery),
    identity: { authority, certificate },
    ...(options.traces === undefined ? {} : { traces: options.traces }),
    targets: () => podTargets(discovery.snapshot),
    readers: "everybody",
  });
  const onRoots = (listener: () => void) => authority.onChange(listener);
  const bundles = caBundles({ ...world, revision, roots: () => authority.roots.join(""), onRoots });
  ready.add(untilOnce(bundles.missing));
  const replicas = otherReplicas({ discovery, namespace, certificate, own: host, clock, log });
  const resign = operateWhileLeading({ ...world, namespace, revision, replicas, discovery, authority, settings });
  plane.start().catch((error: Error) => log.error("a source cannot be read", { error: error.message }));
  state = "open";
  log.info("control plane listens", { namespace, revision, trustDomain, ...ports, console: consolePort });
  return {
    xds: `${host}:${ports.xds}`,
    console: `http://localhost:${consolePort}`,
    stopAsked: new Promise(() => {}),
    async stop() {
      state = "leaving";
      log.info("control plane goes down", { streams: plane.xds.sessions().length });
      upkeep();
      certificate.stop();
      bundles.stop();
      keys.stop();
      replicas.stop();
      await resign();
      await plane.xds.drain(Math.min(drainMs, betweenMs * plane.xds.sessions().length));
      await management.close();
      await close();
      await plane.stop();
      secrets.store.close();
    },
  };
}

/** What is the cluster's own of the console: who uses it, which replica it is of, and what is done in the cluster. */
function people({ options: { namespace }, config, client }: Parts, discovery: Discovery) {
  return {
    users: kubernetesUsers({ client, namespace, clock }),
    sharedSessions: caSecret(client, namespace),
    // In a Pod, its name.
    replica: () => (replicaAddresses(discovery, namespace, new Set()).length > 1 ? hostname() : undefined),
    cluster: clusterActions({ config, client, discovery, now: () => clock.now() }),
  };
}

function controlPlane(
  { options, client, authority, log }: Parts,
  settings: MeshConfigMap,
  keys: TokenKeys,
  secrets: ReturnType<typeof secretsOf>,
): ControlPlane {
  const { stateDir, revision, eager, rateLimitRedis, fetchFrom, trustedNodeAccounts } = options;
  const { trustDomain } = authority;
  const knowsPod = (namespace: string, name: string) =>
    get(plane.discovery.snapshot, { type: types.Pod, namespace, name }) !== undefined;
  const tokens = clusterTokens({ client, keys, knowsPod, trustDomain, clock, log });
  const authenticate = authenticator(tokens, clock);
  const plane: ControlPlane = createControlPlane({
    clock,
    log,
    trustDomain,
    ...(eager === undefined ? {} : { eager }),
    sources: [settings, clusterSource({ client, clock, random, log, revision, settings }), systemRootsSource()],
    secrets,
    authority,
    impersonation: nodeAccounts(new Set(trustedNodeAccounts), () => plane.discovery.snapshot),
    certificates: certificateGauges(authority, secrets.store, clock),
    fetched: fetchedParts(stateDir, fetchFrom),
    counters: countersAt(rateLimitRedis, clock, log),
    authenticate,
    unary: new Map([heldMethod(authenticate, () => heldHere(plane.discovery))]),
  });
  return plane;
}

function sourcesMissing({ discovery }: ControlPlane): readonly string[] {
  if (discovery.synced) return [];
  return discovery.waiting.size === 0 ? ["the first snapshot"] : [...discovery.waiting];
}
