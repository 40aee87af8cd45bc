import { spawn } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { program } from "../programs.ts";
import { apply, askFromNode, eventually, get, kubectl, podOf, rolledOut, serviceAddress } from "./bed.ts";

beforeAll(async () => {
  await apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "doors" } }]);
  await eventually("there is an account", async () =>
    (await kubectl(["get", "serviceaccounts", "-n", "doors"])).includes("default"),
  );
  const principals = [
    "cluster.local/ns/doors/sa/door",
    "cluster.local/ns/doors/sa/edge-weft",
    "cluster.local/ns/doors/sa/edge",
  ];
  const rules = [{ from: [{ source: { principals } }] }];
  await apply([
    {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: "doors" },
      spec: { selector: { matchLabels: { app: "productpage" } }, action: "ALLOW", rules },
    },
  ]);
});
afterAll(async () => {
  await kubectl(["delete", "authorizationpolicy", "doors"]);
  await kubectl(["delete", "namespace", "doors", "--wait=false"]);
});

const productpage = "productpage.default.svc.cluster.local";

it("the console is reached by port-forward, and by nothing else", async () => {
  const { status } = await podOf("istio-system", "app=weft");
  expect((await askFromNode(`http://${status.podIP}:20001/`)).status).toBe("ECONNREFUSED");
  const forward = spawn(program("kubectl"), ["port-forward", "-n", "istio-system", "deployment/weft", "20001"], {
    stdio: "ignore",
  });
  try {
    await eventually("the console answers", async () => (await askFromNode("http://127.0.0.1:20001/")).status === 200);
    expect((await askFromNode("http://127.0.0.1:20001/")).body).toContain("<script");
    const { body } = await askFromNode("http://127.0.0.1:20001/api/v1/workloads");
    const names = (JSON.parse(body) as readonly { readonly name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["productpage-v1", "reviews-v3", "istio-ingressgateway"]));
  } finally {
    forward.kill();
  }
});

it("Istio's Gateway on a gateway Pod of the user's, injected by image auto", async () => {
  const labels = { istio: "door" };
  await apply(
    [
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "door" } },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "door" },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: {
              labels: { ...labels, "sidecar.istio.io/inject": "true" },
              annotations: { "inject.istio.io/templates": "gateway" },
            },
            spec: { serviceAccountName: "door", containers: [{ name: "istio-proxy", image: "auto" }] },
          },
        },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "door" },
        spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
      },
      {
        apiVersion: "networking.istio.io/v1",
        kind: "Gateway",
        metadata: { name: "door" },
        spec: { selector: labels, servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }] },
      },
      {
        apiVersion: "networking.istio.io/v1",
        kind: "VirtualService",
        metadata: { name: "door" },
        spec: {
          hosts: ["*"],
          gateways: ["door"],
          http: [{ route: [{ destination: { host: productpage, port: { number: 9080 } } }] }],
        },
      },
    ],
    "doors",
  );
  await rolledOut("doors", "door");
  const url = `http://${await serviceAddress("doors", "door")}/productpage`;
  await eventually("the page answers", async () => (await askFromNode(url)).status === 200);
});

it("a Gateway of Gateway API gets a Deployment and a Service of its own", async () => {
  const group = "gateway.networking.k8s.io/v1";
  await apply(
    [
      {
        apiVersion: group,
        kind: "Gateway",
        metadata: { name: "edge" },
        spec: { gatewayClassName: "weft", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
      },
      {
        apiVersion: group,
        kind: "HTTPRoute",
        metadata: { name: "page", namespace: "default" },
        spec: {
          parentRefs: [{ name: "edge", namespace: "doors" }],
          rules: [
            {
              matches: [{ path: { type: "PathPrefix", value: "/productpage" } }],
              backendRefs: [{ name: "productpage", port: 9080 }],
            },
          ],
        },
      },
    ].slice(0, 1),
    "doors",
  );
  await apply(
    [
      {
        apiVersion: group,
        kind: "HTTPRoute",
        metadata: { name: "page" },
        spec: {
          parentRefs: [{ name: "edge" }],
          rules: [{ backendRefs: [{ name: "productpage", namespace: "default", port: 9080 }] }],
        },
      },
    ],
    "doors",
  );
  await apply([
    {
      apiVersion: "gateway.networking.k8s.io/v1beta1",
      kind: "ReferenceGrant",
      metadata: { name: "doors" },
      spec: {
        from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "doors" }],
        to: [{ group: "", kind: "Service" }],
      },
    },
  ]);
  const made = async () =>
    (await get<{ items: readonly { metadata: { name: string } }[] }>("deployments", "-n", "doors")).items.find(
      ({ metadata }) => metadata.name.startsWith("edge"),
    );
  await eventually("its Deployment is made", async () => (await made()) !== undefined);
  const name = (await made())?.metadata.name ?? "";
  await rolledOut("doors", name);
  const url = `http://${await serviceAddress("doors", name)}/productpage`;
  await eventually("the page answers", async () => (await askFromNode(url)).status === 200);
  await eventually("its status says so", async () => {
    const { status } = await get<{ status: { conditions?: readonly { type: string; status: string }[] } }>(
      "gateway.gateway.networking.k8s.io",
      "-n",
      "doors",
      "edge",
    );
    return status.conditions?.some(({ type, status: is }) => type === "Accepted" && is === "True") ?? false;
  });
});
