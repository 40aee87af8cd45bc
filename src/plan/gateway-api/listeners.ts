import type { AllowedRoutes, GatewaySpec, Listener } from "../../gen/gateway-api/gateway.ts";
import type { ListenerSetSpec } from "../../gen/gateway-api/listener-set.ts";
import type { ServerTLSSettings } from "../../gen/istio/gateway.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref, Resource, Type } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { typeIn } from "./grants.ts";
import { letsIn } from "./label-selector.ts";
import type { ListenerFault, ListenerProtocol } from "./listener-fault.ts";
import { listenerTls } from "./listener-tls.ts";

/** A listener of a Gateway, its own or one of a ListenerSet, and whether it serves. */
export interface ListenerPlan {
  /** Of the object that holds it, and its name there: the key by which routes attach. */
  readonly key: string;
  /** The Gateway or ListenerSet that holds it. */
  readonly holder: Ref;
  readonly name: string;
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** Lower-case; `*` is any. */
  readonly hostname: string;
  readonly tls?: ServerTLSSettings;
  /** Types of the routes that may attach. */
  readonly kinds: readonly Type[];
  readonly namespaces: NonNullable<AllowedRoutes["namespaces"]>;
  /** What is wrong with it; one of them may be why it does not serve. */
  readonly faults: readonly ListenerFault[];
  /** Whether anything comes of it. */
  readonly serves: boolean;
  readonly at: string;
}

const protocols: Readonly<Record<ListenerProtocol, readonly Type[]>> = {
  HTTP: [types.HttpRoute, types.GrpcRoute],
  HTTPS: [types.HttpRoute, types.GrpcRoute],
  TLS: [types.TlsRoute, types.TcpRoute],
  TCP: [types.TcpRoute],
  UDP: [types.UdpRoute],
};

/** Listeners of a Gateway: its own, then those of its ListenerSets, the oldest first. Key: `namespace/name`. */
export const apiListeners: Step<readonly ListenerPlan[]> = {
  name: "plan/apiListeners",
  run: (scope, key) => {
    const gateway = gatewayOf(scope, key);
    if (gateway === undefined) return [];
    const holders = [gateway, ...listenerSets(scope, gateway).filter((set) => mayAdd(scope, gateway, set))];
    return withoutConflicts(
      holders.flatMap((holder) => holder.spec.listeners.map((_, i) => plan(scope, gateway, holder, i))),
    );
  },
};

function gatewayOf(scope: Scope, key: string): Resource<GatewaySpec> | undefined {
  const slash = key.indexOf("/");
  return scope.get<GatewaySpec>({
    type: types.KubernetesGateway,
    namespace: key.slice(0, slash),
    name: key.slice(slash + 1),
  });
}

/** ListenerSets that name a Gateway, allowed or not, the oldest first. */
export function listenerSets(scope: Scope, gateway: Ref): readonly Resource<ListenerSetSpec>[] {
  return listAll<ListenerSetSpec>(scope, types.ListenerSet)
    .filter(({ namespace, spec: { parentRef } }) => {
      const type = typeIn(parentRef.group ?? "gateway.networking.k8s.io", parentRef.kind ?? "Gateway");
      const owner = parentRef.namespace ?? namespace;
      return type === types.KubernetesGateway && owner === gateway.namespace && parentRef.name === gateway.name;
    })
    .sort((a, b) => a.createdAt - b.createdAt || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

/** Whether a Gateway takes a ListenerSet's listeners: none unless it says so. */
export function mayAdd(scope: Scope, gateway: Resource<GatewaySpec>, set: Ref): boolean {
  const rule = gateway.spec.allowedListeners?.namespaces ?? {};
  return letsIn(scope, rule, gateway.namespace, set.namespace);
}

function plan(
  scope: Scope,
  gateway: Resource<GatewaySpec>,
  holder: Resource<GatewaySpec | ListenerSetSpec>,
  index: number,
): ListenerPlan {
  const said = holder.spec.listeners[index] as Listener;
  const path: FieldPath = ["spec", "listeners", index];
  const { type, namespace, name } = holder;
  const ref = { type, namespace, name };
  const shared = {
    key: listenerKey(ref, said.name),
    holder: ref,
    name: said.name,
    port: said.port,
    hostname: (said.hostname || "*").toLowerCase(),
    namespaces: { from: "Same", ...said.allowedRoutes?.namespaces } as const,
    at: holder.origin.at,
  };
  const protocol = Object.keys(protocols).find((p): p is ListenerProtocol => p === said.protocol);
  if (protocol === undefined) {
    const message = `no proxy speaks ${said.protocol} here`;
    const fault = {
      condition: "Accepted",
      reason: "UnsupportedProtocol",
      message,
      path: [...path, "protocol"],
    } as const;
    return { ...shared, protocol: "TCP", kinds: [], faults: [fault], serves: false };
  }
  const kinds = kindsOf(said, protocol, path);
  const secured = listenerTls(scope, gateway, ref, said, protocol, path);
  return {
    ...shared,
    protocol,
    kinds: kinds.kinds,
    ...(secured.tls === undefined ? {} : { tls: secured.tls }),
    faults: [...kinds.faults, ...secured.faults],
    serves: secured.serves && kinds.kinds.length > 0,
  };
}

/** `Gateway.gateway.networking.k8s.io|shop/front|http`. */
export function listenerKey({ type, namespace, name }: Ref, listener: string): string {
  return `${type}|${namespace}/${name}|${listener}`;
}

function kindsOf(
  { allowedRoutes, tls }: Listener,
  protocol: ListenerProtocol,
  path: FieldPath,
): { readonly kinds: readonly Type[]; readonly faults: readonly ListenerFault[] } {
  const passes = protocol === "TLS" && tls?.mode === "Passthrough";
  const fitting = protocols[protocol].filter((type) => !passes || type === types.TlsRoute);
  const said = allowedRoutes?.kinds ?? [];
  if (said.length === 0) return { kinds: fitting, faults: [] };
  const wanted = said.map(({ group, kind }) => typeIn(group ?? "gateway.networking.k8s.io", kind));
  const faults = wanted.flatMap((type, i): readonly ListenerFault[] => {
    if (fitting.includes(type)) return [];
    const message = `a listener of ${protocol} takes no ${said[i]?.kind}`;
    const place = [...path, "allowedRoutes", "kinds", i];
    return [{ condition: "ResolvedRefs", reason: "InvalidRouteKinds", message, path: place, partial: true }];
  });
  return { kinds: fitting.filter((type) => wanted.includes(type)), faults };
}

/** Two listeners that a proxy could not tell apart: the later one serves nothing. */
function withoutConflicts(all: readonly ListenerPlan[]): readonly ListenerPlan[] {
  const taken = new Map<string, ListenerPlan>();
  return all.map((listener) => {
    const { port, protocol, hostname, holder } = listener;
    const transport = protocol === "UDP" ? "udp" : "tcp";
    const named = protocol === "TCP" || protocol === "UDP" ? "" : hostname;
    const first = taken.get(`${transport} ${port}`);
    const same = taken.get(`${transport} ${port} ${named}`);
    const reason =
      same !== undefined
        ? "HostnameConflict"
        : first !== undefined && !share(first, listener)
          ? "ProtocolConflict"
          : undefined;
    if (reason !== undefined) {
      const other = same ?? (first as ListenerPlan);
      const message = `listener ${other.name} of ${other.holder.namespace}/${other.holder.name} has port ${port}${reason === "HostnameConflict" ? " and this hostname" : ` with ${other.protocol}`} before it`;
      const fault: ListenerFault = {
        condition: "Conflicted",
        reason,
        message,
        path: listenerPath(listener, all, holder),
      };
      return { ...listener, faults: [...listener.faults, fault], serves: false };
    }
    taken.set(`${transport} ${port}`, first ?? listener);
    taken.set(`${transport} ${port} ${named}`, listener);
    return listener;
  });
}

/** Whether two listeners may share a port: plain HTTP with itself, and what is told apart by its server name. */
function share(a: ListenerPlan, b: ListenerPlan): boolean {
  const secure = (l: ListenerPlan) => l.protocol === "HTTPS" || l.protocol === "TLS";
  return (a.protocol === "HTTP" && b.protocol === "HTTP") || (secure(a) && secure(b));
}

function listenerPath(listener: ListenerPlan, all: readonly ListenerPlan[], holder: Ref): FieldPath {
  const own = all.filter(
    (l) => l.holder.type === holder.type && l.holder.namespace === holder.namespace && l.holder.name === holder.name,
  );
  return ["spec", "listeners", own.indexOf(listener)];
}
