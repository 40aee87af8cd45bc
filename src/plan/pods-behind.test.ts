import { expect, test } from "vitest";
import { apply, empty } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { Tracker } from "../track/tracker.ts";
import { podsBehind } from "./pods-behind.ts";

const mesh = (ip: string, spec: string) => `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, labels: {app: a}}
spec: ${spec}
status: {phase: Running, podIP: ${ip}, podIPs: [{ip: ${ip}}], conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Service
metadata: {name: keys, namespace: shop}
spec: {clusterIP: 10.96.0.9, ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: keys-1, namespace: shop, labels: {kubernetes.io/service-name: keys}}
addressType: IPv4
ports: [{name: http, port: 10250}]
endpoints: [{addresses: ["${ip}"], conditions: {ready: true}}]
`;

function behind(text: string) {
  const { resources } = parseText("a.yaml", text);
  const snapshot = apply(
    empty,
    resources.map((put) => ({ put })),
  );
  return new Tracker(snapshot).ask(podsBehind, "keys.shop:80");
}

test("a Pod of the mesh is behind its Service", () => {
  expect(behind(mesh("10.0.0.1", "{}"))).toEqual([{ address: "10.0.0.1", port: 10250 }]);
});

test("a Pod in its node's network is not: any port of the node could be named", () => {
  expect(behind(mesh("10.0.0.1", "{hostNetwork: true}"))).toEqual([]);
});
