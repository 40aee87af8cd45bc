import { types } from "../../src/model/types.ts";
import type { Dice } from "./dice.ts";
import { type Make, names, namespaces, object, outside } from "./random-object.ts";

const hosts = (dice: Dice) => {
  const namespace = dice.one([".", "*", "~", "~a", ...namespaces]);
  const host = dice.one(["*", "*.svc.cluster.local", `${dice.one(names)}.${dice.one(namespaces)}.svc.cluster.local`]);
  return `${namespace}/${dice.one([host, host, dice.one(outside)])}`;
};

const policy = (dice: Dice) =>
  dice.one([
    {},
    { mode: "REGISTRY_ONLY" },
    {
      mode: "ALLOW_ANY",
      egressProxy: dice.chance({ host: `${dice.one(names)}.a.svc.cluster.local`, port: { number: 80 } }),
    },
  ]);

const listener = (dice: Dice) => ({
  hosts: dice.one([[hosts(dice)], [hosts(dice), hosts(dice)]]),
  ...dice.one([
    { port: { number: 80, name: "x", protocol: dice.one(["HTTP", "TCP", "GRPC"]) } },
    { port: { number: 3128, name: "x", protocol: "HTTP_PROXY" } },
    { port: { number: 0, name: "x", protocol: dice.one(["HTTP", "TCP"]) }, bind: "unix:///run/x.sock" },
    { port: { number: 3306, name: "x", protocol: "TCP" }, bind: dice.chance("127.0.0.2"), captureMode: "NONE" },
  ]),
});

const ingress = (dice: Dice, number: number) => ({
  port: { number, name: "in", protocol: dice.one(["HTTP", "TCP", "GRPC", "HTTPS", "UNKNOWN"]) },
  defaultEndpoint: dice.chance(dice.one(["127.0.0.1:8080", "0.0.0.0:9000", "[::1]:7000", "unix:///run/x.sock"])),
  captureMode: dice.chance("NONE"),
  connectionPool: dice.chance({ tcp: { maxConnections: 3 } }),
});

/** A Sidecar for all of a namespace or for one application. */
export const sidecar: Make = (dice, namespace, name) =>
  object(types.Sidecar, namespace, name, {
    workloadSelector: dice.chance({ labels: { app: dice.one(names) } }),
    egress: [
      ...dice.one([[], [listener(dice)]]),
      { hosts: dice.one([["*/*"], [hosts(dice)], [hosts(dice), hosts(dice)]]), captureMode: dice.chance("NONE") },
    ],
    ingress: dice.chance([ingress(dice, 8080), ingress(dice, 9000)]),
    inboundConnectionPool: dice.chance({ http: { http2MaxRequests: 5 } }),
    outboundTrafficPolicy: dice.chance(policy(dice)),
  });
