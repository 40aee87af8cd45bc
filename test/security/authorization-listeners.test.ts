import { deepStrictEqual, notDeepStrictEqual } from "node:assert";
import { test } from "vitest";
import { TYPE } from "../../src/xds/type-url.ts";
import { configOf } from "../proxy/mesh.ts";

// Connections live as long as their listener: no policy that comes, changes or goes may touch one.

const base = `
meshConfig: {extensionProviders: [{name: opa, envoyExtAuthzGrpc: {service: opa.default.svc.cluster.local, port: 9191}}]}
---
{apiVersion: v1, kind: Service, metadata: {name: opa}, spec: {clusterIP: 10.96.0.8, ports: [{name: grpc, port: 9191}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: reviews}, spec: {clusterIP: 10.96.0.1, selector: {app: reviews}, ports: [{name: http, port: 9080}, {name: tcp, port: 9000}]}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: front, namespace: istio-system}, spec: {selector: {istio: ingressgateway},
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}, {port: {number: 9000, name: tcp, protocol: TCP}, hosts: ["*"]}]}}`;
const rules =
  '[{from: [{source: {notIpBlocks: [10.0.0.9]}}], to: [{operation: {ports: ["9080"], paths: ["/a/{*}"]}}], when: [{key: "request.headers[x-a]", values: [b]}]}]';
const policy = (spec: string, annotations = "{}") =>
  `{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: p, namespace: istio-system, annotations: ${annotations}}, spec: {${spec}}}`;

const router = "proxy: {kind: router, namespace: istio-system, name: gateway, labels: {istio: ingressgateway}}";
const resources = (proxy: string, type: string, more: string) =>
  [...(configOf(`${proxy}\n---${base}`, more).get(type)?.resources.values() ?? [])].map(({ name, version }) => [
    name,
    version,
  ]);

test.each([
  ["ALLOW", policy(`rules: ${rules}`)],
  ["an ALLOW of nothing", policy("")],
  ["DENY", policy(`action: DENY, rules: ${rules}`)],
  ["AUDIT", policy(`action: AUDIT, rules: ${rules}`)],
  ["CUSTOM", policy(`action: CUSTOM, provider: {name: opa}, rules: ${rules}`)],
  ["CUSTOM that asks nobody", policy(`action: CUSTOM, provider: {name: none}, rules: ${rules}`)],
  ["a dry run", policy(`action: DENY, rules: ${rules}`, '{istio.io/dry-run: "true"}')],
])("%s leaves listeners as they are", (_, text) => {
  for (const proxy of ["{}", router]) {
    deepStrictEqual(resources(proxy, TYPE.listener, text), resources(proxy, TYPE.listener, ""));
    notDeepStrictEqual(resources(proxy, TYPE.extension, text), resources(proxy, TYPE.extension, ""));
  }
});
