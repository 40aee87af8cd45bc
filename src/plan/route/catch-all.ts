import type { Scope, Step } from "../../track/scope.ts";
import { blackHoleCluster, dynamicDnsCluster, passthroughCluster } from "../cluster-name.ts";
import { hostMatches } from "../host.ts";
import { type OutboundPolicy, outboundPolicy } from "../outbound-policy.ts";
import { isHttp } from "../protocol.ts";
import { visibleServices } from "../registry.ts";
import type { Service } from "../service.ts";
import { egressListeners, takesVirtualService } from "../sidecar/egress.ts";
import { parseView, parseViewer, type View, viewerOf, viewKey } from "../view.ts";
import { anyRequest } from "./match.ts";
import { catchAllName, isRouted } from "./names.ts";
import { seenBy, virtualServiceEntries } from "./selection.ts";
import type { HttpRoute, RouteTable, VirtualHost } from "./table.ts";
import { type HostInputs, hostInputs, virtualHost } from "./virtual-host.ts";

/** What a port's catch-all is made of. */
export interface CatchAllInputs {
  readonly port: number;
  readonly hosts: readonly HostInputs[];
  readonly policy: OutboundPolicy;
}

/**
 * What the rest of a port depends on for a view: wildcard services, subdomains of headless ones, IPv6 addresses as hosts (a scope key ends at
 * the first colon), hosts that only a VirtualService knows, and the policy for unknown ones. Key: `port|viewKey`; the answer: key of `routeTable`.
 */
export const catchAllKey: Step<string> = {
  name: "plan/catchAllKey",
  run: (scope, key) => {
    const bar = key.indexOf("|");
    const [port, view] = [Number(key.slice(0, bar)), parseView(key.slice(bar + 1))];
    const taken = new Set<string>();
    const free = (domains: readonly string[]) => domains.filter((d) => !taken.has(d) && taken.add(d));
    const hosts: HostInputs[] = [];
    for (const service of scope.ask(visibleServices, viewerOf(view))) {
      if (!service.ports.some((p) => p.number === port && isRouted(p.protocol))) continue;
      const domains = free(looseDomains(service, service.namespace === view.namespace));
      if (domains.length > 0) hosts.push(hostInputs(scope, view, { host: service.host, port, service, domains }));
    }
    for (const { host, ports } of scope.ask(unservedHosts, viewerOf(view))) {
      const domains = ports.includes(port) ? free([host]) : [];
      if (domains.length > 0) hosts.push(hostInputs(scope, view, { host, port, domains }));
    }
    const inputs: CatchAllInputs = { port, hosts, policy: scope.ask(outboundPolicy, viewKey(view)) };
    return JSON.stringify({ kind: "catchAll", ...inputs });
  },
};

/** The key of `catchAllKey`. */
export function catchAllViewKey(view: View, port: number): string {
  return `${port}|${viewKey(view)}`;
}

/** Domains of a service that no scope key can name. */
function looseDomains(service: Service, local: boolean): readonly string[] {
  const own = service.host.startsWith("*") ? [service.host] : service.headless ? subdomains(service, local) : [];
  const v6 = service.addresses.filter((a) => a.includes(":") && !a.includes("/")).map((a) => `[${a}]`);
  return [...own, ...v6];
}

/** Names below a headless service: its Pods'. */
function subdomains({ host, name, namespace, kind }: Service, local: boolean): readonly string[] {
  const full = [`*.${host}`];
  if (kind !== "Service") return full;
  return [...full, `*.${name}.${namespace}.svc`, `*.${name}.${namespace}`, ...(local ? [`*.${name}`] : [])];
}

/** A host that VirtualServices know but no service has, and the ports on which sidecars listen for it. */
interface UnservedHost {
  readonly host: string;
  readonly ports: readonly number[];
}

/** Key: `viewerOf`. The ports are those of the VirtualService's other hosts, else 80, as in Istio. */
const unservedHosts: Step<readonly UnservedHost[]> = {
  name: "plan/unservedHosts",
  run: (scope, viewer) => {
    const { namespace, sidecar } = parseViewer(viewer);
    const services = scope.ask(visibleServices, viewer);
    const listeners = sidecar === undefined ? undefined : scope.ask(egressListeners, viewer);
    const byHost = new Map(services.map((s) => [s.host, s]));
    const ports = new Map<string, Set<number>>();
    const entries = scope.ask(virtualServiceEntries, "").filter((e) => e.gateways.includes("mesh"));
    for (const entry of seenBy(entries, namespace)) {
      if (listeners?.some((l) => takesVirtualService(l, entry.namespace, entry.hosts)) === false) continue;
      const served = entry.hosts.map((host) => [host, servicesOf(host, services, byHost)] as const);
      const open = httpPorts(served.flatMap(([, found]) => found));
      for (const [host, found] of served) {
        if (found.length > 0) continue;
        const all = ports.get(host) ?? new Set();
        for (const port of open.length > 0 ? open : [80]) all.add(port);
        ports.set(host, all);
      }
    }
    return [...ports].map(([host, open]) => ({ host, ports: [...open].sort((a, b) => a - b) }));
  },
};

function servicesOf(host: string, services: readonly Service[], byHost: ReadonlyMap<string, Service>) {
  if (host.startsWith("*")) return services.filter((s) => hostMatches(host, s.host));
  const found = byHost.get(host);
  return found === undefined ? [] : [found];
}

function httpPorts(services: readonly Service[]): readonly number[] {
  return services.flatMap((s) => s.ports.filter((p) => isHttp(p.protocol)).map((p) => p.number));
}

/** The table of these inputs. */
export function catchAllTable(scope: Scope, { port, hosts, policy }: CatchAllInputs): RouteTable {
  const made = hosts.flatMap((inputs) => virtualHost(scope, inputs) ?? []);
  const domains = made.flatMap((m) => m.host.domains);
  return {
    name: catchAllName(port),
    virtualHosts: [...made.map((m) => m.host), ...(domains.includes("*") ? [] : [unknownHosts(policy)])],
    origins: [...new Set(made.flatMap((m) => m.origins))],
  };
}

const strangers: readonly string[] = [passthroughCluster, dynamicDnsCluster];

/** Where hosts go that nothing in the mesh names. */
export function unknownHosts({ requests }: OutboundPolicy): VirtualHost {
  const name = requests === undefined ? "block_all" : "allow_any";
  const action: HttpRoute["action"] =
    requests !== undefined
      ? {
          kind: "forward",
          destinations: [{ host: "", subset: "", cluster: requests, weight: 100, external: true }],
          timeoutMs: 0,
          mirrors: [],
          hash: [],
        }
      : { kind: "directResponse", status: 502 };
  const operation = requests ?? blackHoleCluster;
  // With an egress proxy they go to a service that is known.
  const outside = requests === undefined || strangers.includes(requests) ? { outside: operation } : {};
  return { name, domains: ["*"], routes: [{ name, match: anyRequest, action, operation, ...outside }] };
}
