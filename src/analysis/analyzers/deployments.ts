import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { mesh } from "../../plan/mesh.ts";
import type { ServiceSpec } from "../../plan/registry/kubernetes-service.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, nameField, report } from "../finding.ts";
import { covers, type DeploymentSpec, inMesh, isControlPlane, type PodSpec } from "../workloads.ts";

type Deployment = Resource<DeploymentSpec>;
type Service = Resource<ServiceSpec>;

/** Services of one Deployment that contradict each other. */
export const deploymentServices: Analyzer = {
  name: "deployment.MultiServiceAnalyzer",
  description: "Checks association between services and pods",
  inputs: [types.Service, types.Deployment, types.Namespace],
  codes: ["IST0116", "IST0137"],
  step: forEach<DeploymentSpec>("deploymentServices", types.Deployment, (scope, deployment) => {
    const { template } = deployment.spec;
    const labels = template?.metadata?.labels ?? {};
    const pod = {
      namespace: deployment.namespace,
      name: deployment.name,
      labels,
      annotations: template?.metadata?.annotations ?? {},
      spec: template?.spec ?? {},
    };
    const isWaypoint = deployment.labels["gateway.istio.io/managed"] === "istio.io-mesh-controller";
    if (isWaypoint || !inMesh(scope, pod)) return [];
    const services = scope.list<ServiceSpec>(types.Service, deployment.namespace).filter(({ spec }) => {
      const selector = spec.selector ?? {};
      return Object.keys(selector).length > 0 && covers(selector, labels);
    });
    return [...protocolConflicts(deployment, services), ...targetConflicts(deployment, services)];
  }),
};

function portsOf(services: readonly Service[]) {
  return services.flatMap((service) => (service.spec.ports ?? []).map((port) => ({ service, port })));
}

/** One port with different protocols. */
function protocolConflicts(deployment: Deployment, services: readonly Service[]): Finding[] {
  const byPort = Map.groupBy(portsOf(services), ({ port }) => port.port);
  return [...byPort].flatMap(([number, uses]) => {
    if (new Set(uses.map(({ port }) => port.protocol ?? "TCP")).size < 2) return [];
    const fix = `give port ${number} one protocol in ${where(uses.map((u) => u.service))}`;
    return [report(deployment, "IST0116", [deployment.name, number, names(uses)], { line: nameField, fix })];
  });
}

/** One target port behind different ports. */
function targetConflicts(deployment: Deployment, services: readonly Service[]): Finding[] {
  const byTarget = Map.groupBy(portsOf(services), ({ port }) => String(port.targetPort || port.port));
  return [...byTarget].flatMap(([target, uses]) => {
    const byPort = new Map(uses.map((use) => [use.port.port, use]));
    if (byPort.size < 2) return [];
    const last = [...byPort.values()];
    const ports = [...byPort.keys()].sort((a, b) => a - b);
    const fix = `use one port for it in ${where(last.map((u) => u.service))}`;
    return [report(deployment, "IST0137", [deployment.name, names(last), target, ports], { line: nameField, fix })];
  });
}

function names(uses: readonly { readonly service: Service }[]) {
  return uses
    .map(({ service }) => service)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((service) => ({ nameOf: service }));
}

function where(services: readonly Service[]): string {
  return [...new Set(services.map((s) => `${s.name} (${s.origin.at})`))].join(" and ");
}

const proxyUser = 1337;

/** Applications that run as the user whose traffic is not captured. */
export const applicationUser: Analyzer = {
  name: "applicationUID.Analyzer",
  description: "Checks invalid application UID",
  inputs: [types.Pod, types.Deployment],
  codes: ["IST0144"],
  step: forAll("applicationUser", (scope) => [
    ...listAll<PodSpec>(scope, types.Pod).flatMap((pod) => checkUser(pod, pod.spec, ["spec"])),
    ...listAll<DeploymentSpec>(scope, types.Deployment).flatMap((deployment) =>
      checkUser(deployment, deployment.spec.template?.spec ?? {}, ["spec", "template", "spec"]),
    ),
  ]),
};

function checkUser(about: Resource, spec: PodSpec, base: readonly string[]): Finding[] {
  if (isControlPlane(about.labels)) return [];
  const fix = "choose another number: traffic of 1337 passes by the proxy";
  const found: Finding[] = [];
  const user = ["securityContext", "runAsUser"];
  if (spec.securityContext?.runAsUser === proxyUser)
    found.push(report(about, "IST0144", [], { path: [...base, ...user], fix }));
  for (const [i, container] of (spec.containers ?? []).entries()) {
    if (container.name === "istio-proxy" || container.securityContext?.runAsUser !== proxyUser) continue;
    found.push(report(about, "IST0144", [], { path: [...base, "containers", i, ...user], fix }));
  }
  return found;
}

/** Istio's control plane beside RequestAuthentications, without a limit on what it fetches. */
export const blockedCidrs: Analyzer = {
  name: "authn.BlockedCIDRsAnalyzer",
  description:
    "Checks that BLOCKED_CIDRS_IN_JWKS_URIS is configured on istiod when RequestAuthentication resources exist",
  inputs: [types.RequestAuthentication, types.Deployment],
  codes: ["IST0175"],
  step: forAll("blockedCidrs", (scope: Scope) => {
    const policies = listAll(scope, types.RequestAuthentication);
    if (policies.length === 0) return [];
    const shown = policies.slice(0, 5).map((policy) => ({ nameOf: policy }));
    const more = policies.length > 5 ? [`and ${policies.length - 5} more`] : [];
    const { rootNamespace } = scope.ask(mesh, "");
    return listAll<DeploymentSpec>(scope, types.Deployment).flatMap((deployment) => {
      if (deployment.labels["app"] !== "istiod") return [];
      const env = (deployment.spec.template?.spec?.containers ?? []).flatMap((c) => c.env ?? []);
      if (env.some((e) => e.name === "BLOCKED_CIDRS_IN_JWKS_URIS" && e.value)) return [];
      const fix = `set BLOCKED_CIDRS_IN_JWKS_URIS in istiod's environment in ${rootNamespace}`;
      const args = [policies.length, { joined: [...shown, ...more], by: ", " }];
      return [report(deployment, "IST0175", args, { fix })];
    });
  }),
};
