import type { GatewaySpec } from "../../gen/gateway-api/gateway.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { isOwnGateway } from "../../plan/gateway-api/gateways.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, kialiReport } from "../finding.ts";

type Gateway = Resource<GatewaySpec>;

export const gatewayApiOverlaps: Analyzer = {
  name: "gatewayapi.OverlapAnalyzer",
  description: "Checks that no two Gateways of Gateway API have the same listener or ask for the same address",
  inputs: [types.KubernetesGateway, types.GatewayClass],
  codes: ["KIA1501", "KIA1502"],
  step: forAll("gatewayApiOverlaps", (scope) => {
    const all = listAll<GatewaySpec>(scope, types.KubernetesGateway).filter((one) => isOwn(scope, one));
    const listeners = grouped(all, (one) => listenersOf(one));
    const addresses = grouped(all, (one) => addressesOf(one));
    return all.flatMap((gateway) => [
      ...listenersOf(gateway).flatMap(({ key, index, what }): readonly Finding[] => {
        const others = othersOf(listeners.get(key), gateway);
        if (others === undefined) return [];
        const detail = `${what} is a listener of ${others}, too; each has a router of its own`;
        return [kialiReport(gateway, "KIA1501", detail, ["spec", "listeners", index])];
      }),
      ...addressesOf(gateway).flatMap(({ key, index, what }): readonly Finding[] => {
        const others = othersOf(addresses.get(key), gateway);
        if (others === undefined) return [];
        return [kialiReport(gateway, "KIA1502", `${others} asks for ${what}, too`, ["spec", "addresses", index])];
      }),
    ]);
  }),
};

/** Gateways of a waypoint's class serve the mesh within, and have no hostnames. */
function isOwn(scope: Scope, gateway: Gateway): boolean {
  return isOwnGateway(scope, gateway) && gateway.spec.gatewayClassName !== "istio-waypoint";
}

interface Part {
  readonly key: string;
  readonly index: number;
  readonly what: string;
}

/** Without a hostname a listener is for all: that two Gateways have such a one is how Gateways are used. */
function listenersOf({ spec }: Gateway): readonly Part[] {
  return (spec.listeners ?? []).flatMap(({ hostname, port, protocol }, index) =>
    hostname === undefined
      ? []
      : [{ key: `${hostname.toLowerCase()}|${port}|${protocol}`, index, what: `${protocol} ${hostname}:${port}` }],
  );
}

function addressesOf({ spec }: Gateway): readonly Part[] {
  return (spec.addresses ?? []).flatMap(({ type = "IPAddress", value }, index) =>
    value === undefined ? [] : [{ key: `${type}|${value}`, index, what: `${type} ${value}` }],
  );
}

function grouped(all: readonly Gateway[], parts: (gateway: Gateway) => readonly Part[]) {
  return Map.groupBy(
    all.flatMap((gateway) => parts(gateway).map(({ key }) => ({ key, gateway }))),
    ({ key }) => key,
  );
}

function othersOf(sharing: readonly { readonly gateway: Gateway }[] | undefined, own: Gateway): string | undefined {
  const others = new Set((sharing ?? []).map(({ gateway }) => gateway).filter((gateway) => gateway !== own));
  if (others.size === 0) return undefined;
  return [...others].map((other) => `${formatRef(other)} (${other.origin.at})`).join(" and ");
}
