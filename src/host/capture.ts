import { ports, proxyMark } from "../agent/bootstrap.ts";
import { parseRange } from "./subnet.ts";

/** Ports on which a proxy itself is reached: never captured. HBONE, health, metrics. */
const ownPorts = [15008, 15020, ports.health, ports.prometheus];

export interface CaptureOptions {
  /** A `plain` workload has no proxy, a `router` is one: neither is captured. */
  readonly proxy: "sidecar" | "router" | "plain";
  /** The machine's address on the bridge: names are asked for there. */
  readonly gateway: string;
  /** Connections from here are the machine's own probes; they reach the application itself, also where mutual TLS is demanded. */
  readonly probeFrom: string;
  /** Annotations of the Pod: `traffic.sidecar.istio.io/...`. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * nftables rules for a Pod's own network namespace. They do what Istio's iptables rules do, with one difference: Envoy's own connections are
 * known by their mark, not by a user id, since a user namespace has but one.
 * https://github.com/istio/istio/blob/1.31.1/tools/istio-iptables/pkg/capture/run.go
 */
export function captureRules(options: CaptureOptions): string {
  const { gateway } = options;
  const names = ["udp", "tcp"].map((l4) => `ip daddr ${gateway} ${l4} dport 53 dnat to ${gateway}:${ports.dns}`);
  const sidecar = options.proxy === "sidecar";
  return [
    "table ip weft {",
    "  chain output {",
    "    type nat hook output priority -100; policy accept;",
    ...indent([...names, ...(sidecar ? outbound(options) : [])]),
    "  }",
    ...(sidecar
      ? [
          "  chain prerouting {",
          "    type nat hook prerouting priority -100; policy accept;",
          ...indent(inbound(options)),
          "  }",
        ]
      : []),
    "}",
    "",
  ].join("\n");
}

function outbound({ annotations }: CaptureOptions): string[] {
  const to = `redirect to :${ports.outbound}`;
  const excluded = numbers(annotations["traffic.sidecar.istio.io/excludeOutboundPorts"]);
  const without = ranges(annotations["traffic.sidecar.istio.io/excludeOutboundIPRanges"]);
  const only = ranges(annotations["traffic.sidecar.istio.io/includeOutboundIPRanges"]);
  const onlyPorts = numbers(annotations["traffic.sidecar.istio.io/includeOutboundPorts"]);
  const all = only.length === 0 && onlyPorts.length === 0;
  return [
    "meta l4proto != tcp return",
    // What Envoy hands on to the application beside it.
    `ip saddr 127.0.0.6 oifname "lo" return`,
    // An application that calls itself through its own Service: Envoy's connection to its own Pod goes in by the front door.
    `oifname "lo" meta mark ${proxyMark} ip daddr != 127.0.0.0/8 tcp dport != 15008 redirect to :${ports.inbound}`,
    `oifname "lo" return`,
    `meta mark ${proxyMark} return`,
    "ip daddr 127.0.0.0/8 return",
    ...(excluded.length > 0 ? [`tcp dport ${set(excluded)} return`] : []),
    ...(without.length > 0 ? [`ip daddr ${set(without)} return`] : []),
    ...(only.length > 0 ? [`ip daddr ${set(only)} tcp dport 1-65535 ${to}`] : []),
    ...(onlyPorts.length > 0 ? [`tcp dport ${set(onlyPorts)} ${to}`] : []),
    ...(all ? [`tcp dport 1-65535 ${to}`] : []),
  ];
}

function inbound({ annotations, probeFrom }: CaptureOptions): string[] {
  const to = `redirect to :${ports.inbound}`;
  const excluded = [...ownPorts, ...numbers(annotations["traffic.sidecar.istio.io/excludeInboundPorts"])];
  const included = annotations["traffic.sidecar.istio.io/includeInboundPorts"] ?? "*";
  const some = numbers(included);
  return [
    `iifname "lo" return`,
    `ip saddr ${probeFrom} return`,
    `tcp dport ${set(excluded)} return`,
    ...(included === "*" ? [`tcp dport 1-65535 ${to}`] : some.length > 0 ? [`tcp dport ${set(some)} ${to}`] : []),
  ];
}

/** Rules of the machine's own table: what leaves the mesh's range gets the machine's address. */
export function masqueradeRules(table: string, bridge: string, range: string): string {
  return [
    `table ip ${table} {`,
    "  chain postrouting {",
    "    type nat hook postrouting priority 100; policy accept;",
    `    ip saddr ${range} ip daddr != ${range} oifname != "${bridge}" masquerade`,
    "  }",
    "}",
    "",
  ].join("\n");
}

function numbers(text: string | undefined): number[] {
  const list = (text ?? "").split(",").map((part) => part.trim());
  return list
    .filter((part) => /^\d+$/.test(part))
    .map(Number)
    .filter((port) => port > 0 && port < 65_536);
}

function ranges(text: string | undefined): string[] {
  const list = (text ?? "").split(",").map((part) => part.trim());
  return list.filter((part) => parseRange(part) !== undefined);
}

function set(items: readonly (number | string)[]): string {
  return `{ ${[...new Set(items)].join(", ")} }`;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}
