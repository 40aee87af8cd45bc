import type { Health } from "../../../src/api/contract/health.ts";
import type { ProxyState, Workload } from "../../../src/api/contract/workloads.ts";
import { count } from "../format/quantity.ts";

/** The shape that stands for a state of sync. */
export const syncHealth: Readonly<Record<ProxyState["sync"], Health>> = {
  synced: "healthy",
  stale: "degraded",
  refused: "failing",
  disconnected: "unknown",
};

/** What a state of sync means, in a sentence. */
export const syncWords: Readonly<Record<ProxyState["sync"], string>> = {
  synced: "holds what was sent to it",
  stale: "has not acknowledged the newest configuration yet",
  refused: "refused configuration and keeps what it had",
  disconnected: "is not connected; it goes on with what it has",
};

const worstFirst: readonly ProxyState["sync"][] = ["refused", "disconnected", "stale", "synced"];

export interface SyncSummary {
  readonly health: Health;
  readonly text: string;
  /** Sorts the worst first. */
  readonly rank: number;
}

/** All proxies of a workload in a few words: `2 synced`, `1 of 2 refused`, `no proxy`. */
export function summary(proxies: Workload["proxies"]): SyncSummary {
  const worst = worstFirst.find((state) => proxies.some((p) => p.sync === state));
  if (!worst) return { health: "unknown", text: "no proxy", rank: worstFirst.length };
  const many = proxies.filter((p) => p.sync === worst).length;
  const text =
    many === proxies.length ? (many === 1 ? worst : `${many} ${worst}`) : `${many} of ${proxies.length} ${worst}`;
  return { health: syncHealth[worst], text, rank: worstFirst.indexOf(worst) };
}

/** The first certificate to expire, as a time; absent without certificates. */
export function firstExpiry(proxies: Workload["proxies"]): number | undefined {
  const times = proxies.flatMap((p) => (p.certificateExpiresAt === undefined ? [] : [p.certificateExpiresAt]));
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The application in words: `running`, `1 of 2 crashed`. */
export function application(workload: Workload): { readonly health: Health; readonly text: string } {
  const { proxies, replicas } = workload;
  const crashed = proxies.filter((p) => p.application === "crashed").length;
  if (crashed > 0)
    return {
      health: "failing",
      text: crashed === proxies.length ? "crashed" : `${crashed} of ${proxies.length} crashed`,
    };
  const starting = proxies.filter((p) => p.application === "starting").length;
  if (starting > 0)
    return {
      health: "degraded",
      text: starting === proxies.length ? "starting" : `${starting} of ${proxies.length} starting`,
    };
  if (replicas.ready < replicas.desired)
    return { health: "degraded", text: `${replicas.ready} of ${replicas.desired} ready` };
  return { health: "healthy", text: count(replicas.ready, "replica") };
}
