import type { Snapshot } from "../../model/snapshot.ts";
import { get, list } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { Infrastructure, TelemetryProvider } from "../contract/overview.ts";
import { domainOf } from "../domain.ts";
import type { MeasuredEdge } from "../edges.ts";
import { workloadHealth } from "../health.ts";
import { syncOf } from "../proxy-state.ts";
import type { Member } from "../roster.ts";
import type { MeshState } from "../state.ts";
import { worstOf } from "./applications.ts";
import { meshMtls, rootNamespace } from "./mtls.ts";
import { refOf } from "./objects.ts";
import { membersOf } from "./services.ts";

type Telemetry = Omit<Infrastructure["telemetry"], "providers">;

/** Parts of Istio's MeshConfig that are shown. Source: istio.io/latest/docs/reference/config/istio.mesh.v1alpha1 */
interface Settings {
  readonly enableAutoMtls?: boolean;
  readonly accessLogFile?: string;
  readonly meshMTLS?: { readonly minProtocolVersion?: string };
  readonly outboundTrafficPolicy?: { readonly mode?: string };
  readonly extensionProviders?: readonly Readonly<Record<string, unknown>>[];
  readonly defaultProviders?: Readonly<Record<string, readonly string[]>>;
}

/** What the mesh is made of: its control plane, its data planes, its gateways, and where telemetry goes. */
export function infrastructureOf(
  state: MeshState,
  roster: ReadonlyMap<string, Member>,
  edges: readonly MeasuredEdge[],
  telemetry: Telemetry,
): Infrastructure {
  const { version, envoyVersion, trustDomain, startedAt, usage } = state.about();
  const snapshot = state.snapshot();
  const into = Map.groupBy(edges, (e) => e.target);
  const healthOf = (m: Member) => ({ name: m.name, ...workloadHealth(m, into.get(m.id) ?? []) });
  const members = [...roster.values()];
  const planes = Map.groupBy(
    members.filter((m) => m.proxies.length > 0),
    (m) => m.namespace,
  );
  return {
    controlPlane: { version, envoyVersion, trustDomain, startedAt, ...(usage === undefined ? {} : { usage }) },
    settings: settingsOf(snapshot),
    envoys: envoysOf(members),
    dataPlanes: [...planes].map(([namespace, own]) => {
      const proxies = own.flatMap((m) => m.proxies);
      const revision = get(snapshot, { type: types.Namespace, namespace: "", name: namespace })?.labels["istio.io/rev"];
      return {
        namespace,
        health: worstOf(own.map(healthOf)).health,
        workloads: own.length,
        proxies: proxies.length,
        synced: proxies.filter((p) => syncOf(p) === "synced").length,
        ...(revision === undefined ? {} : { revision }),
      };
    }),
    gateways: members
      .filter((m) => m.kind === "gateway")
      .map((m) => ({ namespace: m.namespace, name: m.name, health: healthOf(m).health, proxies: m.proxies.length })),
    telemetry: { ...telemetry, providers: providersOf(snapshot, members, domainOf(state)) },
  };
}

function meshConfig(snapshot: Snapshot) {
  return get(snapshot, { type: "MeshConfig", namespace: "", name: "istio" });
}

function settingsOf(snapshot: Snapshot): Infrastructure["settings"] {
  const object = meshConfig(snapshot);
  const { enableAutoMtls, accessLogFile, meshMTLS, outboundTrafficPolicy } = (object?.spec ?? {}) as Settings;
  const min = meshMTLS?.minProtocolVersion;
  return {
    rootNamespace: rootNamespace(snapshot),
    mtls: meshMtls(snapshot),
    autoMtls: enableAutoMtls !== false,
    minTlsVersion: min === "TLSV1_3" ? "1.3" : "1.2",
    outboundPolicy: outboundTrafficPolicy?.mode ?? "ALLOW_ANY",
    ...(accessLogFile ? { accessLogFile } : {}),
    ...(object === undefined ? {} : { at: object.origin.at }),
  };
}

function envoysOf(members: readonly Member[]): Infrastructure["envoys"] {
  const connected = members.flatMap((m) => m.proxies).filter((p) => p.connected);
  const byVersion = Map.groupBy(connected, (p) => p.envoyVersion ?? "unknown");
  return [...byVersion]
    .map(([version, proxies]) => ({ version, proxies: proxies.length }))
    .sort((a, b) => b.proxies - a.proxies);
}

interface Backend {
  readonly service?: string;
  readonly port?: number;
}

function providersOf(snapshot: Snapshot, members: readonly Member[], domain: string): TelemetryProvider[] {
  const { extensionProviders = [], defaultProviders = {} } = (meshConfig(snapshot)?.spec ?? {}) as Settings;
  return extensionProviders.map((provider) => {
    const name = String(provider["name"] ?? "");
    const [kind = "", settings] = Object.entries(provider).find(([key]) => key !== "name") ?? [];
    const { service, port } = (settings ?? {}) as Backend;
    const defaultFor = Object.entries(defaultProviders).flatMap(([what, names]) =>
      names.includes(name) ? [what] : [],
    );
    const base = { name, kind, defaultFor };
    if (service === undefined) return { ...base, health: "healthy", sentence: "needs no server" };
    const address = port === undefined ? service : `${service}:${port}`;
    return { ...base, address, ...reach(snapshot, members, service.split("/").at(-1) ?? service, domain) };
  });
}

/** Whether somebody stands at a provider's address, as far as the mesh knows it. */
function reach(
  snapshot: Snapshot,
  members: readonly Member[],
  host: string,
  domain: string,
): Pick<TelemetryProvider, "health" | "sentence" | "service"> {
  const [name = "", namespace = ""] = host.toLowerCase().split(".");
  const service = list(snapshot, types.Service, namespace).find((one) => one.name === name);
  if (service === undefined)
    return host.endsWith(`.svc.${domain}`) || !host.includes(".")
      ? { health: "failing", sentence: `no Service ${host} is known: nothing arrives there` }
      : { health: "unknown", sentence: "outside of the mesh: nobody here knows whether it answers" };
  const { selector } = service.spec as { readonly selector?: Readonly<Record<string, string>> };
  const behind = membersOf(
    selector,
    members.filter((m) => m.namespace === namespace),
  );
  const ready = behind.flatMap((m) => m.pods).filter((p) => p.ready).length;
  const found = { service: refOf(service) };
  if (selector === undefined) return { ...found, health: "unknown", sentence: "its endpoints are listed by hand" };
  return ready > 0
    ? { ...found, health: "healthy", sentence: `${ready === 1 ? "its Pod is" : `${ready} Pods are`} ready` }
    : { ...found, health: "failing", sentence: "no Pod behind it is ready: nothing arrives there" };
}
