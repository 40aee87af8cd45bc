import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import { apply, empty } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { gatewayDoors } from "./gateway-doors.ts";

const position = { file: "g.yaml", line: 1, column: 1 };

function service(namespace: string, port: number, protocol = "TCP", appProtocol = "http") {
  const name = `${namespace}-${port}`;
  const labels = {
    "gateway.istio.io/managed": "istio.io-gateway-controller",
    "gateway.networking.k8s.io/gateway-name": "g",
  };
  const ports = [
    { name: "status-port", port: 15021 },
    { name: "p", port, protocol, appProtocol },
  ];
  const origin = { ...position, at: "g.yaml:1:1", locate: () => position };
  const shared = { apiVersion: "v1", annotations: {}, createdAt: 0, generation: 1, origin };
  return { put: { ...shared, type: types.Service, namespace, name, labels, spec: { selector: { a: "b" }, ports } } };
}

const doors = (...all: Parameters<typeof gatewayDoors>) =>
  gatewayDoors(...all).map((d) => [d.gateway, d.listener, d.address]);

test("a door for each port, none twice, and those that are there stay where they are", () => {
  const first = apply(empty, [service("b", 80), service("c", 9000, "TCP", "tcp"), service("d", 53, "UDP")]);
  deepStrictEqual(doors(first, new Set([8080])), [
    ["b/g", 80, "http://localhost:8180"],
    ["c/g", 9000, "localhost:9000"],
  ]);
  const more = apply(first, [service("a", 80)]);
  deepStrictEqual(doors(more, new Set([8080]), gatewayDoors(first, new Set([8080]))), [
    ["a/g", 80, "http://localhost:8280"],
    ["b/g", 80, "http://localhost:8180"],
    ["c/g", 9000, "localhost:9000"],
  ]);
});
