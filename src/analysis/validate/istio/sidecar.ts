import type { IstioEgressListener, IstioIngressListener, SidecarSpec } from "../../../gen/istio/sidecar.ts";
import type { Resource } from "../../../model/resource.ts";
import { isIPv6 } from "../../../std/ip.ts";
import type { Findings } from "../finding.ts";
import { checkPort, checkPortName, checkProtocol, checkUnixPath, fqdnFault, isAddress, protocol } from "../names.ts";
import { checkConnectionPool } from "./connection-pool.ts";
import { checkDestination } from "./destination.ts";
import { checkScopedHost } from "./hosts.ts";
import { checkSelector } from "./selector.ts";
import { checkServerTls } from "./server-tls.ts";

/** Istio's rules for a Sidecar. Source: istio pkg/config/validation. */
export function checkSidecar(resource: Resource, root: Findings): void {
  const spec = resource.spec as SidecarSpec;
  const found = root.at("spec");
  const { egress = [], ingress = [] } = spec;
  checkSelector(
    spec.workloadSelector?.labels,
    spec.workloadSelector !== undefined,
    found.at("workloadSelector"),
    "sidecar",
  );
  if (egress.length === 0 && ingress.length === 0 && !spec.outboundTrafficPolicy && !spec.inboundConnectionPool) {
    found.error(
      "sidecar: empty configuration provided",
      "write egress, ingress, outboundTrafficPolicy or inboundConnectionPool",
    );
    return;
  }
  const ports = new Set<number>();
  ingress.forEach((listener, i) => {
    const at = found.at("ingress", i);
    if (listener.port === undefined) {
      at.error("sidecar: port is required for ingress listeners", "write port");
      return;
    }
    checkIngress(listener, at);
    if (ports.has(listener.port.number ?? 0))
      at.at("port", "number").error("sidecar: ports on IP bound listeners must be unique", "write each port once");
    ports.add(listener.port.number ?? 0);
  });
  if (spec.inboundConnectionPool) checkConnectionPool(spec.inboundConnectionPool, found.at("inboundConnectionPool"));
  checkEgressPorts(egress, found);
  egress.forEach((listener, i) => void checkEgressHosts(listener, resource.namespace, found.at("egress", i)));
  checkOutbound(spec, found.at("outboundTrafficPolicy"));
}

function checkIngress(listener: IstioIngressListener, found: Findings): void {
  const { port, bind, tls, connectionPool } = listener;
  if ((port.targetPort ?? 0) > 0)
    found.at("port", "targetPort").error("targetPort has no impact on Sidecars", "remove it");
  if (port.name) checkPortName(port.name, found.at("port", "name"));
  checkProtocol(port.protocol, found.at("port", "protocol"));
  checkPort(port.number, found.at("port", "number"));
  if (bind && !isAddress(bind)) found.at("bind").error(`${bind} is not a valid IP`, "write an IP address");
  if (listener.defaultEndpoint) checkDefaultEndpoint(listener.defaultEndpoint, found.at("defaultEndpoint"));
  if (tls) checkIngressTls(listener, found.at("tls"));
  if (connectionPool) checkConnectionPool(connectionPool, found.at("connectionPool"));
  if (connectionPool?.http && !protocol.isHttp(port.protocol)) {
    found
      .at("connectionPool", "http")
      .warn(
        `sidecar: HTTP connection pool settings are configured for port ${port.number} ("${port.name ?? ""}") but its protocol is not HTTP (${port.protocol ?? ""}); only TCP settings will apply`,
      );
  }
}

function checkIngressTls({ port, tls }: IstioIngressListener, found: Findings): void {
  if (tls === undefined) return;
  const unsupported: readonly (readonly [keyof typeof tls, string])[] = [
    ["subjectAltNames", "subjectAltNames is not supported in ingress tls"],
    ["httpsRedirect", "httpsRedirect is not supported"],
    ["credentialName", "credentialName is not currently supported"],
    ["credentialNames", "credentialNames is not currently supported"],
    ["tlsCertificates", "tls_certificates is not currently supported"],
  ];
  for (const [field, message] of unsupported) {
    const value = tls[field];
    const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (isSet) found.at(field).error(`sidecar: ${message}`, "remove it");
  }
  if (tls.mode === "ISTIO_MUTUAL" || tls.mode === "AUTO_PASSTHROUGH") {
    found
      .at("mode")
      .error(
        `configuration is invalid: cannot set mode to ${tls.mode} in sidecar ingress tls`,
        "write SIMPLE or MUTUAL",
      );
  }
  if (!protocol.isTls(port.protocol))
    found.error("server cannot have TLS settings for non HTTPS/TLS ports", "write protocol: HTTPS or TLS");
  checkServerTls(tls, found);
}

const hereHosts = ["", "127.0.0.1", "0.0.0.0", "::1", "::"];

function checkDefaultEndpoint(endpoint: string, found: Findings): void {
  if (endpoint.startsWith("unix://")) {
    checkUnixPath(endpoint.slice("unix://".length), found);
    return;
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(endpoint);
  const host = match?.[1] ?? match?.[2];
  const isSix = match?.[1] !== undefined;
  if (match === null || host === undefined || !hereHosts.includes(host) || (isSix && !isIPv6(host))) {
    const form = "127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath or unset";
    found.error(`sidecar: defaultEndpoint must be of form ${form}`, 'write for example "127.0.0.1:8080"');
    return;
  }
  const port = match[3] ?? "";
  if (/^[-+]?[0-9]+$/.test(port)) checkPort(Number(port), found);
  else found.error(`sidecar: defaultEndpoint port (${port}) is not a number`, "write a port from 1 to 65535");
}

function checkEgressPorts(egress: readonly IstioEgressListener[], root: Findings): void {
  const ports = new Set<number>();
  const sockets = new Set<string>();
  let hasCatchAll = false;
  egress.forEach(({ port, bind = "", captureMode }, i) => {
    const found = root.at("egress", i);
    if (port === undefined) {
      if (hasCatchAll) found.error("sidecar: egress can have only one listener with empty port", "write a port");
      else if (i < egress.length - 1)
        found.error(
          "sidecar: the egress listener with empty port should be the last listener in the list",
          "move it to the end",
        );
      hasCatchAll = true;
      return;
    }
    if ((port.targetPort ?? 0) > 0)
      found.at("port", "targetPort").error("targetPort has no impact on Sidecars", "remove it");
    if (port.name) checkPortName(port.name, found.at("port", "name"));
    checkProtocol(port.protocol, found.at("port", "protocol"));
    const number = port.number ?? 0;
    if (number === 0) checkSocket(bind, captureMode, sockets, found);
    else {
      checkPort(number, found.at("port", "number"));
      if (bind !== "" && !isAddress(bind)) found.at("bind").error(`${bind} is not a valid IP`, "write an IP address");
      if (ports.has(number))
        found.at("port", "number").error("sidecar: ports on IP bound listeners must be unique", "write each port once");
      ports.add(number);
    }
  });
}

function checkSocket(bind: string, mode: string | undefined, seen: Set<string>, found: Findings): void {
  if (!bind.startsWith("unix://"))
    found
      .at("bind")
      .error("sidecar: ports with 0 value must have a unix domain socket bind address", "write bind: unix:///path");
  else checkUnixPath(bind.slice("unix://".length), found.at("bind"));
  if (mode !== undefined && mode !== "DEFAULT" && mode !== "NONE") {
    found
      .at("captureMode")
      .error("sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners", "write NONE");
  }
  if (seen.has(bind))
    found.at("bind").error("sidecar: unix domain socket values for listeners must be unique", "write each socket once");
  seen.add(bind);
}

function checkEgressHosts({ hosts }: IstioEgressListener, namespace: string, found: Findings): void {
  if (hosts.length === 0) {
    found.at("hosts").error("sidecar: egress listener must contain at least one host", 'write for example "./*"');
    return;
  }
  const byNamespace = new Map<string, Set<string>>();
  hosts.forEach((text, i) => {
    const slash = text.indexOf("/");
    const at = found.at("hosts", i);
    if (slash >= 0) {
      const written = text.slice(0, slash);
      const key = written === "." ? namespace : written;
      const host = text.slice(slash + 1);
      const seen = byNamespace.get(key) ?? new Set();
      const isTwice = host === "*" ? seen.size > 0 : seen.has(host) || seen.has("*");
      if (isTwice) at.warn(`duplicated egress host: ${text}`, "remove it");
      byNamespace.set(key, seen.add(host));
    }
    checkScopedHost(text, "sidecar", at);
  });
  const included = [...byNamespace.keys()].filter((key) => !key.startsWith("~"));
  if (byNamespace.get("*")?.has("*") && included.length > 1) {
    found.at("hosts").warn("`*/*` host select all resources, no other hosts can be added", "remove the others");
  }
}

function checkOutbound({ outboundTrafficPolicy }: SidecarSpec, found: Findings): void {
  const mode: string = outboundTrafficPolicy?.mode ?? "REGISTRY_ONLY";
  if (mode === "ALLOW_ANY_DYNAMIC_DNS") {
    found
      .at("mode")
      .error(
        "sidecar: ALLOW_ANY_DYNAMIC_DNS mode is only supported in MeshConfig, not in Sidecar resource",
        "write ALLOW_ANY",
      );
  }
  const proxy = outboundTrafficPolicy?.egressProxy;
  if (proxy === undefined) return;
  const at = found.at("egressProxy");
  if (mode !== "ALLOW_ANY") {
    at.error(
      "sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode",
      "write mode: ALLOW_ANY",
    );
    return;
  }
  const fault = fqdnFault(proxy.host);
  if (fault) at.at("host").error(fault, "write a whole host name");
  if (proxy.port === undefined) at.error("sidecar: egress_proxy port must be non-nil", "write port: {number: 8080}");
  else checkDestination(proxy, at);
}
