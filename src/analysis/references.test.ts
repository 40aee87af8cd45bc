import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import { formatPath } from "../model/origin.ts";
import { kindOf } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { Tracker } from "../track/tracker.ts";
import { allReferences } from "./references.ts";

const objects = `apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: [{name: http, port: 80}], selector: {app: reviews}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v1, namespace: shop}
spec: {template: {metadata: {labels: {app: reviews, version: v1}}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: page, namespace: shop}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outside, namespace: shop}
spec: {hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: versions, namespace: shop}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: door, namespace: edge}
spec: {selector: {istio: none}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: cert}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec:
  hosts: [reviews, api.example.com]
  gateways: [mesh, edge/door, gone]
  http:
    - route: [{destination: {host: reviews, subset: v1}}, {destination: {host: nobody, subset: v1}}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: who, namespace: shop}
spec:
  selector: {matchLabels: {app: reviews}}
  rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/page, "*"]}}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route, namespace: shop}
spec:
  parentRefs: [{name: door, namespace: edge}, {group: "", kind: Service, name: reviews}]
  rules: [{backendRefs: [{name: reviews, port: 80}]}]
`;

const mesh = (text: string) => {
  const { resources } = parseText("mesh.yaml", text);
  return apply(
    empty,
    resources.map((put) => ({ put })),
  );
};

function told(kind: string): string[] {
  const all = new Tracker(mesh(objects)).ask(allReferences, "");
  return all
    .filter(({ from }) => kindOf(from.type) === kind)
    .map(({ path, text, to }) => `${formatPath(path)} ${text} ${to ? `${to.type}/${to.namespace}/${to.name}` : "-"}`);
}

test("a VirtualService names hosts, gateways, destinations and the rule that has the subset", () => {
  deepStrictEqual(told("VirtualService"), [
    "spec.hosts[0] reviews Service/shop/reviews",
    "spec.hosts[1] api.example.com ServiceEntry.networking.istio.io/shop/outside",
    "spec.gateways[1] edge/door Gateway.networking.istio.io/edge/door",
    "spec.gateways[2] gone -",
    "spec.http[0].route[0].destination.host reviews Service/shop/reviews",
    "spec.http[0].route[0].destination.subset v1 DestinationRule.networking.istio.io/shop/versions",
    "spec.http[0].route[1].destination.host nobody -",
    "spec.http[0].route[1].destination.subset v1 -",
  ]);
});

test("policies name workloads and accounts; a wildcard names nobody", () => {
  deepStrictEqual(told("AuthorizationPolicy"), [
    "spec.selector.matchLabels app=reviews Deployment.apps/shop/reviews-v1",
    "spec.rules[0].from[0].source.principals[0] cluster.local/ns/shop/sa/page ServiceAccount/shop/page",
  ]);
});

test("routes of Gateway API name parents and backends by group, kind and namespace", () => {
  deepStrictEqual(told("HTTPRoute"), [
    "spec.parentRefs[0].name door -",
    "spec.parentRefs[1].name reviews Service/shop/reviews",
    "spec.rules[0].backendRefs[0].name reviews Service/shop/reviews",
  ]);
});

test("gateways name workloads and Secrets that are not there, Services their workloads", () => {
  deepStrictEqual(told("Gateway"), ["spec.selector istio=none -", "spec.servers[0].tls.credentialName cert -"]);
  deepStrictEqual(told("Service"), ["spec.selector app=reviews Deployment.apps/shop/reviews-v1"]);
});

test("an edit costs what it changes: other objects' references are not looked for again", () => {
  const tracker = new Tracker(mesh(objects));
  tracker.ask(allReferences, "");
  const before = tracker.runs;
  const edited = objects.replace("name: who, namespace", "name: who, labels: {a: b}, namespace");
  tracker.advance(
    apply(
      tracker.snapshot,
      parseText("mesh.yaml", edited)
        .resources.filter((r) => r.name === "who")
        .map((put) => ({ put })),
    ),
  );
  tracker.ask(allReferences, "");
  deepStrictEqual(tracker.runs - before <= 2, true);
});
