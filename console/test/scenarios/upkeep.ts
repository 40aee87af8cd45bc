import type { CertificateSummary, CertificatesAnswer } from "../../../src/api/contract/certificates.ts";
import type { CheckAnswer, CheckResult } from "../../../src/api/contract/check.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import type { ServiceItem } from "../../../src/api/contract/inventory.ts";
import type { Infrastructure, Overview } from "../../../src/api/contract/overview.ts";
import { inventory } from "./inventory.ts";
import { trafficOf, type World } from "./world.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** What upkeep says of a made-up world: its certificates, and what `weft check` prints. */
export const upkeep: Readonly<Record<string, (world: World) => unknown>> = {
  certificates,
  check,
  overview,
  infrastructure,
};

function certificates({ graph: { at }, workloads, mesh }: World): CertificatesAnswer {
  const of = (
    kind: CertificateSummary["kind"],
    name: string,
    from: number,
    to: number,
    more = {},
  ): CertificateSummary => ({
    kind,
    name,
    subject: "",
    serial: name.length.toString(16).padStart(6, "7f3a"),
    issuer: `O=${mesh.trustDomain}`,
    notBefore: at + from,
    notAfter: at + to,
    renewed: true,
    holders: ["control plane"],
    ...more,
  });
  const leaves = workloads
    .filter((w) => w.proxies.length > 0)
    .map((w, i) =>
      of(
        "workload",
        `spiffe://${mesh.trustDomain}/ns/${w.namespace}/sa/${w.serviceAccount}`,
        -3 * hour,
        21 * hour - i * 1000,
        {
          holders: w.proxies.map((p) => p.id),
          serial: (0x5a11 + i * 977).toString(16),
        },
      ),
    );
  const gone = mesh.health === "failing" && leaves[0];
  return {
    items: [
      of("root", `O=${mesh.trustDomain}, CN=root 1`, -20 * day, 3630 * day, { state: "active" }),
      of("control plane", "istiod.istio-system.svc", -5 * hour, 19 * hour),
      of("gateway", "bookinfo.example.com", -50 * day, 40 * day, {
        renewed: false,
        holders: ["Secret istio-system/bookinfo-cert"],
      }),
      ...leaves,
    ],
    silent: [],
    ...(gone ? { failed: [{ identity: gone.name, at: at - 40_000, error: "the root does not sign yet" }] } : {}),
  };
}

function check({ mesh, workloads }: World): CheckAnswer {
  const ok = (category: string, name: string): CheckResult => ({ category, name, outcome: "ok" });
  const bare = workloads.filter((w) => w.proxies.length === 0);
  return {
    items: [
      ok("control-plane", "what it reads is of now"),
      ok("control-plane", "traffic's history is kept on disk"),
      ok("certificates", "the authority can sign"),
      ok("certificates", "every renewal succeeded"),
      ok("proxies", "they are connected"),
      mesh.proxies.synced === mesh.proxies.total
        ? ok("proxies", "they are in sync")
        : {
            category: "proxies",
            name: "they are in sync",
            outcome: "failed",
            says: `${mesh.proxies.total - mesh.proxies.synced} refused a part of their configuration`,
            hint: "weft proxy-status POD has Envoy's words",
          },
      bare.length === 0
        ? ok("workloads", "a proxy stands beside each")
        : {
            category: "workloads",
            name: "a proxy stands beside each",
            outcome: "warning",
            says: `${bare.length} have none: ${bare.map((w) => `${w.namespace}/${w.name}`).join(", ")}`,
            hint: "label their namespace istio-injection=enabled, and restart them",
          },
    ],
  };
}

function overview(world: World): Overview {
  const { graph, workloads, mesh, config } = world;
  const count = (all: readonly { readonly health: Health }[]) => {
    const of = (health: Health) => all.filter((one) => one.health === health).length;
    return { healthy: of("healthy"), degraded: of("degraded"), failing: of("failing"), unknown: of("unknown") };
  };
  const list = <T>(name: string) => (inventory[name]?.(world) ?? []) as readonly (T & { readonly health: Health })[];
  const services = list<ServiceItem>("services");
  const first = (figure: (s: ServiceItem) => number) =>
    services
      .filter((s) => figure(s) > 0)
      .toSorted((a, b) => figure(b) - figure(a))
      .slice(0, 5)
      .map(({ namespace, name, health, inbound }) => ({ namespace, name, health, ...inbound }));
  return {
    at: graph.at,
    namespaces: count(list("namespaces")),
    applications: count(list("applications")),
    services: count(services),
    workloads: count(workloads),
    gateways: count(list("gateways")),
    traffic: { ...trafficOf(graph.edges.filter((e) => e.protocol !== "tcp")), mtlsShare: 0.97, tcpBytes: 12_000 },
    config: { objects: config.length, ...mesh.diagnostics },
    first: {
      busiest: first((s) => s.inbound.rate),
      failing: first((s) => s.inbound.rate * s.inbound.errorShare),
      slowest: first((s) => s.inbound.p95 ?? 0),
    },
  };
}

function infrastructure({ mesh, workloads }: World): Infrastructure {
  const spaces = [...Map.groupBy(workloads, (w) => w.namespace)];
  return {
    controlPlane: { ...mesh, usage: { memory: 214_000_000, cpu: 0.013 } },
    settings: {
      rootNamespace: "istio-system",
      mtls: "permissive",
      autoMtls: true,
      minTlsVersion: "1.2",
      outboundPolicy: "ALLOW_ANY",
      accessLogFile: "/dev/stdout",
      at: "mesh.yaml:1:1",
    },
    envoys: [{ version: "1.40.0", proxies: mesh.proxies.total }],
    dataPlanes: spaces.map(([namespace, own]) => ({
      namespace,
      health: own.some((w) => w.health === "failing") ? "failing" : "healthy",
      workloads: own.length,
      proxies: own.flatMap((w) => w.proxies).length,
      synced: own.flatMap((w) => w.proxies).filter((p) => p.sync === "synced").length,
    })),
    gateways: workloads
      .filter((w) => w.kind === "gateway")
      .map((w) => ({ namespace: w.namespace, name: w.name, health: w.health, proxies: w.proxies.length })),
    telemetry: {
      store: {
        where: "file",
        bytes: 18_400_000,
        series: 412,
        since: { fine: 1_788_000_000_000, coarse: 1_787_935_200_000 },
      },
      history: "store",
      providers: [
        {
          name: "zipkin",
          kind: "zipkin",
          address: "zipkin.observability.svc.cluster.local:9411",
          health: "failing",
          sentence: "no Pod behind it is ready: nothing arrives there",
          defaultFor: ["tracing"],
        },
      ],
    },
  };
}
