import type { GatewaySpec } from "../../gen/istio/gateway.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { ServiceSpec } from "../../plan/registry/kubernetes-service.ts";
import { closest } from "../../std/closest.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forEach, type Place, report } from "../finding.ts";
import { covers, firstKey, type PodLike, podLikes, selectorText } from "../workloads.ts";

type Gateway = Resource<GatewaySpec>;

/** A gateway's ports against the ports of its workload's Services. */
export const gatewayPorts: Analyzer = {
  name: "gateway.IngressGatewayPortAnalyzer",
  description: "Checks a gateway's ports against the gateway's Kubernetes service ports",
  inputs: [types.Gateway, types.Pod, types.Service],
  codes: ["IST0101", "IST0162"],
  also: ["KIA0302"],
  step: forEach<GatewaySpec>("gatewayPorts", types.Gateway, (scope, gateway) => {
    const workloads = workloadsOf(scope, gateway);
    if (workloads.length === 0) return [noWorkload(scope, gateway)];
    const ports = servicePorts(scope, workloads);
    const selector = gateway.spec.selector ?? {};
    return (gateway.spec.servers ?? []).flatMap((server, i) => {
      const number = server.port?.number ?? 0;
      if (server.port === undefined || ports.has(number)) return [];
      const there = [...ports].sort((a, b) => a - b).join(", ");
      const place = {
        ...selectorPlace(selector),
        path: ["spec", "servers", i, "port", "number"],
        fix: there === "" ? "no Service selects the gateway's Pods" : `its Service has ${there}`,
      };
      return [report(gateway, "IST0162", [number, selectorText(selector)], place)];
    });
  }),
};

/** Secrets that a gateway's servers name. */
export const gatewaySecrets: Analyzer = {
  name: "gateway.SecretAnalyzer",
  description: "Checks a gateway's referenced secrets for correctness",
  inputs: [types.Gateway, types.Pod, types.Secret],
  codes: ["IST0101", "IST0161"],
  step: forEach<GatewaySpec>("gatewaySecrets", types.Gateway, (scope, gateway) => {
    const [workload] = workloadsOf(scope, gateway);
    // As Istio: one of no namespace (a file read as istioctl reads it) has no Secrets.
    if (workload === undefined || workload.namespace === "") return [noWorkload(scope, gateway)];
    return (gateway.spec.servers ?? []).flatMap((server, i) => {
      const said = server.tls?.credentialName ?? "";
      return said === "" ? [] : checkCredential(scope, gateway, workload.namespace, said, i);
    });
  }),
};

function workloadsOf(scope: Scope, gateway: Gateway): readonly PodLike[] {
  const selector = gateway.spec.selector ?? {};
  return scope.ask(podLikes, "").filter((pod) => covers(selector, pod.labels));
}

function selectorPlace(selector: Readonly<Record<string, string>>): Place {
  const key = firstKey(selector);
  return key === undefined ? { path: ["spec", "selector"] } : { line: ["spec", "selector", key] };
}

function noWorkload(scope: Scope, gateway: Gateway): Finding {
  const selector = gateway.spec.selector ?? {};
  const text = selectorText(selector);
  const key = firstKey(selector) ?? "";
  const values = scope.ask(podLikes, "").flatMap((pod) => pod.labels[key] ?? []);
  const meant = closest(selector[key] ?? "", values);
  const fix =
    meant === undefined ? "no workload has these labels: add a gateway Deployment" : `did you mean "${key}: ${meant}"?`;
  return report(gateway, "IST0101", ["selector", text], { ...selectorPlace(selector), fix, also: "KIA0302" });
}

/** Ports of the Services that select one of these Pods, and the ports that they lead to: a Gateway may name either. */
function servicePorts(scope: Scope, workloads: readonly PodLike[]): ReadonlySet<number> {
  const ports = new Set<number>();
  for (const namespace of new Set(workloads.map((w) => w.namespace))) {
    for (const { spec } of scope.list<ServiceSpec>(types.Service, namespace)) {
      const selector = spec.selector ?? {};
      if (!workloads.some((w) => w.namespace === namespace && covers(selector, w.labels))) continue;
      for (const { protocol, targetPort, port } of spec.ports ?? [])
        if ((protocol ?? "TCP") === "TCP") ports.add(port).add(Number(targetPort) || port);
    }
  }
  return ports;
}

function checkCredential(scope: Scope, gateway: Gateway, namespace: string, said: string, index: number): Finding[] {
  const ref = secretRef(said, namespace);
  const path = ["spec", "servers", index, "tls", "credentialName"];
  const secret = scope.get(ref);
  if (secret === undefined) {
    const names = scope.list(types.Secret, ref.namespace).map((s) => s.name);
    const meant = closest(ref.name, names);
    const fix =
      meant === undefined
        ? `add a Secret "${ref.name}" to namespace ${ref.namespace}, where the gateway runs`
        : `did you mean "${meant}"?`;
    return [report(gateway, "IST0101", ["credentialName", said], { line: path, fix })];
  }
  const fault = certificateFault(secret);
  if (fault === undefined) return [];
  const fix = `the Secret (${secret.origin.at}) ${fault}`;
  return [report(gateway, "IST0161", [gateway.name, namespace], { line: path, fix })];
}

/** What keeps a Secret from being a certificate with its key, in Kubernetes' names for them or in Istio's older ones. */
function certificateFault(secret: Resource): string | undefined {
  const data = (secret.data?.["data"] ?? {}) as Readonly<Record<string, unknown>>;
  const plain = (secret.data?.["stringData"] ?? {}) as Readonly<Record<string, unknown>>;
  const value = (key: string) => {
    const text = plain[key];
    if (typeof text === "string") return text;
    const encoded = data[key];
    return typeof encoded === "string" ? Buffer.from(encoded, "base64").toString("latin1") : undefined;
  };
  const [certificate, key] = [value("tls.crt") ?? value("cert"), value("tls.key") ?? value("key")];
  if (certificate === undefined || key === undefined) {
    const there = [...new Set([...Object.keys(data), ...Object.keys(plain)])].join(", ");
    return `has ${there || "no data"}; it needs tls.crt and tls.key`;
  }
  if (!certificate.includes("-----BEGIN CERTIFICATE-----")) return "has no PEM certificate in tls.crt";
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key) ? undefined : "has no PEM private key in tls.key";
}

/** `name`, or Istio's `kubernetes://name` and `kubernetes-gateway://namespace/name`. */
function secretRef(said: string, namespace: string): Ref {
  const plain = said.replace(/^kubernetes(-gateway)?:\/\//, "");
  const slash = plain.indexOf("/");
  return {
    type: types.Secret,
    namespace: slash < 0 ? namespace : plain.slice(0, slash),
    name: plain.slice(slash + 1),
  };
}
