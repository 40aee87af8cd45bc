import type { Health } from "../../../src/api/contract/health.ts";
import type {
  ApplicationItem,
  ExternalItem,
  GatewayItem,
  NamespaceItem,
  ObjectRef,
  ServiceItem,
} from "../../../src/api/contract/inventory.ts";
import type { Workload } from "../../../src/api/contract/workloads.ts";
import { trafficOf, type World } from "./world.ts";

const worst: readonly Health[] = ["failing", "degraded", "healthy", "unknown"];

function stateOf(own: readonly Workload[]): { health: Health; sentence: string } {
  const health = worst.find((h) => own.some((w) => w.health === h)) ?? "unknown";
  const one = own.find((w) => w.health === health);
  return { health, sentence: health === "healthy" ? "all is well" : `${one?.name}: ${one?.sentence}` };
}

/** What the lists say of a made-up world: worked out of its graph, its workloads and its configuration. */
export const inventory: Readonly<Record<string, (world: World) => unknown>> = {
  namespaces,
  services,
  applications,
  gateways,
  externals,
};

function namespaces({ mesh, workloads, graph, config }: World): NamespaceItem[] {
  return mesh.namespaces.map((name) => {
    const own = workloads.filter((w) => w.namespace === name);
    const ids = new Set(own.map((w) => w.id));
    const count = (health: Health) => own.filter((w) => w.health === health).length;
    const found = config.filter((c) => c.namespace === name).flatMap((c) => c.diagnostics);
    return {
      name,
      ...stateOf(own),
      workloads: {
        healthy: count("healthy"),
        degraded: count("degraded"),
        failing: count("failing"),
        unknown: count("unknown"),
      },
      services: new Set(graph.edges.filter((e) => ids.has(e.target)).map((e) => e.service)).size,
      applications: new Set(own.map((w) => w.app)).size,
      inMesh: own.filter((w) => w.proxies.length > 0).length,
      inbound: trafficOf(graph.edges.filter((e) => ids.has(e.target))),
      mtls: name === "istio-system" ? "permissive" : "strict",
      injection: "enabled",
      labels: { "istio-injection": "enabled", "kubernetes.io/metadata.name": name },
      findings: {
        errors: found.filter((f) => f.level === "Error").length,
        warnings: found.filter((f) => f.level === "Warning").length,
      },
    };
  });
}

function services({ graph, workloads, config }: World): ServiceItem[] {
  const apps = Map.groupBy(
    workloads.filter((w) => w.kind !== "gateway"),
    (w) => `${w.namespace}/${w.app}`,
  );
  const edges = Map.groupBy(graph.edges, (e) => e.service);
  return [...apps.values()].map((own) => {
    const [{ namespace, app }] = own as [Workload];
    const host = `${app}.${namespace}.svc.cluster.local`;
    const objects = config.filter((c) => c.name === app && /VirtualService|DestinationRule|Route/.test(c.kind));
    return {
      namespace,
      name: app,
      host,
      ...stateOf(own),
      ports: [{ number: 9080, name: "http", protocol: "http", target: "9080" }],
      address: "10.96.12.7",
      workloads: own.map((w) => w.id),
      endpoints: {
        ready: own.reduce((n, w) => n + w.replicas.ready, 0),
        total: own.reduce((n, w) => n + w.replicas.desired, 0),
      },
      inbound: trafficOf(edges.get(host) ?? []),
      objects: objects.map(refOf),
      at: `${app}.yaml:1:1`,
    };
  });
}

function refOf({ type, kind, namespace, name, at }: ObjectRef): ObjectRef {
  return { type, kind, namespace, name, at };
}

function applications({ workloads, graph }: World): ApplicationItem[] {
  const into = Map.groupBy(graph.edges, (e) => e.target);
  const outOf = Map.groupBy(graph.edges, (e) => e.source);
  return [...Map.groupBy(workloads, (w) => `${w.namespace}/${w.app}`).values()].map((own) => {
    const [{ namespace, app }] = own as [Workload];
    return {
      namespace,
      name: app,
      ...stateOf(own),
      versions: [...new Set(own.map((w) => w.version).filter(Boolean))],
      workloads: own.map((w) => w.id),
      inbound: trafficOf(own.flatMap((w) => into.get(w.id) ?? [])),
      outbound: trafficOf(own.flatMap((w) => outOf.get(w.id) ?? [])),
    };
  });
}

function gateways({ workloads, graph, config }: World): GatewayItem[] {
  const object = config.find((c) => c.kind === "Gateway");
  const routes = config.filter((c) => c.kind === "VirtualService" && c.name === "bookinfo");
  return workloads
    .filter((w) => w.kind === "gateway")
    .map((w) => ({
      namespace: w.namespace,
      name: w.name,
      health: w.health,
      sentence: w.sentence,
      proxies: { total: w.proxies.length, connected: w.proxies.filter((p) => p.sync !== "disconnected").length },
      inbound: trafficOf(graph.edges.filter((e) => e.target === w.id)),
      servers: object
        ? [
            {
              object: refOf(object),
              hosts: ["*"],
              port: 8080,
              protocol: "HTTP",
              credentials: [],
              routes: routes.map(refOf),
            },
            {
              object: refOf(object),
              hosts: ["bookinfo.example.com"],
              port: 8443,
              protocol: "HTTPS",
              tls: "SIMPLE",
              credentials: ["bookinfo-cert"],
              expiresAt: graph.at + 40 * 86_400_000,
              routes: routes.map(refOf),
            },
          ]
        : [],
    }));
}

function externals({ graph }: World): ExternalItem[] {
  return graph.nodes
    .filter((n) => n.type === "external")
    .map((n) => {
      const own = graph.edges.filter((e) => e.target === n.id);
      return {
        host: n.name,
        health: n.health,
        sentence: "answers well; no ServiceEntry names it",
        outbound: trafficOf(own),
        bytes: {
          sent: own.reduce((sum, e) => sum + (e.bytesReceivedRate ?? 0), 0),
          received: own.reduce((sum, e) => sum + (e.bytesSentRate ?? 0), 0),
        },
        callers: own.map((e) => e.source),
      };
    });
}
