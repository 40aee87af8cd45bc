import type { GatewaySpec, ServerTLSSettings } from "../../gen/istio/gateway.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { hostMatches } from "../../plan/host.ts";
import { listAll, type Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, nameField, report } from "../finding.ts";
import { covers, podLikes, selectorText } from "../workloads.ts";

type Gateway = Resource<GatewaySpec>;

/** Servers of different Gateways for one port and host of the same workloads. */
export const gatewayConflicts: Analyzer = {
  name: "gateway.ConflictingGatewayAnalyzer",
  description: "Checks a gateway's selector, port number and hosts",
  inputs: [types.Gateway],
  codes: ["IST0145"],
  also: ["KIA0301"],
  step: forAll("gatewayConflicts", (scope) => {
    const all = listAll<GatewaySpec>(scope, types.Gateway);
    return all.flatMap((gateway) =>
      (gateway.spec.servers ?? []).flatMap((server, i) => {
        const port = server.port?.number;
        const hosts = server.hosts ?? [];
        const others = all.filter((other) => other !== gateway && shareWorkloads(scope, gateway, other));
        const own = hosts.filter((host) => !host.includes("/"));
        const against = others.filter((other) => serves(other, port, own));
        if (against.length === 0) return [];
        const names = { joined: against.map((other) => ({ nameOf: other })), by: "," };
        const where = against.map((other) => other.origin.at).join(", ");
        const fix = `another Gateway (${where}) has this host on this port: take it out of one of them`;
        const args = [names, selectorText(gateway.spec.selector ?? {}), String(port), hosts.join(",")];
        return [report(gateway, "IST0145", args, { path: ["spec", "servers", i, "hosts"], fix, also: "KIA0301" })];
      }),
    );
  }),
};

/** Hosts that only some namespaces may use (`shop/example.com`) are merged, not in conflict. */
function serves(gateway: Gateway, port: number | undefined, hosts: readonly string[]): boolean {
  return (gateway.spec.servers ?? []).some(
    (server) =>
      server.port?.number === port &&
      (server.hosts ?? []).some((theirs) => !theirs.includes("/") && hosts.some((own) => hostMatches(own, theirs))),
  );
}

/** Whether two Gateways have a workload in common: by their selectors, or by a Pod that both select. */
function shareWorkloads(scope: Scope, a: Gateway, b: Gateway): boolean {
  const [first, second] = [a.spec.selector ?? {}, b.spec.selector ?? {}];
  if (selectorText(first) === selectorText(second)) return true;
  if (isSubset(first, second) || isSubset(second, first)) return true;
  return scope.ask(podLikes, "").some((pod) => covers(first, pod.labels) && covers(second, pod.labels));
}

function isSubset(small: Readonly<Record<string, string>>, large: Readonly<Record<string, string>>): boolean {
  return Object.keys(small).length > 0 && covers(small, large);
}

/** One certificate in several Gateways of the same workloads. */
export const gatewayCertificates: Analyzer = {
  name: "gateway.CertificateAnalyzer",
  description: "Checks a gateway certificate",
  inputs: [types.Gateway],
  codes: ["IST0138"],
  step: forAll("gatewayCertificates", (scope) => {
    const all = listAll<GatewaySpec>(scope, types.Gateway);
    return all.flatMap((gateway) => {
      const selector = gateway.spec.selector ?? {};
      return all
        .filter((other) => other !== gateway && covers(selector, other.spec.selector ?? {}))
        .flatMap((other) => sharedCertificates(gateway, other));
    });
  }),
};

function sharedCertificates(gateway: Gateway, other: Gateway): Finding[] {
  return (gateway.spec.servers ?? []).flatMap((server, i) =>
    (other.spec.servers ?? []).flatMap((theirs) => {
      if (!server.tls || !theirs.tls || !haveSameCertificate(server.tls, theirs.tls)) return [];
      const fix = `put the hosts of ${other.namespace}/${other.name} (${other.origin.at}) into one Gateway with these`;
      const place = { path: ["spec", "servers", i, "tls"], line: nameField, fix };
      return [report(gateway, "IST0138", [[{ nameOf: gateway }, { nameOf: other }]], place)];
    }),
  );
}

function haveSameCertificate(a: ServerTLSSettings, b: ServerTLSSettings): boolean {
  if (a.credentialName || b.credentialName) return a.credentialName === b.credentialName;
  const has = (tls: ServerTLSSettings) => Boolean(tls.serverCertificate && tls.privateKey);
  return has(a) && has(b) && a.serverCertificate === b.serverCertificate && a.privateKey === b.privateKey;
}
