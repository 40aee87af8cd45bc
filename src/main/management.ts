import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { MeshActions } from "../api/actions.ts";
import { normalSerial } from "../api/certificates.ts";
import type { SharedTexts } from "../api/who/session-home.ts";
import type { Authority } from "../ca/authority.ts";
import { PrivateFiles } from "../ca/private-files.ts";
import type { Host } from "../host/host.ts";
import { list } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import { accessParts } from "./access.ts";
import { auditFile } from "./audit-file.ts";
import { certificateList } from "./certificate-list.ts";
import { envoyConfig, sentConfig } from "./config-dump.ts";
import { consoleHosts } from "./console-hosts.ts";
import type { ControlPlane } from "./control-plane.ts";
import { editingOf } from "./editing.ts";
import { findings, lookAhead } from "./findings.ts";
import type { KubernetesUsers } from "./kubernetes-users.ts";
import { logLevels } from "./log-levels.ts";
import { podLines } from "./log-lines.ts";
import { meshState } from "./mesh-state.ts";
import { type ObservationOptions, observe } from "./observation.ts";
import { overlayChanges } from "./overlay-changes.ts";
import type { secretsOf } from "./secrets.ts";
import type { Renewal } from "./server-certificate.ts";
import { spanSource } from "./span-source.ts";
import { version } from "./version.ts";
import { newToken, openWeb, type WebOptions } from "./web.ts";

export interface ManagementOptions {
  readonly name: string;
  readonly stateDir: string;
  readonly consolePort: number;
  /** What the console listens on beside loopback. */
  readonly consoleAddress?: string;
  /** Who may log in, how, and what they may: a file. */
  readonly accessFile?: string;
  /** In a cluster: its users. */
  readonly users?: KubernetesUsers;
  readonly httpPort?: number;
  readonly plane: ControlPlane;
  readonly secrets?: ReturnType<typeof secretsOf>;
  readonly host?: Host;
  /** Of whose certificates `weft certs` tells; absent where nothing is signed. */
  readonly identity?: { readonly authority: Authority; readonly certificate: Pick<Renewal, "first"> };
  /** Folder that `weft apply` writes into; absent: objects are changed elsewhere. */
  readonly overlay?: string;
  /** Name of this control plane while there are others. */
  readonly replica?: () => string | undefined;
  /** What is done in a cluster as who asks; absent outside of one. */
  readonly cluster?: MeshActions;
  readonly trustDomain: string;
  /** Who may read without the token; by default this user and root. */
  readonly readers?: WebOptions["readers"];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** `zipkin+http://HOST:9411`: who is asked for traces; absent: those that are kept here. */
  readonly traces?: string;
  /** Absent: who runs this stops it. */
  readonly onShutdown?: () => void;
  /** Whose metrics are read; by default all proxies' that are connected here. */
  readonly targets?: ObservationOptions["targets"];
  /** Where sessions are kept that all replicas know; absent: a folder, and there are no others. */
  readonly sharedSessions?: SharedTexts;
  /** URL of the Prometheus that is asked for traffic in place of the own history. */
  readonly prometheus?: string;
  /** Addresses of the doors to Gateways' routers, now. */
  readonly gatewayDoors?: () => readonly string[];
}

/** What people and the CLI see of a control plane: API, console, metrics, history. */
export interface Management {
  /** Whoever has it may change the mesh. */
  readonly token: string;
  /** Where a browser is logged in as its owner, once: `/?token=...`. */
  readonly loginPath: () => string;
  close(): Promise<void>;
}

export async function openManagement(options: ManagementOptions): Promise<Management> {
  const { plane, clock, log, stateDir, secrets, consolePort: port } = options;
  const { discovery } = plane;
  const token = newToken(options.random);
  const startedAt = clock.now();
  const observation = observe({
    ...{ discovery, stateDir, metrics: plane.metrics, clock, log },
    ...(options.targets === undefined ? {} : { targets: options.targets }),
    ...(options.prometheus === undefined ? {} : { prometheus: options.prometheus }),
  });
  plane.spans.deliver((spans) => observation.spans.add(spans));
  plane.keepRequests((seen) => observation.requests.add(seen));
  const state = meshState({
    discovery,
    about: () => ({
      name: options.name,
      version,
      envoyVersion: "1.40.0",
      trustDomain: options.trustDomain,
      doors: [
        ...(options.httpPort === undefined ? [] : [`http://localhost:${options.httpPort}`]),
        ...(options.gatewayDoors?.() ?? []),
      ],
      startedAt,
      usage: usageOf(),
      ...replicaIn(options.replica?.()),
    }),
    findings: () => findings(discovery),
    access: () => plane.access.report(),
    ...(secrets ? { svids: secrets.store } : {}),
  });
  const access = accessParts({
    ...(options.accessFile === undefined ? {} : { file: options.accessFile }),
    ...(options.users === undefined ? {} : { users: options.users }),
    ...{ clock, log },
  });
  const ports = consoleHosts(options.consoleAddress, access.settings).map((host) => ({ host, port }));
  const web = await openWeb({
    ports,
    state,
    actions: { ...actions(options), requests: (query) => observation.requests.search(query) },
    editing: editingOf({
      ...{ discovery, clock, elapsed: () => performance.now() },
      writes: options.overlay !== undefined ? "overlay" : options.cluster !== undefined ? "cluster" : "nowhere",
    }),
    readers: options.readers ?? "own-user",
    access,
    audit: auditFile(stateDir, log),
    sharedSessions: options.sharedSessions ?? new PrivateFiles(join(stateDir, "console"), log),
    observation,
    spans: options.traces === undefined ? observation.spans : spanSource(options.traces, () => discovery.snapshot),
    token,
    authority: options.identity?.authority,
    random: options.random,
    clock,
    log,
  });
  observation.start();
  const endLooking = lookAhead(discovery, clock);
  return {
    token,
    loginPath: () => web.loginPath(),
    async close() {
      endLooking();
      await web.close();
      await observation.stop();
    },
  };
}

function replicaIn(replica: string | undefined) {
  return replica === undefined ? {} : { replica };
}

/** What this process costs. */
function usageOf() {
  const { user, system } = process.cpuUsage();
  return { memory: process.memoryUsage.rss(), cpu: (user + system) / 1e6 / process.uptime() };
}

function actions(options: ManagementOptions): MeshActions {
  const { discovery } = options.plane;
  const { host, overlay } = options;
  const snapshot = () => discovery.snapshot;
  const proxyOf = (id: string) =>
    discovery.proxies().find((p) => p.proxy.id === id || `${p.proxy.name}.${p.proxy.namespace}` === id);
  return {
    sentConfig: async (id, type) => {
      const found = proxyOf(id);
      return found && sentConfig(found, type);
    },
    ...(host
      ? {
          envoyConfig: async (id, type) => {
            const found = proxyOf(id);
            const socket = found && host.adminSocket(found.proxy);
            return socket === undefined ? undefined : envoyConfig(socket, type);
          },
          logLevels: async (id, change) => {
            const found = proxyOf(id);
            const socket = found && host.adminSocket(found.proxy);
            return socket === undefined ? undefined : logLevels(socket, change);
          },
          logs: (pod, { container, follow, tail, keep, signal }) => {
            const namespaces =
              pod.namespace === undefined ? (snapshot().objects.get(types.Pod)?.keys() ?? []) : [pod.namespace];
            const namespace = [...namespaces].find((ns) =>
              list(snapshot(), types.Pod, ns).some((p) => p.name === pod.name),
            );
            return namespace === undefined
              ? undefined
              : podLines(host.logs({ namespace, name: pod.name }, container, follow, signal), { tail, follow, keep });
          },
        }
      : {}),
    ...certificateActions(options),
    tap: options.plane.tap,
    ...(overlay === undefined ? {} : changesOf(options, overlay)),
    ...options.cluster,
    ...(options.onShutdown === undefined ? {} : { shutdown: options.onShutdown }),
  };
}

function changesOf({ plane, stateDir, clock, log }: ManagementOptions, folder: string): MeshActions {
  const changes = join(stateDir, "changes");
  return overlayChanges(plane.discovery, { folder, changes, now: () => clock.now(), log });
}

function certificateActions({
  identity,
  secrets,
  host,
  plane,
}: ManagementOptions): Pick<MeshActions, "certificates" | "reissue" | "rotateRoot" | "recoverRoot"> {
  if (identity === undefined || secrets === undefined) return {};
  return {
    certificates: certificateList({
      authority: identity.authority,
      svids: secrets.store,
      discovery: plane.discovery,
      serving: () => identity.certificate.first,
      ...(host === undefined ? {} : { adminSocket: (proxy) => host.adminSocket(proxy) }),
    }),
    rotateRoot: (now) => identity.authority.rotate({ now }),
    recoverRoot: () => identity.authority.recover(),
    reissue: async () => {
      const replaced = secrets.store.all().flatMap(({ chain }) => new X509Certificate(chain).serialNumber);
      await secrets.store.renewAll();
      return { replaced: replaced.map(normalSerial) };
    },
  };
}

/** Where the console is, and where a browser is logged in to it, once. */
export function consoleAt(
  port: number,
  { loginPath }: Management,
): { readonly console: string; readonly consoleLink: string } {
  const address = `http://localhost:${port}`;
  return { console: address, consoleLink: `${address}${loginPath()}` };
}
