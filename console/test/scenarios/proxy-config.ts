import type { ConfigDumpResource, ConfigType, ProxyConfigDump } from "../../../src/api/contract/proxy-config.ts";

const services = ["details", "ratings", "reviews", "productpage"];
const host = (name: string) => `${name}.default.svc.cluster.local`;
const made = (name: string, resource: object, origins: readonly string[] = []): ConfigDumpResource => ({
  name,
  version: "17",
  origins,
  resource,
});

const subsets = ["v1", "v2", "v3"];
const clusters = [
  ...services.map((name) =>
    made(`outbound|9080||${host(name)}`, { type: "EDS", connectTimeout: "10s" }, [`${name}.yaml:1:1`]),
  ),
  ...subsets.map((subset) =>
    made(`outbound|9080|${subset}|${host("reviews")}`, { type: "EDS", lbPolicy: "LEAST_REQUEST" }, [
      "destination-rules.yaml:12:1",
    ]),
  ),
  made("inbound|9080||", { type: "ORIGINAL_DST" }),
  made("BlackHoleCluster", { type: "STATIC" }),
];

const address = (at: string, portValue: number) => ({ socketAddress: { address: at, portValue } });
const listeners = [
  made("virtualOutbound", { address: address("0.0.0.0", 15001), trafficDirection: "OUTBOUND", filterChains: [{}] }),
  made("virtualInbound", {
    address: address("0.0.0.0", 15006),
    trafficDirection: "INBOUND",
    filterChains: [{}, {}, {}],
  }),
  made("0.0.0.0_9080", { address: address("0.0.0.0", 9080), trafficDirection: "OUTBOUND", filterChains: [{}, {}] }, [
    "reviews.yaml:1:1",
  ]),
];

const weighted = {
  weightedClusters: {
    clusters: subsets.slice(1).map((s) => ({ name: `outbound|9080|${s}|${host("reviews")}`, weight: 50 })),
  },
};
const routes = [
  made(
    "9080",
    {
      virtualHosts: services.map((name) => ({
        domains: [host(name), name, `${name}.default`],
        routes:
          name === "reviews"
            ? [
                {
                  match: { prefix: "/", headers: [{ name: "end-user" }] },
                  route: { cluster: `outbound|9080|v2|${host(name)}` },
                },
                { match: { prefix: "/" }, route: weighted },
              ]
            : [{ match: { prefix: "/" }, route: { cluster: `outbound|9080||${host(name)}` } }],
      })),
    },
    ["reviews.yaml:14:1", "details.yaml:1:1"],
  ),
];

const endpoints = services.map((name, i) =>
  made(`outbound|9080||${host(name)}`, {
    endpoints: [
      { lbEndpoints: [{ endpoint: { address: address(`10.0.0.${i + 7}`, 9080) }, healthStatus: "HEALTHY" }] },
    ],
  }),
);

const parts: Partial<Record<ConfigType, readonly ConfigDumpResource[]>> = {
  cluster: clusters,
  listener: listeners,
  route: routes,
  endpoint: endpoints,
  secret: [made("default", { name: "default", tlsCertificate: { privateKey: "[redacted]" } })],
  bootstrap: [
    made("bootstrap", {
      node: { id: "sidecar~10.0.0.7" },
      admin: { address: address("127.0.0.1", 15000) },
      staticResources: {},
    }),
  ],
};

/** What the sample's proxies hold: alike for all of them. */
export function proxyConfigOf(proxy: string, type: string, url: URL): ProxyConfigDump {
  const source = url.searchParams.get("source") === "envoy" ? "envoy" : "sent";
  return { proxy, type: type as ConfigType, source, resources: parts[type as ConfigType] ?? [] };
}
