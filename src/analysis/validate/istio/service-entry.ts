import type { ServiceEntrySpec } from "../../../gen/istio/service-entry.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import {
  checkLabels,
  checkPort,
  checkPortName,
  checkProtocol,
  fqdnFault,
  isAddress,
  partialWildcardFault,
  protocol,
  subnetFault,
  wildcardDomainFault,
} from "../names.ts";
import { checkSelector } from "./selector.ts";
import { checkExportTo } from "./visibility.ts";
import { checkEndpoint, checkEndpointPorts } from "./workload-entry.ts";

/** Istio's rules for a ServiceEntry. Source: istio pkg/config/validation. */
export function checkServiceEntry(resource: Resource, root: Findings): void {
  const spec = resource.spec as ServiceEntrySpec;
  const found = root.at("spec");
  checkSelector(
    spec.workloadSelector?.labels,
    spec.workloadSelector !== undefined,
    found.at("workloadSelector"),
    "service entry",
  );
  if (spec.workloadSelector !== undefined && spec.endpoints !== undefined) {
    found.error("only one of WorkloadSelector or Endpoints is allowed in Service Entry", "remove one of the two");
  }
  checkHosts(spec, found);
  checkAddresses(spec, found);
  const names = checkPorts(resource, spec, found);
  checkResolution(resource, spec, names, found);
  const resolves = spec.resolution !== undefined && spec.resolution !== "NONE";
  const plain = spec.ports?.findIndex((p) => !protocol.isHttp(p.protocol) && !protocol.isTls(p.protocol)) ?? -1;
  if (resolves && spec.hosts.length > 1 && plain >= 0) {
    found
      .at("ports", plain)
      .error(
        "multiple hosts provided with non-HTTP, non-TLS ports",
        "write one ServiceEntry for each host, or name the protocol",
      );
  }
  checkExportTo(spec.exportTo, { namespace: resource.namespace, allowNone: true }, found);
}

function checkHosts(spec: ServiceEntrySpec, found: Findings): void {
  if (spec.hosts.length === 0) found.error("service entry must have at least one host", "write a host under hosts");
  spec.hosts.forEach((host, i) => {
    const at = found.at("hosts", i);
    if (host === "*") {
      at.error(`invalid host ${host}`, 'a wildcard needs a domain: "*.example.com"');
      return;
    }
    const fault = wildcardDomainFault(host);
    if (fault) at.error(fault, "write a host name");
    const partial = partialWildcardFault(host);
    if (partial) at.warn(partial, 'begin the host with "*."');
  });
}

function checkAddresses(spec: ServiceEntrySpec, found: Findings): void {
  spec.addresses?.forEach((address, i) => {
    const fault = subnetFault(address);
    if (fault) found.at("addresses", i).error(fault, "write an IP address or a CIDR block");
  });
  const resolution = spec.resolution ?? "NONE";
  if (spec.addresses?.some((a) => a.includes("/")) && resolution !== "NONE" && resolution !== "STATIC") {
    found
      .at("addresses")
      .error("CIDR addresses are allowed only for NONE/STATIC resolution types", "write single addresses");
  }
}

function checkPorts(resource: Resource, spec: ServiceEntrySpec, found: Findings): ReadonlySet<string> {
  const names = new Set<string>();
  const numbers = new Set<number>();
  const resolution = spec.resolution ?? "NONE";
  const allocates = resolution !== "NONE" && resource.labels["networking.istio.io/enable-autoallocate-ip"] !== "false";
  spec.ports?.forEach((port, i) => {
    const at = found.at("ports", i);
    if (names.has(port.name))
      at.at("name").error(`service entry port name "${port.name}" already defined`, "give it another name");
    if (numbers.has(port.number))
      at.at("number").error(`service entry port ${port.number} already defined`, "write each port once");
    names.add(port.name);
    numbers.add(port.number);
    if ((port.targetPort ?? 0) !== 0) checkPort(port.targetPort, at.at("targetPort"));
    const isPlain = (port.protocol ?? "") === "" || port.protocol === "TCP";
    if ((spec.addresses ?? []).length === 0 && !allocates && isPlain) {
      at.warn(
        "addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled",
        "write addresses",
      );
    }
    checkPortName(port.name, at.at("name"));
    checkProtocol(port.protocol, at.at("protocol"));
    checkPort(port.number, at.at("number"));
  });
  return names;
}

function checkResolution(
  resource: Resource,
  spec: ServiceEntrySpec,
  names: ReadonlySet<string>,
  found: Findings,
): void {
  const endpoints = spec.endpoints ?? [];
  switch (spec.resolution ?? "NONE") {
    case "NONE":
      if (endpoints.length > 0)
        found
          .at("endpoints")
          .error("no endpoints should be provided for resolution type none", "write resolution: STATIC");
      if (spec.workloadSelector)
        found
          .at("workloadSelector")
          .warn("workloadSelector should not be set when resolution mode is NONE", "write resolution: STATIC");
      return;
    case "STATIC":
      endpoints.forEach((endpoint, i) => void checkEndpoint(endpoint, names, false, found.at("endpoints", i)));
      return;
    case "DYNAMIC_DNS":
      checkDynamicDns(resource, spec, found);
      return;
    default:
      checkDns(spec, names, found);
  }
}

function checkDns(spec: ServiceEntrySpec, names: ReadonlySet<string>, found: Findings): void {
  const endpoints = spec.endpoints ?? [];
  if (endpoints.length === 0) {
    spec.hosts.forEach((host, i) => {
      const fault = fqdnFault(host);
      if (!fault) return;
      const message = `hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode ${spec.resolution}, ${fault}`;
      found.at("hosts", i).error(message, "write a whole host name, endpoints, or resolution: DYNAMIC_DNS");
    });
  }
  if (spec.resolution === "DNS_ROUND_ROBIN" && endpoints.length > 1) {
    found
      .at("endpoints")
      .error("there must only be 0 or 1 endpoint for resolution mode DNS_ROUND_ROBIN", "write resolution: DNS");
  }
  endpoints.forEach((endpoint, i) => {
    const at = found.at("endpoints", i);
    const address = endpoint.address ?? "";
    if (!isAddress(address) && fqdnFault(address))
      at.at("address").error(`endpoint address "${address}" is not a valid FQDN or an IP address`);
    checkLabels(endpoint.labels, at.at("labels"));
    checkEndpointPorts(endpoint, names, at);
  });
  if (
    (spec.addresses ?? []).length > 0 &&
    spec.hosts.length > 1 &&
    spec.ports?.some((p) => protocol.isTcp(p.protocol))
  ) {
    found.warn(
      "service entry can not have more than one host specified simultaneously with address and tcp port",
      "write one ServiceEntry for each host",
    );
  }
}

const dynamic = new Set(["http", "tls", "grpc", "http2", "https"]);

function checkDynamicDns(resource: Resource, spec: ServiceEntrySpec, found: Findings): void {
  if ((spec.endpoints ?? []).length > 0) {
    found
      .at("endpoints")
      .error(
        "endpoints cannot be set for resolution type DYNAMIC_DNS: the destination is what the requested host resolves to",
        "remove endpoints",
      );
  }
  if ((spec.addresses ?? []).length > 0) {
    found
      .at("addresses")
      .error(
        "addresses cannot be set for resolution type DYNAMIC_DNS: requests are matched by hosts alone",
        "remove addresses",
      );
  }
  spec.hosts.forEach((host, i) => {
    if (!host.startsWith("*."))
      found
        .at("hosts", i)
        .error(
          "host must be wildcarded for resolution mode DYNAMIC_DNS",
          'begin the host with "*.", or write resolution: DNS',
        );
  });
  spec.ports?.forEach((port, i) => {
    if (!dynamic.has((port.protocol ?? "").toLowerCase())) {
      found
        .at("ports", i, "protocol")
        .error(
          "only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution type DYNAMIC_DNS",
          "write one of them",
        );
    }
  });
  if (spec.workloadSelector)
    found.at("workloadSelector").error("workloadSelector cannot be set for resolution type DYNAMIC_DNS", "remove it");
  const waypoint = resource.labels["istio.io/use-waypoint"];
  if (spec.location === "MESH_INTERNAL" && waypoint !== undefined && waypoint !== "none") {
    found
      .at("location")
      .error(
        "location MESH_INTERNAL with resolution type DYNAMIC_DNS is not supported when using waypoints",
        "write location: MESH_EXTERNAL",
      );
  }
}
