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
  port: { number: 80, name: "x", protocol: dice.one(["HTTP", "TCP", "GRPC"]) },
});

/** A Sidecar for all of a namespace or for one application. */
export const sidecar: Make = (dice, namespace, name) =>
  object(types.Sidecar, namespace, name, {
    workloadSelector: dice.chance({ labels: { app: dice.one(names) } }),
    egress: [
      ...dice.one([[], [listener(dice)]]),
      { hosts: dice.one([["*/*"], [hosts(dice)], [hosts(dice), hosts(dice)]]) },
    ],
    outboundTrafficPolicy: dice.chance(policy(dice)),
  });
