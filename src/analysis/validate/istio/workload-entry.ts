import type { WorkloadEntrySpec } from "../../../gen/istio/workload-entry.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkLabels, checkPort, checkPortName, checkUnixPath, fqdnFault, isAddress } from "../names.ts";

/** Istio's rules for a WorkloadEntry. Source: istio pkg/config/validation. */
export function checkWorkloadEntry(resource: Resource, root: Findings): void {
  checkEndpoint(resource.spec as WorkloadEntrySpec, undefined, true, root.at("spec"));
}

/** Checks one endpoint: `ports` are the names of its service's ports, where it is known; a host name as address is for DNS only. */
export function checkEndpoint(
  entry: WorkloadEntrySpec,
  ports: ReadonlySet<string> | undefined,
  allowNames: boolean,
  found: Findings,
): void {
  const address = entry.address ?? "";
  const isUnix = address.startsWith("unix://");
  if (address === "") {
    if (!entry.network) {
      found.error("address is required", "write an IP address or a host name");
      return;
    }
    found.warn(`address is unset with network "${entry.network}"`);
  } else if (isUnix) {
    checkUnixPath(address.slice("unix://".length), found.at("address"));
    if (Object.keys(entry.ports ?? {}).length > 0)
      found.at("ports").error(`unix endpoint ${address} must not include ports`, "remove ports");
  } else if (!isAddress(address)) {
    if (!allowNames)
      found
        .at("address")
        .error(`endpoint address "${address}" is not a valid IP address`, "write an IP address, or resolution: DNS");
    else if (fqdnFault(address))
      found.at("address").error(`endpoint address "${address}" is not a valid FQDN or an IP address`);
  }
  checkEndpointPorts(entry, ports, found);
  checkLabels(entry.labels, found.at("labels"));
  if (isUnix && ports !== undefined && ports.size !== 1)
    found.error("exactly 1 service port required for unix endpoints");
}

/** Checks an endpoint's map of port names to numbers. */
export function checkEndpointPorts(
  entry: WorkloadEntrySpec,
  ports: ReadonlySet<string> | undefined,
  found: Findings,
): void {
  for (const [name, port] of Object.entries(entry.ports ?? {})) {
    const at = found.at("ports", name);
    if (ports !== undefined && !ports.has(name))
      at.error(`endpoint port ${port} is not defined by the service entry`, "name one of the service entry's ports");
    checkPortName(name, at);
    checkPort(port, at);
  }
}
