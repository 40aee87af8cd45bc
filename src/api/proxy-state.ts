import type { ProxySummary, SyncState } from "./cli-contract.ts";
import type { ProxyState } from "./contract/workloads.ts";
import type { PodStatus, ProxyStatus, TypeStatus } from "./state.ts";

/** The types of a proxy's configuration, in the order in which people read them. */
const xdsTypes = ["CDS", "LDS", "EDS", "RDS", "SRDS", "SDS"] as const;

/** `reviews-v1-0.default`. */
export function proxyId(status: ProxyStatus): string {
  return `${status.proxy.name}.${status.proxy.namespace}`;
}

/** How far a proxy is: refused before disconnected before stale, whatever is worse. */
export function syncOf(status: ProxyStatus): ProxyState["sync"] {
  const types = [...status.types.values()];
  if (!status.connected) return "disconnected";
  if (types.some((t) => t.error !== undefined)) return "refused";
  return types.length === 0 || types.some((t) => t.acked < t.sent) ? "stale" : "synced";
}

/** A proxy as the console shows it, with the pod that it stands in where that is known. */
export function proxyState(status: ProxyStatus, pod: PodStatus | undefined): ProxyState {
  return {
    id: proxyId(status),
    address: status.proxy.ips[0] ?? "",
    sync: syncOf(status),
    types: Object.fromEntries(inOrder(status.types)),
    ...times(status),
    ...(status.changedAt === undefined ? {} : { changedAt: status.changedAt }),
    ...(status.envoyVersion ? { envoyVersion: status.envoyVersion } : {}),
    restarts: status.restarts,
    application: status.proxy.kind === "router" ? "none" : (pod?.application ?? "none"),
  };
}

/** A proxy as `weft proxy-status` shows it. */
export function proxySummary(status: ProxyStatus): ProxySummary {
  return {
    id: proxyId(status),
    namespace: status.proxy.namespace,
    pod: status.proxy.name,
    workload: status.proxy.workload,
    kind: status.proxy.kind,
    kubeCluster: status.proxy.kubeCluster,
    address: status.proxy.ips[0] ?? "",
    connected: status.connected,
    ...(status.envoyVersion ? { envoyVersion: status.envoyVersion } : {}),
    types: Object.fromEntries(
      [...new Set([...xdsTypes, ...status.types.keys()])].map((type) => {
        const one = status.types.get(type);
        return [type, { state: syncState(one), ...(one ?? { sent: 0, acked: 0 }) }];
      }),
    ),
    ...times(status),
  };
}

function syncState(type: TypeStatus | undefined): SyncState {
  if (type === undefined) return "NOT SENT";
  if (type.error !== undefined) return "ERROR";
  return type.acked < type.sent ? "STALE" : "SYNCED";
}

function inOrder(types: ReadonlyMap<string, TypeStatus>): [string, TypeStatus][] {
  const place = (type: string) => (xdsTypes as readonly string[]).indexOf(type) + 1 || xdsTypes.length + 1;
  return [...types].sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1));
}

function times(status: ProxyStatus) {
  return {
    ...(status.lastAckAt === undefined ? {} : { lastAckAt: status.lastAckAt }),
    ...(status.certificateExpiresAt === undefined ? {} : { certificateExpiresAt: status.certificateExpiresAt }),
  };
}
