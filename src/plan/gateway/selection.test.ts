import { expect, test } from "vitest";
import { apply, empty } from "../../model/snapshot.ts";
import { parseText } from "../../sources/text/text.ts";
import { Tracker } from "../../track/tracker.ts";
import { listenPorts } from "./selection.ts";

const mesh = `
apiVersion: v1
kind: Service
metadata: {name: front, namespace: edge}
spec:
  selector: {istio: edge}
  ports:
    - {name: http, port: 80, targetPort: http2}
    - {name: https, port: 443, targetPort: 8443}
    - {name: other, port: 444, targetPort: nowhere}
---
apiVersion: v1
kind: Pod
metadata: {name: front-0, namespace: edge, labels: {istio: edge}}
spec: {containers: [{name: istio-proxy, ports: [{name: http2, containerPort: 8080}]}]}
status: {podIP: 10.0.0.1}
`;

test("a router listens on the port that a Service means, by number or by the name that its Pods have for it", () => {
  const changes = parseText("mesh.yaml", mesh).resources.map((put) => ({ put }));
  const key = JSON.stringify({ namespace: "edge", labels: { istio: "edge" } });
  expect([...new Tracker(apply(empty, changes)).ask(listenPorts, key)]).toEqual([
    [80, 8080],
    [443, 8443],
  ]);
});
