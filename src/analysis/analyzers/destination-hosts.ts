import type { Destination, VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, report } from "../finding.ts";
import { findHost, hostFix, type KnownHost } from "../hosts.ts";

/** A destination of a rule. */
export interface PlacedDestination {
  readonly destination: Partial<Destination>;
  readonly path: FieldPath;
  readonly mirror: boolean;
}

/** All destinations of a VirtualService; mirrors last. */
export function destinationsOf(spec: VirtualServiceSpec): PlacedDestination[] {
  const found: PlacedDestination[] = [];
  for (const kind of ["tcp", "tls", "http"] as const) {
    for (const [i, rule] of (spec[kind] ?? []).entries()) {
      for (const [j, route] of (rule.route ?? []).entries()) {
        found.push({
          destination: route.destination ?? {},
          path: ["spec", kind, i, "route", j, "destination"],
          mirror: false,
        });
      }
    }
  }
  for (const [i, rule] of (spec.http ?? []).entries()) {
    if (rule.mirror) found.push({ destination: rule.mirror, path: ["spec", "http", i, "mirror"], mirror: true });
    for (const [j, mirror] of (rule.mirrors ?? []).entries()) {
      found.push({
        destination: mirror.destination,
        path: ["spec", "http", i, "mirrors", j, "destination"],
        mirror: true,
      });
    }
  }
  return found;
}

/** VirtualServices that send to subsets of their own hosts. Key: none. */
const subsetRoutes: Step<
  readonly { readonly namespace: string; readonly name: string; readonly hosts: readonly string[] }[]
> = {
  name: "analysis/subsetRoutes",
  run: (scope) =>
    listAll<VirtualServiceSpec>(scope, types.VirtualService).flatMap(({ namespace, name, spec }) => {
      const hosts = (spec.http ?? []).flatMap((rule) =>
        (rule.route ?? []).flatMap(({ destination }) =>
          destination?.subset && spec.hosts?.includes(destination.host) ? [destination.host] : [],
        ),
      );
      return hosts.length === 0 ? [] : [{ namespace, name, hosts }];
    }),
};

export const destinationHosts: Analyzer = {
  name: "virtualservice.DestinationHostAnalyzer",
  description: "Checks the destination hosts associated with each virtual service",
  inputs: [types.ServiceEntry, types.VirtualService, types.Service],
  codes: ["IST0101", "IST0112", "IST0140"],
  also: ["KIA1101"],
  step: forEach<VirtualServiceSpec>("destinationHosts", types.VirtualService, (scope, vs) => [
    ...destinationsOf(vs.spec).flatMap((d) => checkDestination(scope, vs, d)),
    ...ineffectiveSubsets(scope, vs),
  ]),
};

function checkDestination(
  scope: Scope,
  vs: Resource<VirtualServiceSpec>,
  { destination, path, mirror }: PlacedDestination,
): Finding[] {
  const host = destination.host ?? "";
  const line = mirror && path.includes("mirrors") ? undefined : [...path, "host"];
  const service = findHost(scope, vs.namespace, vs.spec.exportTo, host);
  if (service !== undefined) return checkPort(vs, destination, path, service, line);
  const place = {
    path: [...path, "host"],
    ...(line === undefined ? {} : { line }),
    fix: hostFix(scope, vs.namespace, host),
    also: "KIA1101" as const,
  };
  return [report(vs, "IST0101", [mirror ? "mirror host" : "host", host], place)];
}

function checkPort(
  vs: Resource<VirtualServiceSpec>,
  destination: Partial<Destination>,
  path: FieldPath,
  service: KnownHost,
  line: FieldPath | undefined,
): Finding[] {
  const host = destination.host ?? "";
  const lines = line === undefined ? {} : { line };
  if (destination.port === undefined) {
    if (service.ports.length < 2) return [];
    const fix = `add "port: {number: ${service.ports[0]}}" to the destination`;
    return [report(vs, "IST0112", [host, service.ports], { path, ...lines, fix })];
  }
  const number = destination.port.number ?? 0;
  if (service.ports.includes(number)) return [];
  const fix = service.ports.length === 0 ? "the service has no port" : `it has ${service.ports.join(", ")}`;
  const place = { path: [...path, "port", "number"], ...lines, fix };
  return [report(vs, "IST0101", ["host:port", `${host}:${number}`], place)];
}

/** A gateway's request to a host does not pass another VirtualService's rules for that host. */
function ineffectiveSubsets(scope: Scope, vs: Resource<VirtualServiceSpec>): Finding[] {
  if (!vs.spec.gateways?.length) return [];
  const findings: Finding[] = [];
  for (const [i, rule] of (vs.spec.http ?? []).entries()) {
    for (const [j, route] of (rule.route ?? []).entries()) {
      const host = route.destination?.host;
      if (host === undefined || route.destination.subset) continue;
      for (const other of scope.ask(subsetRoutes, "")) {
        for (const own of other.hosts) {
          if (own !== host) continue;
          const fix = `name the subset in this destination, or route to it in ${other.namespace}/${other.name} for the gateway as well`;
          const ref = { ...other, type: types.VirtualService };
          // Istio looks for the line under the rule's name, which finds none.
          const place = { path: ["spec", "http", i, "route", j, "destination", "host"], fix };
          findings.push(report(vs, "IST0140", [{ nameOf: ref }, { nameOf: vs }], place));
        }
      }
    }
  }
  return findings;
}
