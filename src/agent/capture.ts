import { isIP } from "../std/ip.ts";
import { ports } from "./bootstrap.ts";

/** Ports on which a proxy itself is reached: never captured. HBONE, probes of the application, health, metrics. */
const ownPorts = [15008, ports.probes, ports.health, ports.prometheus];

/** The group that a Pod's Envoy runs as, and the user that Istio's does. */
export const proxyUser = 1337;

export interface CaptureOptions {
  /** A `plain` workload has no proxy, a `router` is one: neither is captured. */
  readonly proxy: "sidecar" | "router" | "plain";
  /**
   * How Envoy's own connections are known: by the user or group of this number that it runs as, or by the mark of its sockets where a user
   * namespace has but one user (a mark needs CAP_NET_ADMIN).
   */
  readonly own: { readonly uid: number } | { readonly mark: number };
  /** Where names are asked for instead of the application's own resolver. Absent: there. */
  readonly names?: { readonly address: string; readonly port: number };
  /** Connections from here reach the application itself, also where mutual TLS is demanded: the machine's own probes. */
  readonly probeFrom?: string;
  /** Annotations of the Pod: `traffic.sidecar.istio.io/...`. What is no port, range or interface counts as not said. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Name of the table in a Pod's own network namespace. */
export const captureTable = "inet weft";

/**
 * nftables rules for a Pod's own network namespace, IPv4 and IPv6. They do what Istio's iptables rules do, and put themselves in the place of
 * rules that are there already: what loads them twice changes nothing.
 * https://github.com/istio/istio/blob/1.31.1/tools/istio-iptables/pkg/capture/run.go
 */
export function captureRules(options: CaptureOptions): string {
  const { names } = options;
  const asked = names === undefined ? [] : ["udp", "tcp"].map((l4) => nameRule(names, l4));
  const sidecar = options.proxy === "sidecar";
  return [
    `add table ${captureTable}`,
    `delete table ${captureTable}`,
    `table ${captureTable} {`,
    ...chain("output", "output", [...asked, ...(sidecar ? outbound(options) : [])]),
    ...(sidecar ? chain("prerouting", "prerouting", inbound(options)) : []),
    "}",
    "",
  ].join("\n");
}

function nameRule({ address, port }: { address: string; port: number }, l4: string): string {
  return `${ip(address)} daddr ${address} ${l4} dport 53 dnat ${ip(address)} to ${address}:${port}`;
}

function chain(name: string, hook: string, rules: readonly string[]): string[] {
  return [
    `  chain ${name} {`,
    `    type nat hook ${hook} priority -100; policy accept;`,
    ...rules.map((rule) => `    ${rule}`),
    "  }",
  ];
}

function outbound({ annotations, own }: CaptureOptions): string[] {
  const to = `redirect to :${ports.outbound}`;
  const mine = "mark" in own ? [`meta mark ${own.mark}`] : [`meta skuid ${own.uid}`, `meta skgid ${own.uid}`];
  const excluded = numbers(annotations[`${traffic}/excludeOutboundPorts`]);
  const interfaces = names(annotations[`${traffic}/excludeInterfaces`]);
  const without = ranges(annotations[`${traffic}/excludeOutboundIPRanges`]);
  const alsoPorts = numbers(annotations[`${traffic}/includeOutboundPorts`]);
  const { all, only } = included(annotations);
  // A user who names loopback addresses wants calls by them captured, too.
  const loopback = only.some((range) => range.startsWith("127.") || range.startsWith("::1"));
  return [
    "meta l4proto != tcp return",
    ...(interfaces.length > 0 ? [`oifname ${quoted(interfaces)} return`] : []),
    ...(excluded.length > 0 ? [`tcp dport ${set(excluded)} return`] : []),
    // What Envoy hands on to the application beside it.
    `ip saddr 127.0.0.6 oifname "lo" return`,
    `ip6 saddr { ::1, ::6 } oifname "lo" return`,
    // An application that calls itself through its own Service: Envoy's connection to its own Pod goes in by the front door.
    ...mine.flatMap((who) => [
      `oifname "lo" ${who} ip daddr != 127.0.0.0/8 tcp dport != 15008 redirect to :${ports.inbound}`,
      `oifname "lo" ${who} ip6 daddr != ::1 tcp dport != 15008 redirect to :${ports.inbound}`,
    ]),
    ...mine.map((who) => `${who} return`),
    ...(loopback ? [] : [`oifname "lo" return`, "ip daddr 127.0.0.0/8 return", "ip6 daddr ::1 return"]),
    ...without.map((range) => `${ip(range)} daddr ${range} return`),
    ...(alsoPorts.length > 0 ? [`tcp dport ${set(alsoPorts)} ${to}`] : []),
    ...only.map((range) => `${ip(range)} daddr ${range} tcp dport 1-65535 ${to}`),
    ...(all ? [`tcp dport 1-65535 ${to}`] : []),
  ];
}

function inbound({ annotations, probeFrom }: CaptureOptions): string[] {
  const to = `redirect to :${ports.inbound}`;
  const without = [...ownPorts, ...numbers(annotations[`${traffic}/excludeInboundPorts`])];
  const wanted = (annotations[`${traffic}/includeInboundPorts`] ?? "*").trim();
  const some = numbers(wanted);
  const interfaces = names(annotations[`${traffic}/excludeInterfaces`]);
  return [
    `iifname "lo" return`,
    ...(interfaces.length > 0 ? [`iifname ${quoted(interfaces)} return`] : []),
    ...rerouted(annotations),
    ...(probeFrom === undefined ? [] : [`${ip(probeFrom)} saddr ${probeFrom} return`]),
    `tcp dport ${set(without)} return`,
    ...(wanted === "*" ? [`tcp dport 1-65535 ${to}`] : some.length > 0 ? [`tcp dport ${set(some)} ${to}`] : []),
  ];
}

/** Nobody listens there: not Envoy, and no application that starts after it. */
const unusedPort = 15002;

/** A port that connections from outside are captured on and where no application listens while its proxy starts; undefined where there is none. */
export function capturedPort(annotations: CaptureOptions["annotations"]): number | undefined {
  const without = [...ownPorts, ...numbers(annotations[`${traffic}/excludeInboundPorts`])];
  const wanted = (annotations[`${traffic}/includeInboundPorts`] ?? "*").trim();
  const some = wanted === "*" ? [unusedPort, unusedPort + 1, unusedPort + 2] : numbers(wanted);
  return some.find((port) => !without.includes(port) && port !== ports.inbound && port !== ports.outbound);
}

/** What comes in by these interfaces comes from machines inside the Pod (KubeVirt, Docker in it): for the mesh it goes out. */
function rerouted(annotations: CaptureOptions["annotations"]): string[] {
  const said = annotations["istio.io/reroute-virtual-interfaces"] ?? annotations[`${traffic}/kubevirtInterfaces`];
  const interfaces = names(said);
  if (interfaces.length === 0) return [];
  const from = `iifname ${quoted(interfaces)}`;
  const to = `redirect to :${ports.outbound}`;
  const { all, only } = included(annotations);
  return [
    ...only.map((range) => `${from} ${ip(range)} daddr ${range} tcp dport 1-65535 ${to}`),
    ...(all ? [`${from} tcp dport 1-65535 ${to}`] : []),
    `${from} return`,
  ];
}

const traffic = "traffic.sidecar.istio.io";

/** `*`, or nothing said, is everywhere; an empty text nowhere. */
function included(annotations: CaptureOptions["annotations"]): { all: boolean; only: readonly string[] } {
  const said = (annotations[`${traffic}/includeOutboundIPRanges`] ?? "*").trim();
  return said === "*" ? { all: true, only: [] } : { all: false, only: ranges(said) };
}

/** Comma-separated ports, 1 to 65535. */
function numbers(text: string | undefined): number[] {
  return listed(text)
    .filter((part) => /^\d+$/.test(part))
    .map(Number)
    .filter((port) => port > 0 && port < 65_536);
}

function ranges(text: string | undefined): string[] {
  return listed(text).filter(isRange);
}

/** An address or a CIDR range, IPv4 or IPv6: `10.0.0.0/8`, `fd00::1`. */
export function isRange(text: string): boolean {
  const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128);
}

/** Whether the kernel takes a text as an interface's name. */
export function isInterface(text: string): boolean {
  return /^[A-Za-z0-9_.@:-]{1,15}$/.test(text);
}

function names(text: string | undefined): string[] {
  return listed(text).filter(isInterface);
}

function listed(text: string | undefined): string[] {
  return (text ?? "").split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}

function ip(range: string): "ip" | "ip6" {
  return range.includes(":") ? "ip6" : "ip";
}

function set(items: readonly (number | string)[]): string {
  return `{ ${[...new Set(items)].join(", ")} }`;
}

function quoted(items: readonly string[]): string {
  return set(items.map((item) => `"${item}"`));
}
