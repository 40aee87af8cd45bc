import type { SidecarSpec } from "../../gen/istio/sidecar.ts";
import type { VirtualServiceSpec } from "../../gen/istio/virtual-service.ts";
import { fullHost } from "../../model/full-host.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { hostMatches } from "../../plan/host.ts";
import { mesh } from "../../plan/mesh.ts";
import { listAll, type Scope, type Step } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, kialiReport } from "../finding.ts";
import { hostFix, knownHosts } from "../hosts.ts";

type Sidecar = Resource<SidecarSpec>;

/** Hosts of services and of VirtualServices, with their namespaces. Key: none. */
const importable: Step<readonly { readonly namespace: string; readonly host: string }[]> = {
  name: "analysis/importableHosts",
  run: (scope) => {
    const { domain } = scope.ask(mesh, "");
    const services = [...scope.ask(knownHosts, "")].flatMap(([host, all]) =>
      all.map(({ namespace }) => ({ namespace, host })),
    );
    const routed = listAll<VirtualServiceSpec>(scope, types.VirtualService).flatMap(({ namespace, spec }) =>
      (spec.hosts ?? []).map((host) => ({ namespace, host: fullHost(host, namespace, domain) })),
    );
    return [...services, ...routed];
  },
};

export const sidecarReach: Analyzer = {
  name: "sidecar.ReachAnalyzer",
  description: "Checks that the hosts that a Sidecar has its workloads see are there",
  inputs: [types.Sidecar, types.Service, types.ServiceEntry, types.VirtualService],
  codes: ["KIA1004", "KIA1006", "KIA1007"],
  step: forEach<SidecarSpec>("sidecarReach", types.Sidecar, (scope, sidecar) => [
    ...unknownHosts(scope, sidecar),
    ...ofRoot(scope, sidecar),
    ...withoutMode(sidecar),
  ]),
};

function unknownHosts(scope: Scope, sidecar: Sidecar): Finding[] {
  return (sidecar.spec.egress ?? []).flatMap((listener, i) =>
    (listener.hosts ?? []).flatMap((said, j) => {
      const slash = said.indexOf("/");
      const [where, name] = [said.slice(0, slash), said.slice(slash + 1)];
      if (slash < 0 || where === "~" || name === "*") return [];
      const namespace = where === "." ? sidecar.namespace : where;
      const there = scope.ask(importable, "");
      const isThere = there.some(
        (one) =>
          (namespace === "*" || one.namespace === namespace) &&
          (hostMatches(name, one.host) || hostMatches(one.host, name)),
      );
      if (isThere) return [];
      const elsewhere = there.find((one) => hostMatches(name, one.host));
      const fix = !name.includes(".")
        ? `write the full name: "${where}/${name}.${namespace === "*" ? "NAMESPACE" : namespace}.svc.cluster.local"`
        : elsewhere === undefined
          ? hostFix(scope, namespace, name)
          : `it is in namespace ${elsewhere.namespace}`;
      return [kialiReport(sidecar, "KIA1004", `"${said}"`, ["spec", "egress", i, "hosts", j], fix)];
    }),
  );
}

function ofRoot(scope: Scope, sidecar: Sidecar): Finding[] {
  if (sidecar.namespace !== scope.ask(mesh, "").rootNamespace) return [];
  if (Object.keys(sidecar.spec.workloadSelector?.labels ?? {}).length === 0) return [];
  const detail = `it is for workloads of ${sidecar.namespace} alone, not for those of all namespaces`;
  return [kialiReport(sidecar, "KIA1006", detail, ["spec", "workloadSelector"])];
}

function withoutMode(sidecar: Sidecar): Finding[] {
  const policy = sidecar.spec.outboundTrafficPolicy;
  if (policy === undefined || policy.mode !== undefined) return [];
  const path = ["spec", "outboundTrafficPolicy"];
  return [kialiReport(sidecar, "KIA1007", "here it is REGISTRY_ONLY", path, "write the mode")];
}
