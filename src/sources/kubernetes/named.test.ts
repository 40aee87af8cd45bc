import { expect, test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { namesNow } from "./names-now.ts";
import { originOf } from "./origin.ts";

function object(
  type: string,
  namespace: string,
  name: string,
  spec: object,
  labels: Resource["labels"] = {},
): Resource {
  const ref = { type, namespace, name };
  const rest = { apiVersion: "v1", annotations: {}, createdAt: 0, generation: 1 };
  return { ...ref, ...rest, labels, spec, origin: originOf(ref) };
}

const router = object(types.Pod, "edge", "router-0", {}, { istio: "ingressgateway", app: "router" });

function named(...objects: readonly Resource[]): readonly string[] {
  const all = [router, ...objects];
  const { wanted } = namesNow((type) => all.filter((o) => o.type === type), undefined);
  return [...wanted.keys()].sort();
}

const gatewayOf = (tls: object, selector?: object) =>
  object(types.Gateway, "shop", "front", { ...(selector ? { selector } : {}), servers: [{ tls }] });

test.each([
  [
    "a Gateway's certificate",
    [gatewayOf({ mode: "SIMPLE", credentialName: "tls" }, { app: "router" })],
    ["Secret/edge/tls", "Secret/shop/tls"],
  ],
  [
    "of one that chooses nobody",
    [gatewayOf({ mode: "SIMPLE", credentialName: "tls" }, { app: "none" })],
    ["Secret/shop/tls"],
  ],
  [
    "of one for all routers",
    [gatewayOf({ mode: "SIMPLE", credentialName: "tls" }), gatewayOf({}, { app: "router" })],
    ["Secret/edge/tls", "Secret/shop/tls"],
  ],
  [
    "what clients are verified by, too",
    [gatewayOf({ mode: "MUTUAL", credentialNames: ["a", "b"] }, { app: "none" })],
    ["ConfigMap/shop/a", "ConfigMap/shop/a-cacert", "Secret/shop/a", "Secret/shop/a-cacert", "Secret/shop/b"],
  ],
  [
    "a DestinationRule's, beside it and at the routers",
    [object(types.DestinationRule, "shop", "db", { trafficPolicy: { tls: { mode: "SIMPLE", credentialName: "db" } } })],
    ["edge", "shop"].flatMap((ns) => [
      `ConfigMap/${ns}/db`,
      `ConfigMap/${ns}/db-cacert`,
      `Secret/${ns}/db`,
      `Secret/${ns}/db-cacert`,
    ]),
  ],
  [
    "a DestinationRule's for chosen workloads",
    [
      object(types.DestinationRule, "shop", "db", {
        workloadSelector: { matchLabels: { app: "x" } },
        trafficPolicy: { portLevelSettings: [{ tls: { credentialName: "db-cacert" } }] },
      }),
    ],
    ["ConfigMap/shop/db", "ConfigMap/shop/db-cacert", "Secret/shop/db", "Secret/shop/db-cacert"],
  ],
  [
    "an Ingress's, at the routers",
    [object(types.Ingress, "shop", "web", { tls: [{ secretName: "web" }] })],
    ["Secret/edge/web"],
  ],
  [
    "Gateway API's certificates, roots and parameters",
    [
      object(types.KubernetesGateway, "shop", "front", {
        infrastructure: { parametersRef: { group: "", kind: "ConfigMap", name: "sizes" } },
        listeners: [
          {
            tls: { certificateRefs: [{ name: "a" }, { name: "b", namespace: "certs" }, { kind: "Other", name: "c" }] },
          },
        ],
        tls: { backend: { clientCertificateRef: { name: "client" } } },
      }),
      object(types.BackendTlsPolicy, "shop", "web", {
        validation: { caCertificateRefs: [{ group: "", kind: "ConfigMap", name: "roots" }] },
      }),
      object(types.GatewayClass, "", "own", {
        parametersRef: { group: "", kind: "ConfigMap", name: "all", namespace: "mesh" },
      }),
    ],
    [
      "ConfigMap/mesh/all",
      "ConfigMap/shop/roots",
      "ConfigMap/shop/sizes",
      "Secret/certs/b",
      "Secret/shop/a",
      "Secret/shop/client",
    ],
  ],
  ["no name that says where it is", [gatewayOf({ mode: "SIMPLE", credentialName: "kubernetes-gateway://shop/x" })], []],
])("%s", (_, objects, expected) => {
  expect(named(...objects)).toEqual([...expected].sort());
});
