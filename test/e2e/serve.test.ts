import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ClusterSchema } from "../../src/gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { TYPE } from "../../src/xds/type-url.ts";
import { until } from "./ask.ts";
import { type DeltaClient, openDelta } from "./delta-client.ts";
import { Product, type Running } from "./product.ts";

const product = new Product({ port: 29_180 });
const xdsPort = 29_185;
let serving: Running;

const mesh = `apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, clusterIP: 10.96.0.10, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: sliced, namespace: shop }
spec: { clusterIP: 10.96.0.11, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: sliced-1, namespace: shop, labels: { kubernetes.io/service-name: sliced } }
addressType: IPv4
ports: [{ name: http, port: 8080, protocol: TCP }]
endpoints: [{ addresses: [10.1.0.7], conditions: { ready: true } }]
---
apiVersion: v1
kind: Pod
metadata: { name: cart-0, namespace: shop, labels: { app: cart, security.istio.io/tlsMode: istio } }
spec: { serviceAccountName: cart, containers: [{ name: cart, ports: [{ containerPort: 8080 }] }] }
status: { podIP: 10.1.0.5, phase: Running, conditions: [{ type: Ready, status: "True" }] }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vm, namespace: shop }
spec:
  hosts: [vm.example.com]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 9000, name: http, protocol: HTTP }]
  workloadSelector: { labels: { app: vm } }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: vm-1, namespace: shop, labels: { app: vm } }
spec: { address: 10.2.0.1, labels: { app: vm }, serviceAccount: vm }
`;

beforeAll(async () => {
  const file = product.write("shop/mesh.yaml", mesh);
  const ports = ["--xds", `127.0.0.1:${xdsPort}`, "--console-port", String(product.ports.console)];
  serving = product.start(["serve", join(file, ".."), ...ports, "--plaintext"]);
  await until("it listens", () => serving.output().includes("Ctrl-C stops it"), serving.output);
}, 60_000);
afterAll(async () => {
  serving.child.kill("SIGINT");
  expect(await serving.ended).toBe(130);
  await product.close();
}, 60_000);

/** The stream of a sidecar beside cart. */
function client(metadata: Record<string, unknown>): DeltaClient {
  return openDelta({
    url: `http://127.0.0.1:${xdsPort}`,
    node: {
      id: "sidecar~10.1.0.5~cart-0.shop~shop.svc.cluster.local",
      cluster: "cart.shop",
      metadata: { NAMESPACE: "shop", CLUSTER_ID: "Kubernetes", LABELS: { app: "cart" }, ...metadata },
    },
  });
}

async function clustersOf(metadata: Record<string, unknown>) {
  const one = client(metadata);
  const { resources } = await one.ask(TYPE.cluster);
  const clusters = resources.map((r) => fromBinary(ClusterSchema, r.resource?.value ?? new Uint8Array()));
  const bytes = new Map(resources.map((r) => [r.name, Buffer.from(r.resource?.value ?? [])]));
  return { one, clusters, bytes };
}

const cart = "outbound|80||cart.shop.svc.cluster.local";

it("gives a workload that runs elsewhere its clusters and their endpoints", async () => {
  const { one, clusters } = await clustersOf({});
  const names = clusters.map((c) => c.name);
  const wanted = [cart, "outbound|80||sliced.shop.svc.cluster.local", "outbound|9000||vm.example.com"];
  expect(names).toEqual(expect.arrayContaining(wanted));
  const { resources } = await one.ask(TYPE.endpoint, wanted);
  const addresses = resources.flatMap((r) =>
    fromBinary(ClusterLoadAssignmentSchema, r.resource?.value ?? new Uint8Array()).endpoints.flatMap((locality) =>
      locality.lbEndpoints.map(({ hostIdentifier }) => {
        const address = hostIdentifier.case === "endpoint" ? hostIdentifier.value.address?.address : undefined;
        if (address?.case !== "socketAddress") return "";
        const { address: ip, portSpecifier } = address.value;
        return `${ip}:${portSpecifier.value}`;
      }),
    ),
  );
  expect(addresses.toSorted()).toEqual(["10.1.0.5:8080", "10.1.0.7:8080", "10.2.0.1:9000"]);
  one.close();
});

it("serves no secret in plaintext", async () => {
  const one = client({});
  const { resources, removedResources } = await one.ask(TYPE.secret, ["default", "ROOTCA"]);
  expect(resources).toEqual([]);
  expect(removedResources.toSorted()).toEqual(["ROOTCA", "default"]);
  one.close();
});

it("lets a proxy that Istio's agent runs take its secrets from sds-grpc", async () => {
  const istio = await clustersOf({ ISTIO_VERSION: "1.31.0" });
  expect(istio.bytes.get(cart)?.includes("sds-grpc")).toBe(true);
  istio.one.close();
  const own = await clustersOf({});
  expect(own.bytes.get(cart)?.includes("sds-grpc")).toBe(false);
  own.one.close();
});

it("follows its folder", async () => {
  const file = product.write(
    "shop/more.yaml",
    mesh
      .slice(
        mesh.indexOf("apiVersion: v1\nkind: Service"),
        mesh.indexOf("---\napiVersion: v1\nkind: Service\nmetadata: { name: sliced"),
      )
      .replaceAll("cart", "more"),
  );
  expect(file).toBeTruthy();
  await until("the cluster is there", async () => {
    const { one, clusters } = await clustersOf({});
    one.close();
    return clusters.some((c) => c.name === "outbound|80||more.shop.svc.cluster.local");
  });
});
