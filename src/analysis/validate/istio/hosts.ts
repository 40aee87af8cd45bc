import type { Findings } from "../finding.ts";
import { isAddress, isDnsLabel, partialWildcardFault, wildcardDomainFault } from "../names.ts";

/** Checks `namespace/host` as Gateways and Sidecars write it. A Gateway may leave the namespace out. */
export function checkScopedHost(text: string, owner: "gateway" | "sidecar", found: Findings): void {
  const slash = text.indexOf("/");
  if (slash < 0) {
    if (owner === "gateway") checkHost(text, owner, found);
    else found.error("host must be of form namespace/dnsName", `write "*/${text}" or "./${text}"`);
    return;
  }
  const [namespace, host] = [text.slice(0, slash), text.slice(slash + 1)];
  if (namespace === "" || host === "") found.error("config namespace and dnsName in host entry cannot be empty");
  const free = owner === "gateway" ? ["*", "."] : ["*", ".", "~"];
  // In a Sidecar `~prod/host` takes out what another entry took in.
  const named = owner === "sidecar" && namespace.startsWith("~") ? namespace.slice(1) : namespace;
  if (!free.includes(namespace) && !free.includes(named) && !isDnsLabel(named)) {
    found.error(
      `invalid namespace value "${namespace}" in ${owner}`,
      `write ${free.map((f) => `"${f}"`).join(", ")} or a namespace`,
    );
  }
  checkHost(host, owner, found);
}

function checkHost(host: string, owner: "gateway" | "sidecar", found: Findings): void {
  if (host !== "*" && !host.includes("."))
    found.error("short names (non FQDN) are not allowed", "write the whole name");
  const fault = wildcardDomainFault(host);
  if (fault && !(owner === "gateway" && isAddress(host))) found.error(fault, "write a host name");
  const partial = partialWildcardFault(host);
  if (partial) found.error(partial, 'a wildcard is "*" or begins "*."');
}
