import type { Destination, VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, kialiReport } from "../finding.ts";

type VirtualService = Resource<VirtualServiceSpec>;

/** Gateway and full host → the VirtualServices for both. Key: none. */
const atGateways: Step<ReadonlyMap<string, readonly { readonly key: string; readonly ref: string }[]>> = {
  name: "analysis/virtualServicesAtGateways",
  run: (scope) => {
    const found = new Map<string, { readonly key: string; readonly ref: string }[]>();
    for (const vs of listAll<VirtualServiceSpec>(scope, types.VirtualService)) {
      const one = { key: `${vs.namespace}/${vs.name}`, ref: `${formatRef(vs)} (${vs.origin.at})` };
      for (const place of placesOf(scope, vs)) found.set(place.key, [...(found.get(place.key) ?? []), one]);
    }
    return found;
  },
};

function placesOf(scope: Scope, vs: VirtualService) {
  const { domain } = scope.ask(mesh, "");
  const { gateways = [], hosts = [] } = vs.spec;
  const named = [...new Set(gateways.filter((gateway) => gateway !== "mesh").map((said) => gatewayKey(said, vs)))];
  return named.flatMap((gateway) =>
    hosts.map((host, index) => ({
      gateway,
      host,
      index,
      key: `${gateway}|${fullHost(host, vs.namespace, domain).toLowerCase()}`,
    })),
  );
}

function gatewayKey(said: string, { namespace }: VirtualService): string {
  return said.includes("/") ? said : `${namespace}/${said}`;
}

export const virtualServiceRules: Analyzer = {
  name: "virtualservice.RuleAnalyzer",
  description: "Checks weights, repeated destinations, names of gateways, and hosts that several have at a gateway",
  inputs: [types.VirtualService],
  codes: ["KIA1104", "KIA1105", "KIA1106", "KIA1108"],
  step: forEach<VirtualServiceSpec>("virtualServiceRules", types.VirtualService, (scope, vs) => [
    ...ofDestinations(scope, vs),
    ...sharedHosts(scope, vs),
    ...oldNames(vs),
  ]),
};

interface Weighted {
  readonly destination?: Destination;
  readonly weight?: number;
}

function ofDestinations(scope: Scope, vs: VirtualService): Finding[] {
  return (["http", "tcp", "tls"] as const).flatMap((kind) =>
    (vs.spec[kind] ?? []).flatMap((rule, i) => {
      const routes: readonly Weighted[] = rule.route ?? [];
      const base = ["spec", kind, i, "route"];
      const [only] = routes;
      if (routes.length === 1 && only?.weight !== undefined && only.weight > 0 && only.weight < 100) {
        const detail = `the weight ${only.weight} changes nothing`;
        return [
          kialiReport(vs, "KIA1104", detail, [...base, 0, "weight"], "leave it out, or add the other destinations"),
        ];
      }
      return repeated(scope, vs, routes).map(({ index, first, what }) =>
        kialiReport(vs, "KIA1105", `${what} is route[${first}]'s, too: their weights are added`, [
          ...base,
          index,
          "destination",
        ]),
      );
    }),
  );
}

function repeated(scope: Scope, vs: VirtualService, routes: readonly Weighted[]) {
  const { domain } = scope.ask(mesh, "");
  const seen = new Map<string, number>();
  return routes.flatMap(({ destination }, index) => {
    if (destination === undefined) return [];
    const { host, subset, port } = destination;
    const key = [fullHost(host, vs.namespace, domain).toLowerCase(), subset ?? "", port?.number ?? ""].join("|");
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    return first === undefined
      ? []
      : [{ index, first, what: subset === undefined ? host : `${host}, subset ${subset}` }];
  });
}

function sharedHosts(scope: Scope, vs: VirtualService): Finding[] {
  const own = `${vs.namespace}/${vs.name}`;
  const told = new Map<number, Finding>();
  for (const { key, gateway, host, index } of placesOf(scope, vs)) {
    const others = (scope.ask(atGateways, "").get(key) ?? []).filter((other) => other.key !== own);
    if (others.length === 0 || told.has(index)) continue;
    const detail = `${host} at ${gateway}, of ${others.map((other) => other.ref).join(" and ")}, too: their rules stand one after the other, the oldest's first`;
    const fix = "make them one, or see that no request matches rules of both";
    told.set(index, kialiReport(vs, "KIA1106", detail, ["spec", "hosts", index], fix));
  }
  return [...told.values()];
}

function oldNames(vs: VirtualService): Finding[] {
  return (vs.spec.gateways ?? []).flatMap((said, i) => {
    if (said.includes("/") || !said.includes(".")) return [];
    const [name = "", namespace = ""] = said.split(".");
    return [kialiReport(vs, "KIA1108", `"${said}"`, ["spec", "gateways", i], `write "${namespace}/${name}"`)];
  });
}
