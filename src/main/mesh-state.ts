import { heard } from "../analysis/silence.ts";
import { podsOf } from "../api/pods.ts";
import type { MeshAbout, MeshState, ProxyStatus } from "../api/state.ts";
import { holdersOf, lastAck, typesOf } from "../api/xds-view.ts";
import type { SvidStore } from "../ca/svid-store.ts";
import type { ConnectedProxy, Discovery } from "../discovery/discovery.ts";
import type { AccessReport } from "../model/access.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Proxy } from "../model/proxy.ts";

export interface MeshStateOptions {
  readonly discovery: Discovery;
  readonly about: () => MeshAbout;
  /** What the analysers find, beside what the sources refused. */
  readonly findings: () => readonly Diagnostic[];
  readonly access: () => AccessReport;
  readonly svids?: Pick<SvidStore, "peek">;
}

/** The running mesh as the API reads it. */
export function meshState(options: MeshStateOptions): MeshState {
  const { discovery } = options;
  const seen = new Map<string, Proxy>();
  const pods = () => podsOf(discovery.snapshot);
  const streams = () =>
    discovery.proxies().map(({ session, config }) => ({
      config,
      types: session.status(),
      resource: (type: string, name: string) => session.resource(type, name),
    }));
  return {
    about: options.about,
    access: options.access,
    snapshot: () => discovery.snapshot,
    diagnostics: () => [...heard(discovery.tracker.snapshot, discovery.diagnostics()), ...options.findings()],
    pods,
    holders: () => holdersOf(streams()),
    proxies: () => {
      const restarts = new Map(pods().map((p) => [`${p.namespace}/${p.name}`, p.restarts]));
      const connected = newest(discovery.proxies());
      for (const one of connected) seen.set(keyOf(one.proxy), one.proxy);
      const here = new Set(connected.map((c) => keyOf(c.proxy)));
      // A proxy that went away with its Pod is not missed; one whose Pod is still there is.
      for (const key of seen.keys()) if (!here.has(key) && !restarts.has(key)) seen.delete(key);
      const gone = [...seen.values()].filter((proxy) => !here.has(keyOf(proxy)));
      return [
        ...connected.map((c) => status(c, restarts, options.svids)),
        ...gone.map((proxy) => disconnected(proxy, restarts)),
      ];
    },
    onChange: (listener) =>
      discovery.onChange(() => {
        listener("mesh");
        listener("workloads");
        listener("config");
      }),
  };
}

function keyOf(proxy: Proxy): string {
  return `${proxy.namespace}/${proxy.name}`;
}

/** A proxy that connected again may have its old stream for a while: the newest counts. */
function newest(all: readonly ConnectedProxy[]): readonly ConnectedProxy[] {
  const ads = all.filter((one) => one.session.protocol.service === "ads").sort((a, b) => a.session.id - b.session.id);
  return [...new Map(ads.map((one) => [keyOf(one.proxy), one])).values()];
}

function status(
  { proxy, session, config, changedAt }: ConnectedProxy,
  restarts: ReadonlyMap<string, number>,
  svids?: Pick<SvidStore, "peek">,
): ProxyStatus {
  const types = session.status();
  const acked = lastAck(types);
  const expires = proxy.identity && svids?.peek(proxy.identity)?.notAfter;
  const version = session.node.userAgentVersionType;
  const number = version.case === "userAgentBuildVersion" ? version.value.version : undefined;
  return {
    proxy,
    connected: true,
    types: typesOf(types, config),
    changedAt,
    ...(acked === undefined ? {} : { lastAckAt: acked }),
    ...(expires === undefined ? {} : { certificateExpiresAt: expires }),
    ...(number === undefined ? {} : { envoyVersion: `${number.majorNumber}.${number.minorNumber}.${number.patch}` }),
    restarts: restarts.get(keyOf(proxy)) ?? 0,
  };
}

function disconnected(proxy: Proxy, restarts: ReadonlyMap<string, number>): ProxyStatus {
  return { proxy, connected: false, types: new Map(), restarts: restarts.get(keyOf(proxy)) ?? 0 };
}
