import { isIP } from "../../std/ip.ts";
import type { Findings } from "./finding.ts";

const label = "[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?";
const dnsLabel = new RegExp(`^${label}$`);
const wildcardLabel = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${label})$`);
const qualified = "(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelKey = new RegExp(`^(?:(${label}(?:\\.${label})*)/)?(${qualified})$`);
const labelValue = new RegExp(`^(?:${qualified})?$`);

/** A DNS label in Istio's sense: RFC 1123, capital letters allowed. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && dnsLabel.test(text);
}

/** What keeps a text from being a fully qualified domain name, or undefined. A single label is one, a top-level domain of digits is none. */
export function fqdnFault(domain: string): string | undefined {
  return emptyOrLong(domain) ?? labelsFault(domain);
}

/** The same, with `*`, `*x` or `*-x` allowed as the first label. */
export function wildcardDomainFault(domain: string): string | undefined {
  const bad = emptyOrLong(domain);
  if (bad) return bad;
  const dot = domain.indexOf(".");
  const first = dot < 0 ? domain : domain.slice(0, dot);
  if (first.length > 63 || !wildcardLabel.test(first))
    return `domain name "${domain}" invalid (label "${first}" invalid)`;
  return dot < 0 ? undefined : labelsFault(domain.slice(dot + 1));
}

/** The same for hosts at a gateway, where `outbound_.80_._.host` names an endpoint of AUTO_PASSTHROUGH. */
export function gatewayDomainFault(domain: string, isSni: boolean): string | undefined {
  const bad = emptyOrLong(domain);
  if (bad) return bad;
  if (!isSni || !domain.startsWith("outbound_")) return wildcardDomainFault(domain);
  const [, port, , host] = domain.split("_");
  const valid = port !== undefined && host !== undefined && /[0-9]/.test(port) && /[a-zA-Z]/.test(host);
  return valid ? undefined : `domain name "${domain}" invalid; it should follow outbound_.<PORT>_._.<HOSTNAME>`;
}

/** `*.example.com` is a wildcard; `*example.com` and `a.*.com` are partial ones. */
export function partialWildcardFault(host: string): string | undefined {
  return host.includes("*") && host.length !== 1 && !host.startsWith("*.")
    ? `partial wildcard "${host}" not allowed`
    : undefined;
}

function emptyOrLong(domain: string): string | undefined {
  if (domain.length > 255) return `domain name "${domain}" too long (max 255)`;
  return domain === "" ? "empty domain name not allowed" : undefined;
}

function labelsFault(domain: string): string | undefined {
  const parts = domain.split(".");
  const top = parts.at(-1) as string;
  if (/^[-+]?[0-9]+$/.test(top))
    return `domain name "${domain}" invalid (top level domain "${top}" cannot be all-numeric)`;
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part === "") return undefined;
    if (!isDnsLabel(part)) return `domain name "${domain}" invalid (label "${part}" invalid)`;
  }
  return undefined;
}

/** An IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** `10.0.0.0/8`, `fd00::/8`. */
export function isCidr(text: string): boolean {
  const slash = text.indexOf("/");
  const version = isIP(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  return (
    slash > 0 &&
    version !== 0 &&
    !text.includes("%") &&
    /^(0|[1-9][0-9]{0,2})$/.test(bits) &&
    Number(bits) <= (version === 4 ? 32 : 128)
  );
}

/** What keeps a text from being an address or a CIDR block. */
export function subnetFault(text: string): string | undefined {
  if (text.split("/").length === 2) return isCidr(text) ? undefined : `${text} is not a valid CIDR block`;
  return isAddress(text) ? undefined : `${text} is not a valid IP`;
}

/** Checks a port number. */
export function checkPort(port: number | undefined, found: Findings): void {
  const number = port ?? 0;
  if (number < 1 || number > 65535)
    found.error(`port number ${number} must be in the range 1..65535`, "write a port from 1 to 65535");
}

/** Checks the path of `unix:///path` or `unix://@name`, without `unix://`. */
export function checkUnixPath(path: string, found: Findings): void {
  if (path === "") found.error("unix address must not be empty", "write unix:///path/to/socket");
  else if (!path.startsWith("@") && (!path.startsWith("/") || path.endsWith("/"))) {
    found.error(`${path} is not an absolute path to a file`, "write unix:///path/to/socket");
  }
}

/** Checks labels that are matched: keys and values in Kubernetes' form. */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined, found: Findings): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const match = labelKey.exec(key);
    if (!match) found.at(key).error(`invalid tag key: "${key}"`, "write a label's key");
    else if ((match[1]?.length ?? 0) > 253) found.at(key).error(`invalid tag key: "${key}" (DNS prefix is too long)`);
    else if ((match[2]?.length ?? 0) > 63) found.at(key).error(`invalid tag key: "${key}" (name is too long)`);
    if (!labelValue.test(value))
      found.at(key).error(`invalid tag value: "${value}"`, "write letters, digits, -, _ and .");
  }
}

/** Checks the name of a port. */
export function checkPortName(name: string, found: Findings): void {
  if (!isDnsLabel(name)) found.error(`invalid port name: ${name}`, "write at most 63 letters, digits and -");
}

const http = ["http", "http2", "http_proxy", "grpc", "grpc-web"];
const tls = ["https", "tls"];
const tcp = ["tcp", "https", "tls", "mongo", "redis", "mysql"];
const protocols = new Set([...http, ...tcp, "udp"]);

/** Istio's protocol names, in whatever case. */
export const protocol = {
  isKnown: (name: string): boolean => protocols.has(name.toLowerCase()),
  isHttp: (name = ""): boolean => http.includes(name.toLowerCase()),
  isTls: (name = ""): boolean => tls.includes(name.toLowerCase()),
  isTcp: (name = ""): boolean => tcp.includes(name.toLowerCase()),
};

/** Checks a port's protocol; an empty one is sniffed. */
export function checkProtocol(name: string | undefined, found: Findings): void {
  if (name !== undefined && name !== "" && !protocol.isKnown(name)) {
    found.error(
      `unsupported protocol: ${name}`,
      "write one of HTTP, HTTP2, HTTPS, GRPC, GRPC-WEB, TCP, TLS, MONGO, MYSQL, REDIS, UDP",
    );
  }
}

/** Whether two hosts, each perhaps a wildcard, have a name in common: `*.com` and `*.foo.com`. */
export function hostsOverlap(a: string, b: string): boolean {
  const [wildA, wildB] = [a.startsWith("*"), b.startsWith("*")];
  if (wildA && wildB) return a.length < b.length ? b.endsWith(a.slice(1)) : a.endsWith(b.slice(1));
  if (wildA) return b.endsWith(a.slice(1));
  return wildB ? a.endsWith(b.slice(1)) : a === b;
}

/** Whether every name of `a` is one of `b`. */
export function hostIsSubsetOf(a: string, b: string): boolean {
  if (a.startsWith("*") && b.startsWith("*")) return a.length >= b.length && a.endsWith(b.slice(1));
  if (a.startsWith("*")) return false;
  return b.startsWith("*") ? a.endsWith(b.slice(1)) : a === b;
}
