import { gatewayNameLabel } from "../../model/gateway-class.ts";
import type { Resource } from "../../model/resource.ts";
import { all, get, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import { certificatesIn } from "../certificates.ts";
import type { GatewayItem, GatewayServer, ObjectRef } from "../contract/inventory.ts";
import type { MeasuredEdge } from "../edges.ts";
import { workloadHealth } from "../health.ts";
import type { Member } from "../roster.ts";
import { received, summaryOf } from "../workloads.ts";
import { refOf } from "./objects.ts";

interface IstioGateway {
  readonly selector?: Readonly<Record<string, string>>;
  readonly servers?: readonly {
    readonly hosts?: readonly string[];
    readonly port?: { readonly number?: number; readonly protocol?: string };
    readonly tls?: {
      readonly mode?: string;
      readonly credentialName?: string;
      readonly credentialNames?: readonly string[];
    };
  }[];
}

interface KubernetesGateway {
  readonly listeners?: readonly {
    readonly hostname?: string;
    readonly port?: number;
    readonly protocol?: string;
    readonly tls?: {
      readonly mode?: string;
      readonly certificateRefs?: readonly { readonly name?: string; readonly namespace?: string }[];
    };
  }[];
}

interface Bound {
  readonly gateways?: readonly string[];
  readonly parentRefs?: readonly { readonly kind?: string; readonly name?: string; readonly namespace?: string }[];
}

/** Every workload whose proxy is a gateway, with the ports and hosts that objects open on it. */
export function gatewaysOf(
  snapshot: Snapshot,
  roster: ReadonlyMap<string, Member>,
  edges: readonly MeasuredEdge[],
): GatewayItem[] {
  const into = Map.groupBy(edges, (e) => e.target);
  const outOf = Map.groupBy(edges, (e) => e.source);
  const routes = routesByGateway(snapshot);
  return [...roster.values()]
    .filter((member) => member.kind === "gateway")
    .map((member) => {
      const inbound = into.get(member.id) ?? [];
      return {
        namespace: member.namespace,
        name: member.name,
        ...workloadHealth(member, inbound),
        proxies: { total: member.proxies.length, connected: member.proxies.filter((p) => p.connected).length },
        inbound: summaryOf(received(member, inbound, outOf.get(member.id) ?? [])),
        servers: [...istioServers(snapshot, member, routes), ...kubernetesServers(snapshot, member, routes)],
      };
    });
}

type Routes = ReadonlyMap<string, readonly ObjectRef[]>;

function istioServers(snapshot: Snapshot, member: Member, routes: Routes): GatewayServer[] {
  return all(snapshot, types.Gateway)
    .filter(({ spec }) => isSelected(member, (spec as IstioGateway).selector ?? {}))
    .flatMap((object) =>
      ((object.spec as IstioGateway).servers ?? []).map(({ hosts = [], port, tls }) => {
        const credentials = [tls?.credentialName, ...(tls?.credentialNames ?? [])].filter((c) => c !== undefined);
        return {
          object: refOf(object),
          hosts: hosts.map((host) => host.split("/").at(-1) ?? host),
          port: port?.number ?? 0,
          protocol: port?.protocol ?? "",
          ...(tls?.mode === undefined ? {} : { tls: tls.mode }),
          credentials,
          ...expiry(snapshot, credentials, [member.namespace, object.namespace]),
          routes: routes.get(`${types.Gateway} ${object.namespace}/${object.name}`) ?? [],
        };
      }),
    );
}

function kubernetesServers(snapshot: Snapshot, member: Member, routes: Routes): GatewayServer[] {
  const name = labelsOf(member)[gatewayNameLabel];
  const object = name && get(snapshot, { type: types.KubernetesGateway, namespace: member.namespace, name });
  if (!object) return [];
  return ((object.spec as KubernetesGateway).listeners ?? []).map(({ hostname, port = 0, protocol = "", tls }) => {
    const credentials = (tls?.certificateRefs ?? []).flatMap((ref) => ref.name ?? []);
    const places = (tls?.certificateRefs ?? []).flatMap((ref) => ref.namespace ?? []);
    return {
      object: refOf(object),
      hosts: [hostname ?? "*"],
      port,
      protocol,
      ...(tls === undefined ? {} : { tls: tls.mode ?? "Terminate" }),
      credentials,
      ...expiry(snapshot, credentials, [...places, object.namespace]),
      routes: routes.get(`${types.KubernetesGateway} ${object.namespace}/${object.name}`) ?? [],
    };
  });
}

function labelsOf({ pods, proxies }: Member): Readonly<Record<string, string>> {
  return proxies[0]?.proxy.labels ?? pods[0]?.labels ?? {};
}

function isSelected(member: Member, selector: Readonly<Record<string, string>>): boolean {
  const labels = labelsOf(member);
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** When the first certificate in Secrets of these names ends. */
function expiry(
  snapshot: Snapshot,
  names: readonly string[],
  namespaces: readonly string[],
): Pick<GatewayServer, "expiresAt"> {
  const secrets = names.flatMap((name) => {
    const found = namespaces.map((namespace) => get(snapshot, { type: types.Secret, namespace, name }));
    return found.find((secret) => secret !== undefined) ?? [];
  });
  const ends = secrets.flatMap((secret) => certificatesIn(pemOf(secret)).map((x509) => x509.validToDate.getTime()));
  return ends.length === 0 ? {} : { expiresAt: Math.min(...ends) };
}

function pemOf({ data }: Resource): string {
  const text = (field: "data" | "stringData", key: string) =>
    (data?.[field] as Readonly<Record<string, unknown>> | undefined)?.[key];
  for (const key of ["tls.crt", "cert"]) {
    const [packed, plain] = [text("data", key), text("stringData", key)];
    if (typeof plain === "string") return plain;
    if (typeof packed === "string") return Buffer.from(packed, "base64").toString();
  }
  return "";
}

/** Routes by the gateway that they are bound to. */
function routesByGateway(snapshot: Snapshot): Routes {
  const found = new Map<string, ObjectRef[]>();
  const add = (key: string, object: Resource) => found.set(key, [...(found.get(key) ?? []), refOf(object)]);
  for (const object of all(snapshot, types.VirtualService))
    for (const name of (object.spec as Bound).gateways ?? []) {
      if (name === "mesh") continue;
      add(`${types.Gateway} ${name.includes("/") ? name : `${object.namespace}/${name}`}`, object);
    }
  for (const type of [types.HttpRoute, types.GrpcRoute, types.TcpRoute, types.TlsRoute, types.UdpRoute])
    for (const object of all(snapshot, type))
      for (const { kind = "Gateway", name = "", namespace } of (object.spec as Bound).parentRefs ?? [])
        if (kind === "Gateway") add(`${types.KubernetesGateway} ${namespace ?? object.namespace}/${name}`, object);
  return found;
}
