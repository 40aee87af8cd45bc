import type { ProxySummary } from "../cli-contract.ts";
import { envoyFault } from "./envoy-faults.ts";
import { type Found, some } from "./found.ts";

const hourMs = 3_600_000;

export function outOfSync(proxies: readonly ProxySummary[]): readonly Found[] {
  const refused = proxies.filter((p) => p.connected && Object.values(p.types).some((t) => t.state === "ERROR"));
  const stale = proxies.filter((p) => p.connected && Object.values(p.types).some((t) => t.state === "STALE"));
  return [
    ...some(
      refused.map((p) => p.id),
      "failed",
      "refused a part of their configuration",
      "weft proxy-status POD has Envoy's words",
    ),
    ...some(
      stale.map((p) => p.id),
      "warning",
      "have not acknowledged yet what was sent",
      "weft proxy-status shows what",
    ),
  ];
}

export function ending(proxies: readonly ProxySummary[], now: number): readonly Found[] {
  const soon = proxies.filter(
    (p) => p.connected && p.certificateExpiresAt !== undefined && p.certificateExpiresAt - now < hourMs,
  );
  return some(
    soon.map((p) => p.id),
    "failed",
    "have certificates that end within the hour",
    "they are renewed long before: see the control plane's log",
  );
}

const running = (proxies: readonly ProxySummary[]): readonly string[] => [
  ...new Set(proxies.flatMap((p) => (p.connected && p.envoyVersion !== undefined ? [p.envoyVersion] : []))),
];

export function vulnerable(proxies: readonly ProxySummary[]): readonly Found[] {
  return running(proxies)
    .map(envoyFault)
    .filter((fault) => fault !== undefined)
    .map((fault) => ({
      outcome: "failed",
      says: fault,
      hint: "use Weft's own image of the proxy, and restart the workloads",
    }));
}

export function versions(proxies: readonly ProxySummary[]): readonly Found[] {
  const all = [...running(proxies)];
  if (all.length < 2) return [];
  return [
    {
      outcome: "warning",
      says: `they are ${all.sort().join(" and ")}`,
      hint: "restart the workloads with the older one: kubectl rollout restart",
    },
  ];
}
