import { run } from "./command.ts";
import type { Place } from "./network.ts";
import type { Workload } from "./workload.ts";

/** One port of a Service under its own address, and who stands behind it now. */
export interface ServiceAddress {
  readonly address: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly targets: readonly { readonly address: string; readonly port: number }[];
}

/**
 * True for a Pod some of whose traffic no proxy sees: one without a proxy, or one that keeps ports or ranges away from it. It needs what
 * kube-proxy does for a Pod.
 */
export function needsServices({ proxy, annotations }: Pick<Workload, "proxy" | "annotations">): boolean {
  const around = /^traffic\.sidecar\.istio\.io\/(exclude|include)Outbound/;
  return proxy === "plain" || (proxy === "sidecar" && Object.keys(annotations).some((name) => around.test(name)));
}

/**
 * nftables rules for a Pod's own namespace that lead the addresses of Services to those behind them, each connection to one at random; one
 * with nobody behind it is refused. They come after capture: what a proxy takes never meets them.
 */
export function serviceRules(services: readonly ServiceAddress[]): string {
  const chains: string[] = [];
  const leads: string[] = [];
  const refusals: string[] = [];
  for (const { address, port, protocol, targets } of services) {
    const to = `ip daddr ${address} ${protocol} dport ${port}`;
    refusals.push(`    ${to} ${protocol === "tcp" ? "reject with tcp reset" : "reject"}`);
    if (targets.length === 0) continue;
    const choices = targets.map((target, i) => {
      chains.push(
        `  chain e${chains.length} {\n    ip protocol ${protocol} dnat to ${target.address}:${target.port}\n  }`,
      );
      return `${i} : goto e${chains.length - 1}`;
    });
    leads.push(`    ${to} numgen random mod ${targets.length} vmap { ${choices.join(", ")} }`);
  }
  return [
    "add table ip weft-services",
    "delete table ip weft-services",
    "table ip weft-services {",
    ...chains,
    "  chain output {",
    "    type nat hook output priority -99; policy accept;",
    ...leads,
    "  }",
    // What was led somewhere has another address by now.
    "  chain refuse {",
    "    type filter hook output priority 0; policy accept;",
    ...refusals,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** Puts the rules into a Pod's namespace, in place of what was there. */
export async function applyServices(place: Place, services: readonly ServiceAddress[]): Promise<void> {
  if (place.holder !== undefined) await run([...place.enter, "nft", "-f", "-"], serviceRules(services));
}
