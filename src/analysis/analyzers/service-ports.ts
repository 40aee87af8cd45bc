import type { GatewaySpec } from "../../gen/istio/gateway.ts";
import type { ServiceEntrySpec } from "../../gen/istio/service-entry.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { isHttp, isTls, namedProtocol, type Protocol, portProtocol } from "../../plan/protocol.ts";
import type { ServiceSpec } from "../../plan/registry/kubernetes-service.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, kialiReport } from "../finding.ts";
import { covers, type DeploymentSpec, isControlPlane, isSystemNamespace } from "../workloads.ts";

const ofServices = forEach<ServiceSpec>("servicePorts", types.Service, (scope, service) => {
  if (isSystemNamespace(service.namespace) || isControlPlane(service.labels)) return [];
  return [...unknownProtocols(service), ...undeclared(scope, service)];
});
const ofGateways = forEach<GatewaySpec>("gatewayPortNames", types.Gateway, (_scope, gateway) =>
  (gateway.spec.servers ?? []).flatMap(({ port }, i) =>
    misnamed(gateway, port, ["spec", "servers", i, "port", "name"]),
  ),
);
const ofEntries = forEach<ServiceEntrySpec>("entryPortNames", types.ServiceEntry, (_scope, entry) =>
  (entry.spec.ports ?? []).flatMap((port, i) => misnamed(entry, port, ["spec", "ports", i, "name"])),
);

export const servicePorts: Analyzer = {
  name: "service.PortAnalyzer",
  description:
    "Checks protocols and target ports of services, and that names of ports do not contradict their protocol",
  inputs: [types.Service, types.Deployment, types.Gateway, types.ServiceEntry],
  codes: ["KIA0601", "KIA0602", "KIA0701"],
  step: forAll("allServicePorts", (scope) =>
    [ofServices, ofGateways, ofEntries].flatMap((step) => scope.ask(step, "")),
  ),
};

function unknownProtocols(service: Resource<ServiceSpec>): Finding[] {
  return (service.spec.ports ?? []).flatMap(({ appProtocol, protocol }, i) => {
    if (appProtocol === undefined || protocol === "UDP" || protocol === "SCTP") return [];
    if (portProtocol({ port: 0, appProtocol }) !== "unsupported") return [];
    const path: FieldPath = ["spec", "ports", i, "appProtocol"];
    return [kialiReport(service, "KIA0602", `"${appProtocol}" is none that the mesh knows`, path)];
  });
}

/** Ports that the Deployments behind a Service do not declare; those that declare none at all say nothing. */
function undeclared(scope: Scope, service: Resource<ServiceSpec>): Finding[] {
  const { selector = {}, ports = [] } = service.spec;
  if (Object.keys(selector).length === 0) return [];
  const behind = scope
    .list<DeploymentSpec>(types.Deployment, service.namespace)
    .filter(({ spec }) => covers(selector, spec.template?.metadata?.labels ?? {}))
    .map(({ name, spec }) => ({ name, ports: (spec.template?.spec?.containers ?? []).flatMap((c) => c.ports ?? []) }));
  if (behind.length === 0 || behind.some((one) => one.ports.length === 0)) return [];
  return ports.flatMap((port, i) => {
    const target = port.targetPort ?? port.port;
    const isThere = behind.some((one) =>
      one.ports.some((p) => p.containerPort === Number(target) || p.name === target),
    );
    if (isThere) return [];
    const [first] = behind;
    const there = [...new Set(first?.ports.map((p) => p.containerPort))].join(", ");
    const path: FieldPath = ["spec", "ports", i, ...(port.targetPort === undefined ? ["port"] : ["targetPort"])];
    return [
      kialiReport(
        service,
        "KIA0701",
        `no container of Deployment ${first?.name} has port ${target}`,
        path,
        `it has ${there}`,
      ),
    ];
  });
}

/** The name of a Gateway's or ServiceEntry's port says nothing to the mesh, but to readers: it should not say the contrary. */
function misnamed(
  about: Resource,
  port: { readonly name?: string; readonly protocol?: string } | undefined,
  path: FieldPath,
): Finding[] {
  const name = port?.name ?? "";
  const said = portProtocol({ port: 0, name });
  const is = namedProtocol(port?.protocol);
  if (said === "unsupported" || is === "unsupported" || family(said) === family(is)) return [];
  if (is === "tcp" || is === "udp") return [];
  const detail = `"${name}" has the protocol ${port?.protocol}`;
  return [kialiReport(about, "KIA0601", detail, path, `begin the name with ${(port?.protocol ?? "").toLowerCase()}`)];
}

function family(protocol: Protocol): string {
  return isHttp(protocol) ? "http" : isTls(protocol) ? "tls" : protocol;
}
