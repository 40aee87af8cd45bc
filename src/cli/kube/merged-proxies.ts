import type { ProxySummary } from "../../api/cli-contract.ts";
import { proxiesOf } from "../proxies.ts";
import type { ClusterApi } from "./cluster-api.ts";

/** A proxy, and the replica that told of it. */
export interface ServedProxy extends ProxySummary {
  readonly controlPlane: string;
}

export interface MergedProxies {
  readonly items: readonly ServedProxy[];
  /** What each replica that did not answer said: `weft-5b8c: connection closed`. */
  readonly silent: readonly string[];
}

/** The proxies of all replicas, each once: as the replica has it that serves it now, else the one that heard of it last. Rejects where none answers. */
export async function mergedProxies(apis: readonly ClusterApi[]): Promise<MergedProxies> {
  const answers = await Promise.allSettled(
    apis.map(async ({ replica, client }) =>
      (await proxiesOf(client)).map((proxy) => ({ ...proxy, controlPlane: replica.pod })),
    ),
  );
  const [first] = answers;
  if (first?.status === "rejected" && answers.every((answer) => answer.status === "rejected")) throw first.reason;
  const best = new Map<string, ServedProxy>();
  for (const proxy of answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))) {
    const before = best.get(proxy.id);
    if (before === undefined || isNewer(proxy, before)) best.set(proxy.id, proxy);
  }
  return {
    items: [...best.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    silent: answers.flatMap((answer, i) =>
      answer.status === "rejected" ? [`${apis[i]?.replica.pod}: ${(answer.reason as Error).message}`] : [],
    ),
  };
}

function isNewer(a: ProxySummary, b: ProxySummary): boolean {
  if (a.connected !== b.connected) return a.connected;
  return (a.lastAckAt ?? 0) > (b.lastAckAt ?? 0);
}
