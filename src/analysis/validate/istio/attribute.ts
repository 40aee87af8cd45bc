import type { Findings } from "../finding.ts";
import { isAddress, isCidr } from "../names.ts";

const plain = new Set([
  "source.namespace",
  "source.principal",
  "source.serviceAccount",
  "source.trustDomain",
  "request.auth.principal",
  "request.auth.audiences",
  "request.auth.presenter",
  "connection.sni",
]);
const keyed = ["request.headers", "request.auth.claims", "experimental.envoy.filters."];

/** Checks the key of a condition and its values. `found` is at the condition. */
export function checkAttribute(
  key: string,
  values: readonly string[],
  which: "value" | "notValue",
  found: Findings,
): void {
  const at = found.at(which === "value" ? "values" : "notValues");
  const refuse = (why: string, fix?: string): void =>
    found.at("key").error(`invalid \`${which}\` for \`key\` ${key}: ${why}`, fix);
  if (values.includes("")) {
    at.error(`invalid \`${which}\` for \`key\` ${key}: empty value not allowed, found in ${key}`, "remove it");
    return;
  }
  if (keyed.some((prefix) => key.startsWith(prefix))) {
    const open = key.indexOf("[");
    if (!(key.endsWith("]") && open > 0 && open < key.length - 2))
      refuse(`bad key (${key}): should have format a[b]`, "write for example request.headers[x-user]");
  } else if (key === "source.ip" || key === "remote.ip" || key === "destination.ip")
    values.forEach((v, i) => void checkBlock(v, at.at(i)));
  else if (key === "destination.port") checkPorts(values, at);
  else if (key === "destination.namespace") refuse(`attribute ${key} is replaced by the metadata.namespace`);
  else if (key.startsWith("destination.labels")) refuse(`attribute ${key} is replaced by the workload selector`);
  else if (key === "destination.name" || key === "destination.user")
    refuse(`deprecated attribute ${key}: only supported in v1alpha1`);
  else if (!plain.has(key))
    refuse(
      `unknown attribute: ${key}`,
      "write for example request.headers[x-user], source.ip or request.auth.claims[iss]",
    );
}

/** Checks port numbers that are written as texts. */
export function checkPorts(ports: readonly string[] | undefined, found: Findings): void {
  ports?.forEach((port, i) => {
    if (!/^[0-9]+$/.test(port) || Number(port) > 65535)
      found.at(i).error(`bad port (${port})`, 'write a number in quotes, for example "8080"');
  });
}

/** Checks an address or a CIDR block of a policy. */
export function checkBlock(block: string, found: Findings): void {
  if (block.includes("/")) {
    if (!isCidr(block)) found.error(`bad CIDR range (${block})`, "write for example 10.0.0.0/8");
  } else if (!isAddress(block)) found.error(`bad IP address (${block})`, "write an IP address or a CIDR block");
}
