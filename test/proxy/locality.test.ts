import { expect, test } from "vitest";
import { TYPE } from "../../src/xds/type-url.ts";
import { configOf } from "./mesh.ts";

// Stock Envoy in a Pod cannot say where it is: the control plane knows it from the Node.

const pod = (name: string, ip: string, node: string) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default, labels: {app: cart}}
spec: {nodeName: ${node}, containers: [{name: cart, ports: [{containerPort: 80}]}]}
status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: "True"}]}
`;

const node = (name: string, zone: string) => `---
apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {topology.kubernetes.io/region: eu, topology.kubernetes.io/zone: ${zone}}}
`;

const mesh = `${node("node-a", "eu-a")}${node("node-b", "eu-b")}${pod("cart-a", "10.1.0.1", "node-a")}${pod("cart-b", "10.1.0.2", "node-b")}---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: default}
spec: {selector: {app: cart}, clusterIP: 10.96.0.1, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: default}
spec: {host: cart, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}
`;

const place = (region: string, zone: string) => ({ locality: { region, zone, subzone: "" } });

/** Bytes of the endpoints that a proxy gets, most of all in which order of priority. */
function endpoints(proxy: object): string {
  const set = configOf(mesh, JSON.stringify({ proxy })).get(TYPE.endpoint);
  const body = set?.resources.get("outbound|80||cart.default.svc.cluster.local")?.body;
  return Buffer.from(body ?? []).toString("hex");
}

const [inA, inB] = ["eu-a", "eu-b"].map((zone) => endpoints(place("eu", zone)));

test("a proxy that does not say where it is prefers endpoints near its Node", () => {
  expect(inA).not.toBe(inB);
  expect(endpoints({ metadata: { NODE_NAME: "node-a" } })).toBe(inA);
  expect(endpoints({ metadata: { NODE_NAME: "node-b" } })).toBe(inB);
});

test("what it says itself counts, then its Pod's label", () => {
  expect(endpoints({ ...place("eu", "eu-b"), metadata: { NODE_NAME: "node-a" } })).toBe(inB);
  const labels = { app: "reviews", "istio-locality": "eu.eu-b" };
  expect(endpoints({ labels, metadata: { NODE_NAME: "node-a" } })).toBe(inB);
});

test("a Node that nobody knows is nowhere", () => {
  expect(endpoints({ metadata: { NODE_NAME: "node-c" } })).toBe(endpoints({}));
});
